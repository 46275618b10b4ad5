import os
from pathlib import Path

import pytest

from generator.rendering.template import BUILT_IN, TemplateError, open_template
from tests.unit.template_files import COPIER, write_template

ROOT = Path(__file__).resolve().parents[3]
FILES = {"README.md": "x\n"}


def fault(root: Path) -> str:
    with pytest.raises(TemplateError) as caught:
        open_template(root)
    return str(caught.value)


def test_the_built_in_template_is_that_of_the_checkout() -> None:
    template = open_template()
    assert template.name == BUILT_IN
    assert template.digest == open_template(ROOT).digest
    assert template.runtimes["python"]["base_images"] == {"PYTHON_IMAGE": "python:3.13-slim"}


def test_every_runtime_has_what_shared_files_loop_over() -> None:
    common = {
        *("title", "contract", "base_images", "ignores", "locks", "editorconfig", "renovate", "tools"),
        *("devcontainer", "extensions", "names"),
    }
    for entry in open_template().runtimes.values():
        assert entry.keys() == common | ({"change"} if entry["contract"] else set())


def test_a_template_is_read_once(tmp_path: Path) -> None:
    template = open_template(write_template(tmp_path, FILES))
    (tmp_path / "templates/project/README.md").unlink()
    assert template.sources["templates/project/README.md"].data == b"x\n"


def test_the_digest_covers_contents_names_and_modes(tmp_path: Path) -> None:
    root = write_template(tmp_path, FILES)
    path = root / "templates/project/README.md"
    digests = [open_template(root).digest]
    path.chmod(0o755)
    digests.append(open_template(root).digest)
    path.write_text("y\n")
    digests.append(open_template(root).digest)
    path.rename(path.with_name("OTHER.md"))
    digests.append(open_template(root).digest)
    (root / "copier.yml").write_text(COPIER + "more: {type: str, default: x}\n")
    digests.append(open_template(root).digest)
    assert len(set(digests)) == len(digests)
    assert digests[-1] == open_template(root).digest


def test_clutter_is_not_a_part_of_a_template(tmp_path: Path) -> None:
    root = write_template(tmp_path, FILES)
    digest = open_template(root).digest
    write_template(root, {"__pycache__/a.pyc": "x", "b.pyc": "x", ".DS_Store": "x"})
    assert open_template(root).digest == digest


def test_a_folder_without_copier_yml_is_not_a_template(tmp_path: Path) -> None:
    assert (
        fault(tmp_path)
        == f"{tmp_path}: has no copier.yml; a template is a folder with copier.yml and templates/"
    )


@pytest.mark.parametrize("place", ["templates/project/link", "templates/link", "pulumi_stacks"])
def test_a_symbolic_link_is_refused(place: str, tmp_path: Path) -> None:
    root = write_template(tmp_path / "template", FILES)
    (root / place).symlink_to(tmp_path)
    assert f"{place}: is a symbolic link" in fault(root)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    root = write_template(tmp_path, FILES)
    os.mkfifo(root / "templates/project/pipe")
    assert "templates/project/pipe: is no regular file" in fault(root)


def test_a_name_that_windows_cannot_hold_is_refused(tmp_path: Path) -> None:
    root = write_template(tmp_path, {**FILES, "{{ name | upper }}.md": ""})
    assert "has '|' in its name" in fault(root)


@pytest.mark.parametrize(
    ("copier", "message"),
    [
        ("a: ]", "copier.yml:1: is not valid YAML"),
        ("[" * 500, "copier.yml:2: is not valid YAML"),
        ("[" * 500 + "]" * 500, "copier.yml: is nested deeper than 100 levels"),
        ("[" * 100_000, "copier.yml:"),
        ("- a", "copier.yml: is not a mapping"),
        (COPIER + "_tasks: [rm]", "copier.yml: _tasks: is a setting outside the supported subset (_envops, "),
        (COPIER + "_jinja_extensions: []", "copier.yml: _jinja_extensions: is a setting outside"),
        (COPIER.replace("StrictUndefined", "Undefined"), "copier.yml: _envops: must be exactly"),
        (COPIER + "_skip_if_exists: [README.md]", "copier.yml: _skip_if_exists: can be [cn.yaml] only"),
        (COPIER.replace("templates/project", ".."), "copier.yml: _subdirectory: there is no such folder"),
        (
            COPIER.replace("templates/project", "templates/other"),
            "copier.yml: _subdirectory: there is no such folder",
        ),
        (
            COPIER.replace("templates/project", "templates//project"),
            "copier.yml: _subdirectory: must be a plain path",
        ),
        (COPIER + "_templates_suffix: ''", "copier.yml: _templates_suffix: must be one suffix"),
        (COPIER + "_exclude: ['{{ name }}']", "copier.yml: _exclude: must be a list of plain patterns"),
        (COPIER + "more: x", "copier.yml: more: needs a mapping with a default"),
        (COPIER + "more: {type: str}", "copier.yml: more: needs a mapping with a default"),
        (COPIER + "more: {type: str, default: x, validator: x}", "copier.yml: more: has a validator"),
        (COPIER + "more: {type: str, default: x, choices: [x]}", "copier.yml: more: choices: is outside"),
        (
            COPIER + "more: {type: path, default: x}",
            "copier.yml: more: type: must be one of bool, float, int",
        ),
        (COPIER + "more: {default: x}", "copier.yml: more: type: must be one of"),
        (
            COPIER + "more: {type: str, default: x, when: '{{ name }}'}",
            "copier.yml: more: when: must be true or",
        ),
    ],
)
def test_what_is_outside_the_subset_is_refused_by_name(copier: str, message: str, tmp_path: Path) -> None:
    assert fault(write_template(tmp_path, FILES, copier)).startswith(message)


def test_runtimes_are_needed_only_when_asked_for(tmp_path: Path) -> None:
    template = open_template(write_template(tmp_path, FILES))
    with pytest.raises(TemplateError, match="runtimes: needs a default with one entry per runtime"):
        _ = template.runtimes
