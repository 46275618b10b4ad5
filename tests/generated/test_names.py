"""Names that a language, its tools, or git give a meaning: a service may have each of them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from generator.repository import writer
from generator.repository.build import build

RUNTIMES = {name: entry for name, entry in open_template().runtimes.items() if entry["contract"]}
# Run in each service's folder, beside the packages that the image of one of them has.
BUILDS = {
    "python": "python -c 'import app.main, app.server'",
    "node": "ln -s /srv/node_modules node_modules && npm pkg get name && npm run build",
    "go": "go build -o /dev/null .",
}


@pytest.fixture(scope="module", params=RUNTIMES)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a service of each name."""
    services = "".join(f'  "{name}": {{runtime: {request.param}}}\n' for name in names(request.param))
    folder = tmp_path_factory.mktemp("names") / request.param
    writer.create(
        folder,
        build(f"spec: 1\nname: names\nservices:\n{services}".encode(), "cn.yaml", open_template()).tree,
    )
    return folder


def names(runtime: str) -> list[str]:
    found: list[str] = RUNTIMES[runtime]["names"]
    return found


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def test_git_ignores_no_file_of_a_service(repository: Path, require: Callable[..., None]) -> None:
    require("git")
    run(repository, "git", "init", "--quiet")
    ignored = run(repository, "git", "ls-files", "--others", "--ignored", "--exclude-standard")
    assert ignored == ""


def test_a_service_of_each_name_is_built(repository: Path, require: Callable[..., None]) -> None:
    runtime = repository.name
    each = (
        f'for name in services/*; do (cd "$name" && {BUILDS[runtime]}) || {{ echo "$name"; exit 1; }}; done'
    )
    if runtime == "go":
        require("go")
        run(repository, "sh", "-c", each)
        return
    require("docker")
    image = f"cn-names-{runtime}"
    run(repository, "docker", "build", "--target=packages", f"--tag={image}", f"services/{names(runtime)[0]}")
    mount = f"--volume={repository}:/repository"
    script = f'export PATH="/venv/bin:$PATH"; cp -r /repository /tmp/own && cd /tmp/own && {each}'
    run(repository, "docker", "run", "--rm", mount, "--entrypoint=sh", image, "-c", script)
