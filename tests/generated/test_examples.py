"""Generated repositories under their own tools: what their developers would run first."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from generator.rendering.template import open_template
from generator.repository.build import build

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/cn.yaml"))


@pytest.fixture(scope="module", params=EXAMPLES)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The repository of one example, on disk."""
    from generator.repository import writer

    data = (ROOT / "examples" / request.param / "cn.yaml").read_bytes()
    folder = tmp_path_factory.mktemp("generated") / request.param
    writer.create(folder, build(data, "cn.yaml", open_template()).tree)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=900)


def clean(done: subprocess.CompletedProcess[str]) -> bool:
    assert done.returncode == 0, done.stdout + done.stderr
    return True


def test_every_service_passes_its_formatter_linter_types_and_tests(
    repository: Path, require: Callable[..., None]
) -> None:
    require("docker", "make")
    assert clean(run(repository, "make", "test"))


def runtimes(example: str) -> dict[str, str]:
    """Return a service of each runtime that an example has, by the name of the runtime."""
    services = yaml.safe_load((ROOT / "examples" / example / "cn.yaml").read_text())["services"]
    contract = {name for name, entry in open_template().runtimes.items() if entry["contract"]}
    return {
        entry.get("runtime"): name
        for name, entry in reversed(services.items())
        if entry.get("runtime") in contract
    }


# Checks are those of a runtime: a fault in one service of each says whether they find it.
PLANTED = {runtime: example for example in reversed(EXAMPLES) for runtime in runtimes(example)}


def test_a_fault_in_a_service_is_found_by_its_own_checks(
    repository: Path, require: Callable[..., None]
) -> None:
    require("docker", "make")
    for runtime, service in runtimes(repository.name).items():
        if PLANTED[runtime] != repository.name:
            continue
        change = open_template().runtimes[runtime]["change"]
        source = repository / "services" / service / change["file"]
        sound = source.read_text()
        try:
            source.write_text(sound.replace(change["old"], change["new"]))
            assert run(repository, "make", f"test-{service}").returncode != 0, runtime
        finally:
            source.write_text(sound)


def test_a_fault_is_planted_in_each_runtime() -> None:
    assert PLANTED.keys() == {name for name, entry in open_template().runtimes.items() if entry["contract"]}


def test_the_carried_program_compiles_without_the_generator(repository: Path) -> None:
    check = "import compileall, sys; sys.exit(not compileall.compile_dir('infra', quiet=1))"
    assert clean(run(repository, sys.executable, "-I", "-B", "-c", check))
