"""Runs the wizard without a terminal, and steps that most scripts share."""

from pathlib import Path

from generator.authoring.draft import Draft
from generator.rendering.template import open_examples, open_template
from generator.repository.build import build
from generator.wizard.preview import Preview
from generator.wizard.run import WizardRequest, ask_with
from pulumi_stacks.spec.model import Spec
from pulumi_stacks.system import load
from tests.wizard.script import Script

ROOT = Path(__file__).resolve().parents[2]
FULL = ROOT / "examples" / "03-full" / "cn.yaml"
TEMPLATE = open_template()
EXAMPLES = open_examples()
MENU, PREVIEW, WRITE = "in the folder", ("in the folder", "Preview"), ("files for", "Write")
EMPTY = (("Start from", "empty"), ("Name of the system", "shop"))


def run(script: Script, given: Draft | None = None, options: tuple[str, ...] = ()) -> Preview:
    request = WizardRequest(
        given or Draft("", environments=()),
        "command line",
        destination_of=Path,
        build=lambda data, source: build(data, source, TEMPLATE),
        options=options,
        writes="--plan" not in options,
        merges="--merge" in options,
    )
    found = ask_with(script, request, TEMPLATE, EXAMPLES)
    assert script.steps == []
    return found


def spec_of(found: Preview) -> Spec:
    return load(found.project.tree["cn.yaml"].data)


def new_service(name: str, route: str | None = None, calls: tuple[str, ...] | None = None) -> list:
    """Add a service of the first runtime with a database, and go on to the menu."""
    asked = [
        (MENU, "+ Add"),
        ("Name of the service", name),
        ("Runtime", None),
        ("Database", None),
        ("Public path", route),
    ]
    return [*asked, *([("it calls", calls)] if calls is not None else [])]
