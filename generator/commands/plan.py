"""`cn plan`: the changes of cn.yaml to a repository with edited files. Writes nothing."""

from __future__ import annotations

import argparse

from generator.cli.project_root import SPEC, find_project
from generator.cli.spec_input import read_spec
from generator.rendering.template import open_template
from generator.repository import baseline, plan_document, plan_text
from generator.repository.build import build
from generator.repository.update_plan import RENEW_BASELINE, make_plan
from generator.result import DIFFERENT, DONE, CommandResult

_NO_APPLY = """\
Nothing was written: cn has no command yet that applies a plan. To apply all changes except
conflicts, commit your work and run in the project's folder:"""
_APPLY = 'cn plan --diff | git apply --whitespace=nowarn --directory="$(git rev-parse --show-prefix)"'
_RENEWED = "The last two lines renew .cn-new/, so that the next plan starts from there."
_NEXT_STEPS = "\n  ".join((_NO_APPLY, _APPLY, *RENEW_BASELINE)) + f"\n{_RENEWED}"


def run(arguments: argparse.Namespace) -> CommandResult:
    """Return the plan; the exit code is DIFFERENT if there are changes to apply."""
    folder = find_project(arguments.project)
    last = baseline.read(folder)
    template = open_template()
    spec = str(folder / SPEC) if arguments.spec is None else arguments.spec
    data, source = read_spec(spec)
    plan = make_plan(folder, last, build(data, source, template), template, diffs=arguments.diff)
    code = DIFFERENT if plan.something_to_do else DONE
    if arguments.quiet:
        return CommandResult("", code)
    if arguments.json:
        return CommandResult(plan_document.to_json(plan), code)
    return CommandResult(plan_text.text(plan, _NEXT_STEPS), code, document=arguments.diff)
