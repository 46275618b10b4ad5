"""What exactly is generated from each example: what loops over the spec in full, the rest by its hash.

Of a later example, only files with a line that no earlier one has are kept.

`pytest --update-golden tests/golden` updates the expected files; read the diff.
"""

import difflib
import hashlib
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from generator.rendering.file_tree import Tree
from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.plan.scope import BASE_IMAGES
from pulumi_stacks.spec.model import Spec
from pulumi_stacks.system import load, resolve

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir())
# A kept .gitignore or __main__.py must be neither one for git nor for the linters.
SUFFIX = ".golden"
LISTED = ("services/*", "infra/pulumi_stacks/*", "infra/cn.schema.json")
KEPT_OF_SERVICES = ("services/*/README.md", "services/*/pyproject.toml", "services/*/app/settings.py")
CARRIED = "infra/pulumi_stacks/"


def is_kept(path: str) -> bool:
    def among(patterns: tuple[str, ...]) -> bool:
        return any(fnmatch(path, pattern) for pattern in patterns)

    return among(KEPT_OF_SERVICES) or not among(LISTED)


@cache
def spec_of(example: str) -> Spec:
    return load((ROOT / "examples" / example / "cn.yaml").read_bytes())


@cache
def generated(example: str) -> Tree:
    return render(open_template(), resolve(spec_of(example)).answers())


@cache
def shown(example: str, path: str) -> frozenset[str]:
    """Return the lines of a file, with what people call the system and its environments taken out."""
    file = generated(example).get(path)
    if file is None:
        return frozenset()
    spec = spec_of(example)
    own = "|".join(map(re.escape, filter(None, (spec.description, spec.owner, spec.name))))
    text = re.sub(rf"(?<![\w@])(?:{own})(?!\w)", "NAME", file.data.decode())
    return frozenset(re.sub(rf"\b(?:{'|'.join(spec.environments)})\b", "ENV", text).splitlines())


def is_new(example: str, path: str) -> bool:
    """Whether a file has a line that it has in no earlier example."""
    earlier = (shown(other, path) for other in EXAMPLES[: EXAMPLES.index(example)])
    return bool(shown(example, path).difference(*earlier))


def content(example: str, path: str, data: bytes) -> str:
    if is_kept(path) and is_new(example, path):
        return "kept"
    return "copy" if path.startswith(CARRIED) else hashlib.sha256(data).hexdigest()


def wanted_files(example: str) -> dict[str, bytes]:
    """Return the kept files, and a line for each: mode, hash (or the source that it is a copy of), path."""
    tree = generated(example)
    contents = {path: content(example, path, file.data) for path, file in tree.items()}
    lines = [f"{file.mode:o} {contents[path]} {path}\n" for path, file in tree.items()]
    kept = {f"{path}{SUFFIX}": file.data for path, file in tree.items() if contents[path] == "kept"}
    return {"paths.txt": "".join(lines).encode(), **kept}


def golden_files(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def update(folder: Path, wanted: dict[str, bytes]) -> None:
    for name in golden_files(folder).keys() - wanted.keys():
        (folder / name).unlink()
    for name, data in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def difference(name: str, golden: bytes, found: bytes) -> str:
    before, after = (data.decode(errors="replace").splitlines(keepends=True) for data in (golden, found))
    return "".join(difflib.unified_diff(before, after, f"golden/{name}", f"generated/{name}"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_gives_the_golden_files(example: str, update_golden: bool) -> None:
    found = wanted_files(example)
    if update_golden:
        update(GOLDEN / example, found)
    golden = golden_files(GOLDEN / example)
    differences = [
        difference(name, golden.get(name, b""), found.get(name, b""))
        for name in sorted(golden.keys() | found.keys())
        if golden.get(name) != found.get(name)
    ]
    assert not differences, "not as golden (make golden, then read the diff):\n" + "\n".join(differences)


def test_every_golden_folder_is_an_example() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name[0] != "_") == EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_repository_carries_the_sources_of_its_infrastructure_unchanged(example: str) -> None:
    carried = {path: file for path, file in generated(example).items() if path.startswith(CARRIED)}
    assert carried
    for path, file in carried.items():
        assert file.data == (ROOT / "pulumi_stacks" / path.removeprefix(CARRIED)).read_bytes(), path


@pytest.mark.parametrize("example", EXAMPLES)
def test_all_files_of_a_repository_name_the_same_base_images(example: str) -> None:
    runtimes = open_template().runtimes.values()
    known = {*BASE_IMAGES.values(), *(image for entry in runtimes for image in entry["base_images"].values())}
    names = "|".join(sorted({image.partition(":")[0] for image in known}))
    text = "\n".join(file.data.decode() for file in generated(example).values())
    found = set(re.findall(rf"(?<![\w/.-])(?:{names}):[0-9][\w.-]*", text))
    assert found - known == set()
