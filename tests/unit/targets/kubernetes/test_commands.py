"""What a repository does with an environment on a cluster, beside deploying it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_stacks.targets.kubernetes import __main__ as commands
from pulumi_stacks.targets.kubernetes.kustomize import files
from tests.unit.clusters import LIVE, TIMEOUTS, plan
from tests.unit.fake_kubectl import FakeKubectl
from tests.unit.targets.kubernetes.test_kustomize import IMAGES, SPEC


@pytest.fixture(name="infra")
def _infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Pulumi program, below the spec."""
    folder = tmp_path / "infra"
    folder.mkdir()
    (tmp_path / "cn.yaml").write_text(json.dumps(SPEC))
    write(folder, {"cn:images": IMAGES, "cn:timeout": "99"})
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, settings: Any, name: str = LIVE) -> None:
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": settings}))


def test_manifests_are_written_and_what_is_not_a_longer_there_is_removed(infra: Path, capsys: Any) -> None:
    assert commands.main(["manifests", LIVE]) == 0
    folder = infra / "manifests" / LIVE
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == set(files(plan(SPEC), TIMEOUTS))
    assert b"progressDeadlineSeconds: 99" in first["service-ordering.yaml"]
    assert b"ghcr.io/acme/shop-orders@sha256:1" in first["service-ordering.yaml"]
    told = capsys.readouterr().out
    assert "infra/manifests/live/: 5 files" in told
    assert "create the Secret database--ordering with password and url first" in told
    (folder / "service-gone.yaml").write_text("stale")
    (folder / "notes.txt").write_text("mine")
    assert commands.main(["manifests", LIVE]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first | {"notes.txt": b"mine"}


def refused(capsys: Any, *words: str, code: int = 2) -> str:
    assert commands.main(words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    return str(captured.err)


def test_what_cannot_be_written_is_reported(infra: Path, capsys: Any) -> None:
    assert "manifests ENV" in refused(capsys)
    assert "manifests ENV" in refused(capsys, "manifests")
    assert "manifests ENV" in refused(capsys, "manifest", LIVE)
    assert (
        refused(capsys, "manifests", "prod")
        == "infra/Pulumi.prod.yaml: no such file; restore it with git restore\n"
    )
    write(infra, {}, "prod")
    told = "stack prod: no such environment in cn.yaml; choose a stack from dev, live\n"
    assert refused(capsys, "manifests", "prod") == told
    write(infra, {}, "dev")
    assert refused(capsys, "manifests", "dev") == "environments.dev: is not on a cluster\n"
    write(infra, {})
    assert refused(capsys, "manifests", LIVE).startswith(
        "cn:images.orders: is not set; run `make push ENV=live`"
    )
    assert not (infra / "manifests").exists()


@pytest.mark.parametrize("text", ["", "a: [", "- a\n", "config: [1]\n", "config: {cn:images: 5}\n"])
def test_a_stacks_file_that_is_invalid_is_reported(text: str, infra: Path, capsys: Any) -> None:
    (infra / f"Pulumi.{LIVE}.yaml").write_text(text)
    assert refused(capsys, "manifests", LIVE).startswith(("infra/Pulumi.live.yaml: ", "cn:images"))


def test_a_stacks_file_of_bytes_that_are_not_text_is_reported(infra: Path, capsys: Any) -> None:
    (infra / f"Pulumi.{LIVE}.yaml").write_bytes(b"config: \xff\n")
    assert refused(capsys, "manifests", LIVE).startswith("infra/Pulumi.live.yaml: ")


@pytest.mark.parametrize("seconds", ["soon", [1]])
def test_a_time_that_is_invalid_is_reported(seconds: Any, infra: Path, capsys: Any) -> None:
    write(infra, {"cn:images": IMAGES, "cn:timeout": seconds})
    told = f"cn:timeout: {seconds!r} is not a whole number of seconds\n"
    assert refused(capsys, "manifests", LIVE) == told


@pytest.mark.parametrize("seconds", [None, "", "0", 0])
def test_without_a_time_it_is_the_usual_one(seconds: Any, infra: Path) -> None:
    write(infra, {"cn:images": IMAGES, "cn:timeout": seconds})
    assert commands.main(["manifests", LIVE]) == 0
    text = (infra / "manifests" / LIVE / "gateway.yaml").read_text()
    assert "progressDeadlineSeconds: 180" in text


def test_a_spec_that_is_invalid_is_reported_with_its_places(infra: Path, capsys: Any) -> None:
    (infra.parent / "cn.yaml").write_text("name: shop\nservices: {a: {runtime: go, calls: [b]}}\n")
    assert refused(capsys, "manifests", LIVE).startswith("cn.yaml:2:")
    (infra.parent / "cn.yaml").unlink()
    assert "no such file" in refused(capsys, "manifests", LIVE)


def test_a_folder_that_cannot_be_made_is_reported(infra: Path, capsys: Any) -> None:
    (infra / "manifests").write_text("a file")
    assert refused(capsys, "manifests", LIVE, code=1).startswith("manifests live: ")


def test_the_data_of_an_environment_is_deleted_with_its_namespace(
    infra: Path, fake: FakeKubectl, capsys: Any
) -> None:
    write(infra, {"kubernetes:context": "admin"})
    fake.answer({**there("one"), "delete namespace alive --ignore-not-found --context=admin": ""})
    assert commands.main(["delete-data", LIVE]) == 0
    assert "deleted the namespace alive" in capsys.readouterr().out
    fake.answer({**there("one"), "delete": RuntimeError("forbidden")})
    assert refused(capsys, "delete-data", LIVE, code=1) == "delete-data live: forbidden\n"


def test_a_namespace_is_not_deleted_that_is_of_others_or_cannot_be_looked_at(
    infra: Path, fake: FakeKubectl, capsys: Any
) -> None:
    assert infra.is_dir()
    fake.answer({"get namespace alive": RuntimeError("no answer"), "delete": ""})
    assert refused(capsys, "delete-data", LIVE, code=1) == "delete-data live: no answer\n"
    fake.answer({**there("one"), "get namespace alive": {"metadata": {"uid": "one"}}, "delete": ""})
    assert refused(capsys, "delete-data", LIVE).startswith(
        "namespace alive not deleted: it does not belong to this system; to assign it to shop, run "
        "`kubectl label namespace alive"
    )
    assert not [line for line in fake.asked if line.startswith("delete")]
    fake.answer({"get namespace alive": "", "delete namespace alive --ignore-not-found": ""})
    assert commands.main(["delete-data", LIVE]) == 0


def test_what_is_kept_is_reported(infra: Path, fake: FakeKubectl, capsys: Any) -> None:
    fake.answer({"get persistentvolumeclaims": "persistentvolumeclaim/data-database--ordering-0\n"})
    assert commands.main(["kept", LIVE]) == 0
    told = capsys.readouterr().out
    assert "data-database--ordering-0" in told
    assert "make down ENV=live DATA=delete" in told
    assert all("--namespace=alive" in line for line in fake.asked)
    assert os.environ["PATH"].startswith(str(infra.parent))


def test_a_namespace_of_others_is_not_deleted(infra: Path, fake: FakeKubectl, capsys: Any) -> None:
    labels = {"app.kubernetes.io/part-of": "blog"}
    named = {"get namespace alive": {"metadata": {"uid": "one", "labels": labels}}}
    fake.answer({**there("one"), **named, "delete": ""})
    assert "namespace alive not deleted: it belongs to system blog" in refused(capsys, "delete-data", LIVE)
    assert not [line for line in fake.asked if line.startswith("delete")]


def keep(mark: str, uid: str = "") -> None:
    """Put a pulumi beside the kubectl that tells a state, which is empty without a mark."""
    program = Path(os.environ["PATH"].split(os.pathsep)[0]) / "pulumi"
    namespace = {"type": "kubernetes:core/v1:Namespace", "outputs": {"metadata": {"uid": uid}}}
    owner = {"type": "random:index/randomId:RandomId", "urn": "urn:x::owner", "outputs": {"hex": mark}}
    told = json.dumps({"deployment": {"resources": [namespace, owner]}})
    empty = json.dumps({"deployment": {}})
    program.write_text(f"#!/bin/sh\necho '{told if mark else empty}'\n")
    program.chmod(0o755)


def there(uid: str, mark: str = "") -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "shop"}
    return {
        "get namespace alive": {"metadata": {"uid": uid, "labels": labels}} if uid else "",
        "get configmap stack--owner": {"data": {"state": mark}} if mark else "",
        "get deployments,statefulsets": "",
    }


@pytest.mark.parametrize(
    ("kept", "found"),
    [("one", "one"), ("", ""), ("one", "other"), ("one", "")],
    ids=["the same", "nothing yet", "another cluster", "not there"],
)
def test_a_stack_is_changed_only_where_it_is(
    kept: str, found: str, infra: Path, fake: FakeKubectl, capsys: Any
) -> None:
    keep("mine" if kept else "", kept)
    fake.answer(there(found))
    if kept == found:
        assert commands.main(["check", LIVE]) == 0
        return
    told = refused(capsys, "check", LIVE)
    assert told.startswith("environments.live: its stack is not in the namespace 'alive' of the")
    assert "REFRESH=yes" in told


def test_what_another_state_has_there_is_neither_taken_down_nor_deleted(
    infra: Path, fake: FakeKubectl, capsys: Any
) -> None:
    fake.answer({**there("one", "theirs"), "delete": ""})
    for mark, uid in (("", ""), ("mine", "one")):
        keep(mark, uid)
        assert "'alive' was deployed from another Pulumi state" in refused(capsys, "check", LIVE)
    told = refused(capsys, "delete-data", LIVE)
    assert told.startswith("namespace alive not deleted: 'alive' was deployed from another Pulumi state")
    assert not [line for line in fake.asked if line.startswith("delete")]
    keep("theirs", "one")
    assert commands.main(["check", LIVE]) == 0


def test_a_cluster_that_does_not_answer_is_for_others_to_tell(infra: Path, fake: FakeKubectl) -> None:
    keep("mine", "one")
    assert commands.main(["check", LIVE]) == 0


def test_the_role_that_a_deployment_needs_is_printed(infra: Path, capsys: Any) -> None:
    assert commands.main(["rights", LIVE]) == 0
    role = yaml.safe_load(capsys.readouterr().out)
    assert (role["kind"], role["metadata"]["namespace"]) == ("Role", "alive")
    verbs = {resource: rule["verbs"] for rule in role["rules"] for resource in rule["resources"]}
    assert verbs["pods/log"] == ["get"]
    assert {"create", "delete", "patch"} <= set(verbs["deployments"])
    assert not {"create", "delete"} & set(verbs["pods"])


def test_a_namespace_in_which_others_run_is_not_deleted(infra: Path, fake: FakeKubectl, capsys: Any) -> None:
    running = {"get deployments,statefulsets": "deployment.apps/site\n"}
    fake.answer({**there("one"), **running, "delete": ""})
    told = refused(capsys, "delete-data", LIVE)
    assert "alive not deleted: it contains deployment.apps/site, not part of this stack" in told
    assert not [line for line in fake.asked if line.startswith("delete")]


def test_before_a_refresh_the_namespace_may_be_another_but_none_in_use(
    infra: Path, fake: FakeKubectl, capsys: Any
) -> None:
    keep("mine", "one")
    for found in (there(""), there("two"), there("one", "mine")):
        fake.answer(found)
        assert commands.main(["check-refresh", LIVE]) == 0
    fake.answer(there("two", "theirs"))
    assert "another Pulumi state" in refused(capsys, "check-refresh", LIVE)


def test_a_state_that_cannot_be_read_is_reported(infra: Path, fake: FakeKubectl, capsys: Any) -> None:
    program = Path(os.environ["PATH"].split(os.pathsep)[0]) / "pulumi"
    program.write_text("#!/bin/sh\necho 'no access' >&2\nexit 1\n")
    program.chmod(0o755)
    fake.answer(there("one", "theirs"))
    told = refused(capsys, "check", LIVE, code=1)
    assert told == "check live: cannot read the state of stack live: no access\n"
