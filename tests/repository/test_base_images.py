"""The images of gateway and databases on a cluster, as a repository has them and as Renovate moves them."""

import json
import re
from typing import Any

import pytest
import yaml

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.plan.scope import BASE_IMAGES
from pulumi_stacks.system import load, resolve
from tests import quick_yaml

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
SHOP: dict[str, Any] = {
    "name": "shop",
    "registry": "ghcr.io/acme",
    "environments": {"dev": {"target": "docker"}, "prod": {"target": "kubernetes"}},
    "services": {
        "caddy": {"runtime": "python", "database": "postgres", "egress": "internet"},
        "site": {"image": "caddy:2"},
    },
}
# What pulumi and make push add to the file, also for a service that is called as one of the images.
WRITTEN = f"  cn:images:\n    caddy: ghcr.io/acme/shop-caddy:1@{DIGEST}\nencryptionsalt: v1:a=:v1:b\n"


def text(path: str, spec: dict[str, Any] = SHOP) -> str:
    context = resolve(load(json.dumps(spec).encode()))
    return render(open_template(), context.answers())[path].data.decode()


def settings(environment: str, spec: dict[str, Any] = SHOP) -> dict[str, Any]:
    return dict(quick_yaml.load(text(f"infra/Pulumi.{environment}.yaml", spec))["config"])


def found(content: str) -> list[tuple[str, str, str | None]]:
    """Return what Renovate finds: every pattern is looked for in all that the one before it found."""
    [manager] = json.loads(text("renovate.json"))["customManagers"]
    assert manager["matchStringsStrategy"] == "recursive"
    parts = [content]
    *outer, inner = (pattern.replace("(?<", "(?P<") for pattern in manager["matchStrings"])
    for pattern in outer:
        parts = [each[0] for part in parts for each in re.finditer(pattern, part)]
    each_match = [each for part in parts for each in re.finditer(inner, part)]
    return [(each["depName"], each["currentValue"], each["currentDigest"]) for each in each_match]


def replaced(**values: str) -> str:
    """Return what Renovate writes in the place of a reference."""
    [manager] = json.loads(text("renovate.json"))["customManagers"]
    template = str(manager["autoReplaceStringTemplate"])
    template = re.sub(
        r"\{\{#if newDigest\}\}(.*?)\{\{/if\}\}", r"\1" if "newDigest" in values else "", template
    )
    return re.sub(r"\{\{\{(\w+)\}\}\}", lambda name: values[name[1]], template)


def test_a_cluster_has_the_images_of_the_plan_in_its_settings() -> None:
    assert settings("prod")["cn:base_images"] == BASE_IMAGES
    assert "cn:base_images" not in settings("dev")


def test_where_databases_are_elsewhere_there_is_no_image_of_one() -> None:
    spec = {**SHOP, "environments": {"prod": {"target": "kubernetes", "database": "external"}}}
    assert settings("prod", spec)["cn:base_images"] == {"caddy": BASE_IMAGES["caddy"]}


def test_a_service_that_gets_the_first_database_does_not_touch_a_file_that_pulumi_writes() -> None:
    without = {**SHOP, "services": {"site": {"image": "caddy:2"}}}
    assert text("infra/Pulumi.prod.yaml", without) == text("infra/Pulumi.prod.yaml")


@pytest.mark.parametrize("digest", [None, DIGEST])
@pytest.mark.parametrize("mark", ["", '"', "'"])
@pytest.mark.parametrize("after", ["", WRITTEN])
def test_renovate_finds_them_with_and_without_a_digest(digest: str | None, mark: str, after: str) -> None:
    content = text("infra/Pulumi.prod.yaml")
    tail = f"@{digest}" if digest else ""
    for name, image in BASE_IMAGES.items():
        assert content.count(f"{name}: {image}\n") == 1
        content = content.replace(f"{name}: {image}\n", f"{name}: {mark}{image}{tail}{mark}\n")
    assert found(content + after) == [("caddy", "2", digest), ("postgres", "17", digest)]


@pytest.mark.parametrize("image", ["127.0.0.1:5000/mirror/postgres:17.2", "mirror.example.com/postgres:17.2"])
def test_renovate_finds_them_in_a_mirror_and_in_a_file_that_pulumi_rewrote(image: str) -> None:
    content = yaml.safe_dump(
        {"config": {"cn:timeout": "45", "cn:base_images": {"postgres": image}, "cn:images": {"a": image}}},
        indent=4,
    )
    assert found(content) == [(image.rpartition(":")[0], "17.2", None)]


def test_nothing_else_of_the_file_is_found() -> None:
    content = text("infra/Pulumi.prod.yaml")
    assert found(WRITTEN) == found(text("infra/Pulumi.dev.yaml")) == []
    assert len(found(content)) == len(BASE_IMAGES)


def test_renovate_pins_the_digest_and_keeps_the_rest() -> None:
    assert replaced(depName="a:5000/caddy", newValue="2") == "a:5000/caddy:2"
    assert replaced(depName="caddy", newValue="2", newDigest=DIGEST) == f"caddy:2@{DIGEST}"


def test_a_database_keeps_its_major() -> None:
    written = json.loads(text("renovate.json"))
    [rule] = [rule for rule in written["packageRules"] if rule.get("enabled") is False]
    assert rule["matchUpdateTypes"] == ["major"]
    [pattern] = rule["matchPackageNames"]
    assert all(re.search(pattern.strip("/"), name) for name in ("postgres", "mirror.example.com/postgres"))
    assert not re.search(pattern.strip("/"), "caddy")
    assert "docker:pinDigests" in written["extends"]


def test_without_a_cluster_there_is_nothing_to_find() -> None:
    spec = {**SHOP, "environments": {"dev": {"target": "docker"}}}
    written = json.loads(text("renovate.json", spec))
    assert "customManagers" not in written
    assert not [rule for rule in written["packageRules"] if "enabled" in rule]
