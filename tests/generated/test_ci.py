"""Images that the scripts build, and the GitHub workflow as act executes it."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.repository import writer
from tests.repository.ci_repository import SPEC, Repository, make, rendered


def clean_up(*images: str) -> None:
    subprocess.run(("docker", "image", "rm", "--force", *images), capture_output=True, check=False)


def inspect(image: str, what: str) -> str:
    words = ("docker", "image", "inspect", "--format", what, image)
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


REGISTRY = os.environ.get("CN_REGISTRY", "127.0.0.1:5000")
LABEL = '{{index .Config.Labels "org.opencontainers.image.%s"}}'


def test_an_image_carries_version_commit_and_its_date(tmp_path: Path, require: Callable[..., None]) -> None:
    require("docker")
    name = f"ci-{os.getpid()}-stamped"
    shop = make(tmp_path / "shop", name, dockerfile="FROM scratch\nARG VERSION=dev\nLABEL version=$VERSION\n")
    commit = shop.git("rev-parse", "HEAD")
    repository = f"registry.example.com/team/pair-{name}"
    tags = [commit[:12], f"{commit[:12]}-dirty", "1.2"]
    images = [f"{repository}:{tag}" for tag in tags]
    try:
        assert shop.run("ci/image.sh", name).returncode == 0
        assert inspect(images[0], LABEL % "revision") == commit
        date = shop.git("log", "-1", "--format=%ct")
        for stamp in (inspect(images[0], "{{.Created}}"), inspect(images[0], LABEL % "created")):
            assert datetime.fromisoformat(stamp).timestamp() == int(date)
        shop.write({f"services/{name}/new": "1"})
        assert shop.run("ci/image.sh", name).returncode == 0
        assert shop.run("ci/image.sh", name, "1.2").returncode == 0
        assert [inspect(image, '{{index .Config.Labels "version"}}') for image in images] == tags
    finally:
        clean_up(*images)


def test_a_base_image_can_be_chosen_from_outside(tmp_path: Path, require: Callable[..., None]) -> None:
    require("docker")
    name = f"ci-{os.getpid()}-based"
    text = "ARG BASE_IMAGE=nowhere.invalid/none:1\nFROM ${BASE_IMAGE} AS test\nLABEL a=b\n"
    shop = make(tmp_path / "shop", name, dockerfile=text)
    assert shop.run("ci/test.sh", name).returncode != 0
    assert shop.run("ci/test.sh", name, variables={"BASE_IMAGE": "scratch"}).returncode == 0
    shop.write({f"services/{name}/Dockerfile": text.replace("nowhere.invalid/none:1", "scratch")})
    assert shop.run("ci/test.sh", name, variables={"BASE_IMAGE": "", "OTHER_IMAGE": "x"}).returncode == 0


def test_a_pushed_image_is_there_under_the_reference_that_is_printed(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("docker")
    try:
        urllib.request.urlopen(f"http://{REGISTRY}/v2/", timeout=10).close()
    except OSError as error:
        pytest.skip(f"no registry at {REGISTRY}: {error}")
    name, text = f"gitci-{os.getpid()}", "FROM scratch\nLABEL pushed=yes\n"
    place = "{prod: {target: kubernetes, state: local}}"
    spec = f"name: pushed\nregistry: {REGISTRY}/team\nenvironments: {place}\n"
    tree = rendered(f"{spec}services: {{api: {{runtime: go, route: /api}}}}\n".encode())
    shop = make(tmp_path / "shop", name, dockerfile=text)
    shop.write({path: file.data.decode() for path, file in tree.items() if path.startswith("ci/")})
    image = f"{REGISTRY}/team/pushed-{name}"
    tags = [f"{image}:1", f"{image}:2", f"{REGISTRY}/other/{name}:1"]
    try:
        first, second = (shop.run("ci/push.sh", name, tag) for tag in ("1", "2"))
        assert first.returncode == second.returncode == 0, first.stderr + second.stderr
        reference = first.stdout.strip()
        assert reference.startswith(f"{image}@sha256:")
        subprocess.run(("docker", "tag", tags[0], tags[2]), check=True)
        subprocess.run(("docker", "push", "--quiet", tags[2]), check=True, capture_output=True)
        third = shop.run("ci/push.sh", name, "1")
        assert third.stdout.strip() == reference, "the same image, which has digests of two repositories"
        clean_up(*tags)
        subprocess.run(("docker", "pull", "--quiet", reference), check=True, capture_output=True)
        assert inspect(reference, '{{index .Config.Labels "pushed"}}') == "yes"
        clean_up(reference)
    finally:
        clean_up(*tags)


def act(
    repository: Repository, name: str, event: dict[str, Any], room: Path
) -> tuple[int, dict[str, str], str]:
    """Execute the workflow; return its exit code, the result of each job, and what it printed."""
    room.mkdir()
    payload = room / "event.json"
    payload.write_text(json.dumps(event))
    home = {"XDG_CACHE_HOME": str(room / "cache"), "XDG_CONFIG_HOME": str(room / "config")}
    done = subprocess.run(
        (
            *("act", name, "--json", "--eventpath", str(payload), "--platform", "ubuntu-24.04=-self-hosted"),
            *("--action-offline-mode", "--no-cache-server"),
        ),
        cwd=repository.folder,
        env={**os.environ, **home},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    jobs = {line["job"].partition("/")[2].strip(): line["jobResult"] for line in lines if "jobResult" in line}
    return done.returncode, jobs, "".join(line.get("msg", "") for line in lines)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A whole generated repository with two services, committed; its images are removed afterwards."""
    name = f"ci-{os.getpid()}"
    spec = SPEC.replace(b"name: pair", f"name: {name}".encode()).replace(
        b"registry: registry.example.com/team\n", b""
    )
    folder = tmp_path_factory.mktemp("act") / "pair"
    writer.create(folder, rendered(spec))
    repository = Repository(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit()
    yield repository
    words = ("docker", "image", "ls", "--quiet", "--filter", f"reference={name}-*")
    images = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    subprocess.run(("docker", "image", "rm", "--force", *images), capture_output=True, check=False)


def test_a_push_runs_the_job_of_the_changed_service_alone(
    generated: Repository, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("docker", "act")
    before = generated.git("rev-parse", "HEAD")
    commit = generated.commit({"services/hello/app/extra.py": '"""One more module."""\n'})
    code, jobs, said = act(generated, "push", {"before": before}, tmp_path / "act")
    assert jobs == dict.fromkeys(("lint", "changes", "service (hello)", "ci-ok"), "success"), said[-4000:]
    assert code == 0
    name = yaml.safe_load((generated.folder / "cn.yaml").read_text())["name"]
    assert inspect(f"{name}-hello:{commit[:12]}", LABEL % "revision") == commit


def test_a_failing_test_makes_the_gate_of_a_pull_request_red(
    generated: Repository, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("docker", "act")
    before = generated.git("rev-parse", "HEAD")
    generated.commit({"services/world/tests/test_more.py": "def test_more() -> None:\n    assert not True\n"})
    event = {"pull_request": {"number": 1, "base": {"sha": before, "ref": "main"}, "head": {"ref": "topic"}}}
    code, jobs, said = act(generated, "pull_request", event, tmp_path / "act")
    assert "test_more" in said
    assert code != 0
    assert jobs == {"lint": "success", "changes": "success", "service (world)": "failure", "ci-ok": "failure"}
