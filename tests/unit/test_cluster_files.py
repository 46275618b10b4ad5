"""An environment on a cluster as files, and the commands that a repository has for it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_stacks.kubernetes import __main__ as commands
from pulumi_stacks.kubernetes.files import files, secrets
from pulumi_stacks.kubernetes.settings import SettingsError, database_url, missing
from pulumi_stacks.kubernetes.system import System
from tests.unit.clusters import LIMITS, LIVE, Object, Spec, example, live, manifests, plan
from tests.unit.fake_kubectl import FakeKubectl

SPEC: Spec = live(
    {
        "name": "shop",
        "environments": {"dev": {"target": "docker"}},
        "services": {
            "orders": {"runtime": "python", "database": "postgres", "route": "/orders", "id": "ordering"},
            "namespace": {"image": "caddy:2", "command": ["a: b", "# c", "two\u00e9", "1.10", "no"]},
        },
    }
)
IMAGES = {"orders": "ghcr.io/acme/shop-orders@sha256:1"}


def flat(system: System, decided: Any) -> list[Object]:
    found = [system.namespace(), system.nobody()]
    for service in (*decided.services, None):
        settings = system.settings(service)
        name = settings["metadata"]["name"]
        bundle = system.service(service, name, f"{service.key}-database") if service else system.gateway(name)
        found += [settings, *bundle.objects]
    return found


@pytest.mark.parametrize("spec", [SPEC, live(example("03-full"))], ids=["names", "full"])
def test_files_read_back_as_the_objects_that_a_stack_makes(spec: Spec) -> None:
    decided = plan(spec)
    made = json.loads(json.dumps(flat(System(decided, LIMITS), decided)))
    assert manifests(decided) == made


def test_every_service_has_a_file_of_its_own_that_none_of_the_others_is() -> None:
    found = files(plan(SPEC), LIMITS)
    assert sorted(found) == [
        "gateway.yaml",
        "kustomization.yaml",
        "namespace.yaml",
        "service-namespace.yaml",
        "service-ordering.yaml",
    ]
    assert files(plan(SPEC), LIMITS) == found
    assert all(text.endswith("\n") and "\r" not in text and "&id" not in text for text in found.values())


def test_a_text_of_many_lines_is_written_as_it_is() -> None:
    text = files(plan(SPEC), LIMITS)["gateway.yaml"]
    assert "  CADDYFILE: |\n    {\n    \tadmin off\n" in text


def test_the_secrets_that_people_make_are_named_with_their_keys() -> None:
    assert secrets(plan(SPEC)) == {"ordering-database": ("password", "url")}
    assert secrets(plan(SPEC, pulls=True))["registry"] == (".dockerconfigjson",)
    services = {"a": {"runtime": "go", "database": "postgres", "egress": "internet"}}
    assert secrets(plan(live({"name": "s", "services": services}, database="external"))) == {
        "a-database": ("url",)
    }


@pytest.mark.parametrize(("text", "told"), [
    (None, "cn:database_urls.a: is not set, and the database is external"),
    ("{", "cn:database_urls is not a map of texts"),
    ("[]", "cn:database_urls is not a map of texts"),
    ('{"a": 5}', "cn:database_urls.a: is not set"),
    ('{"b": "x"}', "pulumi config set --stack live --secret --path cn:database_urls.a` in infra/"),
])  # fmt: skip
def test_an_address_that_is_not_set_is_told_with_its_key(text: str | None, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        database_url(text, "a", LIVE)
    assert told in str(refused.value)


def test_an_address_that_is_set_is_taken() -> None:
    assert database_url('{"a": "postgresql://x"}', "a", LIVE) == "postgresql://x"


def test_every_image_that_is_not_pushed_is_named_and_the_class_of_a_gateway() -> None:
    assert list(missing(plan(SPEC))) == [
        (
            "cn:images.orders: is not set; `make push ENV=live` builds the image, pushes it as "
            "ghcr.io/acme/shop-orders and sets it"
        )
    ]
    assert list(missing(plan(SPEC, images=IMAGES))) == []
    through = live(SPEC, gateway="gateway-api", domain="a.example")
    assert list(missing(plan(through, images=IMAGES))) == [
        (
            "cn:gateway_class: is not set; environments.live.gateway needs the name of a GatewayClass "
            "of the cluster"
        )
    ]
    assert list(missing(plan(through, images=IMAGES, entry_class="some"))) == []


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


def test_manifests_are_written_and_what_is_no_longer_there_is_removed(infra: Path, capsys: Any) -> None:
    assert commands.main(["manifests", LIVE]) == 0
    folder = infra / "manifests" / LIVE
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == set(files(plan(SPEC), LIMITS))
    assert b"progressDeadlineSeconds: 99" in first["service-ordering.yaml"]
    assert b"ghcr.io/acme/shop-orders@sha256:1" in first["service-ordering.yaml"]
    told = capsys.readouterr().out
    assert "infra/manifests/live/: 5 files" in told
    assert "make the Secret ordering-database with password and url first" in told
    (folder / "service-gone.yaml").write_text("stale")
    (folder / "notes.txt").write_text("mine")
    assert commands.main(["manifests", LIVE]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first | {"notes.txt": b"mine"}


def refused(capsys: Any, *words: str, code: int = 2) -> str:
    assert commands.main(words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    return str(captured.err)


def test_what_cannot_be_written_is_told(infra: Path, capsys: Any) -> None:
    assert "manifests ENV" in refused(capsys)
    assert "manifests ENV" in refused(capsys, "manifests")
    assert "manifests ENV" in refused(capsys, "manifest", LIVE)
    assert refused(capsys, "manifests", "prod") == "there is no infra/Pulumi.prod.yaml\n"
    write(infra, {}, "prod")
    told = "environment 'prod' is not in cn.yaml (it has dev, live); a stack is named like its environment\n"
    assert refused(capsys, "manifests", "prod") == told
    write(infra, {}, "dev")
    assert refused(capsys, "manifests", "dev") == "environments.dev: is not on a cluster\n"
    write(infra, {})
    assert refused(capsys, "manifests", LIVE).startswith("cn:images.orders: is not set; `make push ENV=live`")
    assert not (infra / "manifests").exists()


@pytest.mark.parametrize("text", ["", "a: [", "- a\n", "config: [1]\n", "config: {cn:images: 5}\n"])
def test_a_stacks_file_that_is_none_is_told(text: str, infra: Path, capsys: Any) -> None:
    (infra / f"Pulumi.{LIVE}.yaml").write_text(text)
    assert refused(capsys, "manifests", LIVE).startswith(("infra/Pulumi.live.yaml: ", "cn:images.orders: "))


def test_a_stacks_file_of_bytes_that_are_no_text_is_told(infra: Path, capsys: Any) -> None:
    (infra / f"Pulumi.{LIVE}.yaml").write_bytes(b"config: \xff\n")
    assert refused(capsys, "manifests", LIVE).startswith("infra/Pulumi.live.yaml: ")


@pytest.mark.parametrize("seconds", ["soon", [1]])
def test_a_time_that_is_none_is_told(seconds: Any, infra: Path, capsys: Any) -> None:
    write(infra, {"cn:images": IMAGES, "cn:timeout": seconds})
    told = f"cn:timeout: {seconds!r} is not a whole number of seconds\n"
    assert refused(capsys, "manifests", LIVE) == told


@pytest.mark.parametrize("seconds", [None, "", "0", 0])
def test_without_a_time_it_is_the_usual_one(seconds: Any, infra: Path) -> None:
    write(infra, {"cn:images": IMAGES, "cn:timeout": seconds})
    assert commands.main(["manifests", LIVE]) == 0
    text = (infra / "manifests" / LIVE / "gateway.yaml").read_text()
    assert "progressDeadlineSeconds: 180" in text


def test_a_spec_that_is_none_is_told_with_its_places(infra: Path, capsys: Any) -> None:
    (infra.parent / "cn.yaml").write_text("name: shop\nservices: {a: {runtime: go, calls: [b]}}\n")
    assert refused(capsys, "manifests", LIVE).startswith("cn.yaml:2:")
    (infra.parent / "cn.yaml").unlink()
    assert "no such file" in refused(capsys, "manifests", LIVE)


def test_a_folder_that_cannot_be_made_is_told(infra: Path, capsys: Any) -> None:
    (infra / "manifests").write_text("a file")
    assert refused(capsys, "manifests", LIVE, code=1).startswith("manifests live: ")


def test_the_data_of_an_environment_is_deleted_with_its_namespace(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    fake = FakeKubectl(tmp_path / "bin", monkeypatch)
    write(infra, {"kubernetes:context": "admin"})
    there = {"get namespace alive": {"metadata": {"labels": {"app.kubernetes.io/part-of": "shop"}}}}
    fake.answer({**there, "delete namespace alive --ignore-not-found --context=admin": ""})
    assert commands.main(["delete-data", LIVE]) == 0
    assert "the namespace alive is gone" in capsys.readouterr().out
    fake.answer({**there, "delete": RuntimeError("forbidden")})
    assert refused(capsys, "delete-data", LIVE, code=1) == "delete-data live: forbidden\n"


def test_a_namespace_is_not_deleted_that_is_of_others_or_cannot_be_looked_at(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert infra.is_dir()
    fake = FakeKubectl(tmp_path / "bin", monkeypatch)
    fake.answer({"get namespace alive": RuntimeError("no answer"), "delete": ""})
    assert refused(capsys, "delete-data", LIVE, code=1) == "delete-data live: no answer\n"
    fake.answer({"get namespace alive": {"metadata": {}}, "delete": ""})
    assert refused(capsys, "delete-data", LIVE).startswith(
        "the namespace alive is not deleted: it is not of this system; `kubectl label namespace alive"
    )
    assert not [line for line in fake.asked if line.startswith("delete")]
    fake.answer({"get namespace alive": "", "delete namespace alive --ignore-not-found": ""})
    assert commands.main(["delete-data", LIVE]) == 0


def test_what_is_kept_is_told(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    fake = FakeKubectl(tmp_path / "bin", monkeypatch)
    fake.answer({"get persistentvolumeclaims": "persistentvolumeclaim/data-ordering-database-0\n"})
    assert commands.main(["kept", LIVE]) == 0
    told = capsys.readouterr().out
    assert "data-ordering-database-0" in told
    assert "make down ENV=live DATA=delete" in told
    assert all("--namespace=alive" in line for line in fake.asked)
    assert os.environ["PATH"].startswith(str(tmp_path))
