"""The wheel and the sdist, as users without a checkout get them."""

import compileall
import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "generator/_template/"
FROM_CHECKOUT = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from generator.main import main_new
sys.exit(main_new())
"""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(root: Path, kind: str, into: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", into, cwd=root)
    suffix = "*.whl" if kind == "wheel" else "*.tar.gz"
    (built,) = into.glob(suffix)
    return built


def content(folder: Path) -> dict[str, tuple[bool, str]]:
    return {
        path.relative_to(folder).as_posix(): (
            os.access(path, os.X_OK),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def members(wheel: Path) -> dict[str, tuple[bool, str]]:
    with zipfile.ZipFile(wheel) as archive:
        return {
            entry.filename: (
                bool(entry.external_attr >> 16 & 0o100),
                hashlib.sha256(archive.read(entry)).hexdigest(),
            )
            for entry in archive.infolist()
            if not entry.filename.endswith("RECORD")
        }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an environment into which the parcel and nothing else was installed."""
    parcel: Path = request.getfixturevalue(request.param)
    room = tmp_path_factory.mktemp(f"room-{request.param}")
    run(sys.executable, "-m", "venv", room / "venv")
    run(room / "venv" / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", parcel, cwd=room)
    return room


def test_the_wheel_holds_the_template_as_git_knows_it(wheel: Path) -> None:
    names = ("copier.yml", "templates", "pulumi_stacks", "examples")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    expected = {
        name
        for name in listed.stdout.split("\0")
        if (ROOT / name).is_file() and (not name.startswith("pulumi_stacks") or name.endswith((".py", ".sh")))
    }
    held = {name.removeprefix(TEMPLATE) for name in members(wheel) if name.startswith(TEMPLATE)}
    assert held == expected
    assert "copier.yml" in held


def test_the_wheel_holds_only_the_two_packages(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in members(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"generator", "pulumi_stacks"}
    assert [name for name in members(wheel) if "__pycache__" in name or name.endswith(".pyc")] == []
    assert any(name.endswith("licenses/LICENSE") for name in members(wheel))


def test_the_wheel_holds_what_the_commands_read(wheel: Path) -> None:
    read = [path for path in (ROOT / "generator").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    names = {path.relative_to(ROOT).as_posix() for path in read}
    assert {
        "generator/graph/web/page.html.jinja",
        "generator/cli/shell/cn.zsh",
        "generator/doctor/tools.yml",
    } <= names
    assert names - members(wheel).keys() == set()


def test_the_wheel_keeps_the_mode_of_executable_template_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(TEMPLATE):
                source = ROOT / entry.filename.removeprefix(TEMPLATE)
                assert bool(entry.external_attr >> 16 & 0o100) == os.access(source, os.X_OK), entry.filename


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    again = build(unpacked, "wheel", tmp_path / "out")
    assert members(again) == members(wheel)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--defaults"], ["--spec", "cn.yaml"]], ids=["defaults", "shop"])
def test_an_installed_tool_makes_the_same_tree_as_the_checkout(
    installed: Path, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cn.yaml").write_bytes((ROOT / "examples/02-shop/cn.yaml").read_bytes())
    run(installed / "venv" / "bin" / "cn-new", "hello", *words, "--into", tmp_path / "theirs", cwd=tmp_path)
    run(sys.executable, "-c", FROM_CHECKOUT, ROOT, "hello", *words, "--into", tmp_path / "ours", cwd=tmp_path)
    assert content(tmp_path / "theirs") == content(tmp_path / "ours")
    assert len(content(tmp_path / "theirs")) > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [["graph", "--format=html"], ["completion", "zsh"], ["__complete", "zsh", "cn-new", "--service=a:"]],
)
def test_an_installed_cn_prints_what_the_checkout_prints(
    installed: Path, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cn.yaml").write_bytes((ROOT / "examples/02-shop/cn.yaml").read_bytes())
    ours = FROM_CHECKOUT.replace("main_new", "main_cn")
    printed = run(installed / "venv" / "bin" / "cn", *words, cwd=tmp_path)
    assert printed == run(sys.executable, "-c", ours, ROOT, *words, cwd=tmp_path)
    assert len(printed) > 10


@pytest.mark.slow
def test_compiled_files_never_reach_a_project(installed: Path, tmp_path: Path) -> None:
    (template,) = installed.glob("venv/lib/python*/site-packages/generator/_template")
    compileall.compile_dir(template, quiet=2, force=True)
    compileall.compile_dir(template, quiet=2, force=True, legacy=True)
    assert list(template.rglob("*.pyc"))
    run(installed / "venv" / "bin" / "cn-new", "hello", "--defaults", cwd=tmp_path)
    assert [name for name in content(tmp_path / "hello") if name.endswith(".pyc")] == []
    assert len(content(tmp_path / "hello")) > 10


@pytest.mark.slow
def test_an_installed_tool_needs_neither_copier_nor_pulumi(installed: Path) -> None:
    listed = run(
        installed / "venv" / "bin" / "python", "-m", "pip", "list", "--format", "freeze", cwd=installed
    )
    names = {line.split("==")[0].lower() for line in listed.splitlines()}
    assert "cn-new" in names
    assert names & {"copier", "pulumi", "pytest", "jinja2-ansible-filters"} == set()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["cn", "cn-new"])
def test_both_commands_are_installed_and_help(installed: Path, command: str) -> None:
    assert "usage" in run(installed / "venv" / "bin" / command, "--help", cwd=installed).lower()
