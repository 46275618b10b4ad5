import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("generator", "pulumi_stacks")
LOCK_NAMES = re.compile(
    r"(^|/)(requirements[^/]*\.txt|requirements/.*\.txt|package-lock\.json|\.npmrc|go\.sum|go\.mod|[^/]*\.lock)(\.jinja)?$"
)
# Modules whose distribution has another name.
DISTRIBUTION = {
    "yaml": "pyyaml",
    "prompt_toolkit": "prompt-toolkit",
    "pydantic_core": "pydantic",
    "pulumi_docker": "pulumi-docker",
    "pulumi_kubernetes": "pulumi-kubernetes",
    "pulumi_random": "pulumi-random",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def declared(table: dict[str, list[str]] | list[str]) -> set[str]:
    lines = table if isinstance(table, list) else [line for lines in table.values() for line in lines]
    return {re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in lines}


def imported(package: str) -> set[str]:
    names: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).split(".")[0])
    names -= {*PACKAGES, *sys.stdlib_module_names}
    return {DISTRIBUTION.get(name, name) for name in names}


def project() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def _without_funding(path: Path) -> str:
    """Return a lock file without what npm notes of how to fund a package: it does not come from there."""
    text = path.read_text()
    return re.sub(r'"funding": (\{[^}]*\}|\[[^]]*\]|"[^"]*")', "", text) if ".json" in path.name else text


def test_no_lock_file_names_an_address() -> None:
    locks = [path for path in tracked() if LOCK_NAMES.search(path.relative_to(ROOT).as_posix())]
    assert ROOT / "requirements" / "dev.txt" in locks
    faults = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in locks
        for number, line in enumerate(_without_funding(path).splitlines(), 1)
        if re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", line)
    ]
    assert faults == []


def test_every_locked_requirement_has_hashes() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > len(declared(project()["dependencies"]))
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


def test_every_requirement_is_locked() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    table = project()
    wanted = declared(table["dependencies"]) | declared(table["optional-dependencies"]) | declared(groups)
    locked = set(
        re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE)
    )
    assert wanted - locked == set()


def test_no_tracked_file_names_a_place_of_one_machine() -> None:
    # Written in pieces, or this file would name them itself.
    words = re.compile(
        rb"/\.pye" rb"nv/versions/3|/work" rb"/(main|shared)|/opt" rb"/cn-tools|\.\./sha" rb"red"
    )
    allowed = {".ci/run"}
    faults = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.relative_to(ROOT).as_posix() not in allowed
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if words.search(line)
    ]
    assert faults == []


def test_every_imported_library_is_declared_and_every_declared_one_is_imported() -> None:
    table = project()
    needed = declared(table["dependencies"])
    optional = declared(table["optional-dependencies"])
    used = imported("generator") | imported("pulumi_stacks")
    assert used - needed - optional == set()
    assert needed - used == set()


def test_every_dependency_has_its_reason_in_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    table = project()
    names = declared(table["dependencies"]) | declared(table["optional-dependencies"]) | declared(groups)
    assert [name for name in sorted(names) if f"| `{name}` |" not in text] == []


def test_text_files_end_lines_with_line_feeds_alone() -> None:
    assert [path.name for path in tracked() if b"\r\n" in path.read_bytes()] == []
