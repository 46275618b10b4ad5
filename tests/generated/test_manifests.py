"""Rendered YAML of environments on clusters, by the schemas of Kubernetes and under the eyes of checkov."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_stacks.targets.kubernetes.kustomize import LIST, files
from tests.unit.clusters import LIVE, TIMEOUTS, Object, Spec, clusters, example, live, plan

# The three newest minor versions, and what of the Gateway API goes with them.
VERSIONS = ("1.35.0", "1.36.0", "1.37.0")
GATEWAY_API = "sigs.k8s.io/gateway-api@v1.6.3"
GATEWAY_KINDS = ("gateways", "httproutes")
SKIPS = Path(__file__).with_name("checkov.yaml")
MOST_SKIPS = 5
ENTRIES: dict[str, dict[str, str]] = {
    "loadbalancer": {"domain": "shop.example.com"},
    "ingress": {"domain": "shop.example.com", "gateway": "ingress"},
    "gateway-api": {"domain": "shop.example.com", "gateway": "gateway-api"},
    "external": {"database": "external", "storage_class": "fast"},
}


def systems() -> Iterator[tuple[str, Spec, str]]:
    """Yield what is rendered: each example where it is on a cluster, and one of them in every way."""
    for path in sorted((Path(__file__).parents[2] / "examples").iterdir()):
        spec = example(path.name)
        for place in clusters(spec):
            yield f"{path.name}-{place}", spec, place
        yield f"{path.name}-{LIVE}", live(spec), LIVE
    full = example("03-full")
    for name, fields in ENTRIES.items():
        yield name, live(full, **fields), LIVE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files of all systems."""
    root = tmp_path_factory.mktemp("manifests")
    for name, spec, place in systems():
        images = {each: f"ghcr.io/acme/{each}@sha256:{'1' * 64}" for each in spec["services"]}
        bases = {each: f"{each}@sha256:{'2' * 64}" for each in ("caddy", "postgres")}
        login = "pull_secret" not in spec["environments"][place]
        decided = plan(
            spec, place, images=images, base_images=bases, gateway_class="some", registry_login=login
        )
        (root / name).mkdir()
        for file, text in files(decided, TIMEOUTS).items():
            (root / name / file).write_text(text, encoding="utf-8")
    return root


def written(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.yaml")) if path.name != LIST]


def documents(folder: Path) -> Iterator[Object]:
    for path in written(folder):
        yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def schema_name(made: Object) -> str:
    """Name the file of a kind's schema as kubeconform looks for it."""
    group, _, version = made["apiVersion"].rpartition("/")
    return "-".join(filter(None, (made["kind"].lower(), group.partition(".")[0], version))) + ".json"


def closed(schema: Any) -> Any:
    """Return a schema in which an object has no other properties than those that it names."""
    if isinstance(schema, list):
        return list(map(closed, schema))
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    return (
        found
        if open_ended or not isinstance(schema.get("properties"), dict)
        else found | {"additionalProperties": False}
    )


@pytest.fixture(scope="module")
def schemas(folder: Path, tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Path:
    """The schemas of all kinds that are used, by versions of Kubernetes, and those of the Gateway API."""
    require("kubeconform", "kubernetes-validate", "go")
    root = tmp_path_factory.mktemp("schemas")
    tool = Path(shutil.which("kubernetes-validate") or "").resolve()
    [package] = tool.parents[1].glob("lib/python*/site-packages/kubernetes_validate/kubernetes-json-schema")
    names = {schema_name(made) for made in documents(folder) if "gateway." not in made["apiVersion"]}
    for version in VERSIONS:
        (root / version).mkdir()
        for name in (*names, "_definitions.json"):
            text = (package / f"v{version}-local-strict" / name).read_text(encoding="utf-8")
            # They stand for themselves, not below an address on the web.
            schema = json.loads(text.replace('"/api/_definitions.json', '"_definitions.json'))
            schema.pop("$id", None)
            (root / version / name).write_text(json.dumps(schema), encoding="utf-8")
    for kind, schema in gateway_api():
        (root / f"{kind}-gateway-v1.json").write_text(json.dumps(closed(schema)), encoding="utf-8")
    return root


def gateway_api() -> Iterator[tuple[str, Any]]:
    """Yield the schemas of the Gateway API, from the module that holds its definitions."""
    done = run("go", "mod", "download", "-json", GATEWAY_API)
    module = Path(json.loads(done.stdout).get("Dir") or pytest.fail(done.stdout, pytrace=False))
    for kind in GATEWAY_KINDS:
        path = module / "config" / "crd" / "standard" / f"gateway.networking.k8s.io_{kind}.yaml"
        crd = yaml.safe_load(path.read_text(encoding="utf-8"))
        [version] = [each for each in crd["spec"]["versions"] if each["name"] == "v1"]
        yield crd["spec"]["names"]["singular"], version["schema"]["openAPIV3Schema"]


def kubeconform(schemas: Path, version: str, *paths: Path) -> list[dict[str, Any]]:
    """Return what is said of every document."""
    places = [f"{schemas}/{version}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"]
    places.append(f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json")
    words = [word for place in places for word in ("-schema-location", place)]
    options = ("-strict", "-verbose", "-output", "json", "-kubernetes-version", version)
    done = run("kubeconform", *options, *words, *map(str, paths))
    return list(json.loads(done.stdout)["resources"])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_keeps_the_schema_of_its_kind(version: str, folder: Path, schemas: Path) -> None:
    said = kubeconform(schemas, version, *written(folder))
    assert len(said) == len(list(documents(folder)))
    assert [each for each in said if each["status"] != "statusValid"] == []


BAD = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {hostname: [a.example]}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80, targetport: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: a}
spec: {maxUnavailable: [1]}
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_document_is_refused(version: str, schemas: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    said = kubeconform(schemas, version, tmp_path / "bad.yaml")
    assert [each["status"] for each in said] == ["statusInvalid"] * 3


def test_all_kinds_of_entries_and_of_workloads_are_among_the_documents(folder: Path) -> None:
    kinds = {made["kind"] for made in documents(folder)}
    assert kinds == {
        *("ConfigMap", "Deployment", "Gateway", "HTTPRoute", "HorizontalPodAutoscaler", "Ingress", "Job"),
        *("Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount", "StatefulSet"),
    }


def test_yamllint_finds_nothing_in_manifests(folder: Path, require: Callable[..., None]) -> None:
    require("yamllint")
    rules = "{extends: default, rules: {line-length: disable, document-start: disable}}"
    done = run("yamllint", "--strict", "-d", rules, ".", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")


def checkov(folder: Path, *options: str) -> tuple[int, dict[str, list[str]]]:
    """Return how many checks held, and where each of the others did not."""
    # It would ask for news of itself.
    os.environ["CKV_DISABLE_UPDATES"] = "true"
    words = ("--framework", "kubernetes", "--skip-download", "--compact", "--quiet", "--output", "json")
    done = run("checkov", *words, *options, "--directory", str(folder))
    said = json.loads(done.stdout)
    failed: dict[str, list[str]] = {}
    for each in said["results"]["failed_checks"]:
        failed.setdefault(f"{each['check_id']}: {each['check_name']}", []).append(each["resource"])
    return said["summary"]["passed"], failed


def test_checkov_finds_nothing(folder: Path, require: Callable[..., None]) -> None:
    require("checkov")
    held, failed = checkov(folder, "--config-file", str(SKIPS))
    assert failed == {}
    assert held > 1000


def test_what_checkov_skips_is_little_and_has_reasons() -> None:
    lines = SKIPS.read_text(encoding="utf-8").splitlines()
    skipped = yaml.safe_load("\n".join(lines))["skip-check"]
    assert 0 < len(skipped) <= MOST_SKIPS
    for check in skipped:
        [before] = [lines[at - 1] for at, line in enumerate(lines) if line.strip() == f"- {check}"]
        assert re.fullmatch(r"  # .{30,}", before), check


def test_checkov_sees_what_is_wrong(folder: Path, tmp_path: Path, require: Callable[..., None]) -> None:
    require("checkov")
    [made] = [
        each
        for each in documents(folder / "loadbalancer")
        if each["metadata"]["name"] == "billing" and each["kind"] == "Deployment"
    ]
    made["spec"]["template"]["spec"]["containers"][0]["securityContext"].pop("readOnlyRootFilesystem")
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(made))
    _, failed = checkov(tmp_path, "--config-file", str(SKIPS))
    assert [name for name in failed if name.startswith("CKV_K8S_22:")]
