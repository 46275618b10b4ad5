"""An environment on a cluster as files, and the commands that a repository has for it."""

import json
from typing import Any

import pytest

from pulumi_stacks.plan.planner import PlanError
from pulumi_stacks.targets.kubernetes.kustomize import files, secrets
from pulumi_stacks.targets.kubernetes.manifests.system import SystemManifests
from pulumi_stacks.targets.kubernetes.required_config import given_urls, missing, missing_urls
from tests.unit.clusters import TIMEOUTS, Object, Spec, example, live, manifests, objects, of_kind, plan

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
EXTERNAL = live(
    {"name": "s", "services": {"a": {"runtime": "go", "database": "postgres", "egress": "internet"}}},
    database="external",
)


def flat(system: SystemManifests, decided: Any) -> list[Object]:
    found = [system.namespace(), system.default_deny()]
    for service in (*decided.services, None):
        config_map = system.config_map(service)
        name = config_map["metadata"]["name"]
        workload = (
            system.service(service, name, f"database--{service.key}") if service else system.gateway(name)
        )
        found += [config_map, *workload.objects]
    return found


@pytest.mark.parametrize("spec", [SPEC, live(example("03-full"))], ids=["names", "full"])
def test_files_read_back_as_the_objects_that_a_stack_makes(spec: Spec) -> None:
    decided = plan(spec)
    made = json.loads(json.dumps(flat(SystemManifests(decided, TIMEOUTS), decided)))
    assert manifests(decided) == made


def test_every_service_has_a_file_of_its_own_that_none_of_the_others_is() -> None:
    found = files(plan(SPEC), TIMEOUTS)
    assert sorted(found) == [
        "gateway.yaml",
        "kustomization.yaml",
        "namespace.yaml",
        "service-namespace.yaml",
        "service-ordering.yaml",
    ]
    assert files(plan(SPEC), TIMEOUTS) == found
    assert all(text.endswith("\n") and "\r" not in text and "&id" not in text for text in found.values())


def test_a_text_of_many_lines_is_written_as_it_is() -> None:
    text = files(plan(SPEC), TIMEOUTS)["gateway.yaml"]
    assert "  Caddyfile: |\n    {\n    \tadmin off\n" in text


def test_the_secrets_that_people_make_are_named_with_their_keys() -> None:
    assert secrets(plan(SPEC)) == {"database--ordering": ("password", "url")}
    assert secrets(plan(SPEC, registry_login=True))["registry"] == (".dockerconfigjson",)
    assert secrets(plan(EXTERNAL)) == {"database--a": ("url",)}


def test_a_secret_of_others_opens_the_registry_and_none_is_made() -> None:
    spec = live(example("02-shop"), pull_secret="login")
    assert secrets(plan(spec))["login"] == (".dockerconfigjson",)
    made = objects(spec)
    accounts = of_kind(made, "ServiceAccount")
    assert accounts
    assert {str(each["imagePullSecrets"]) for each in accounts} == {"[{'name': 'login'}]"}
    with pytest.raises(PlanError) as caught:
        plan(spec, registry_login=True)
    assert str(caught.value) == (
        "cn:pull_config: environments.live.pull_secret already names a Secret with the login; remove one of "
        "the two (this one by `pulumi config rm cn:pull_config --stack live` in infra/)"
    )


@pytest.mark.parametrize(("text", "told"), [
    (None, "cn:database_urls.a: is not set, but the database is external"),
    ("{", "cn:database_urls: not a mapping of strings"),
    ("[]", "cn:database_urls: not a mapping of strings"),
    ('{"a": 5}', "cn:database_urls.a: is not set"),
    ('{"b": "x"}', "pulumi config set --stack live --secret --path cn:database_urls.a` in infra/"),
])  # fmt: skip
def test_an_address_that_is_not_set_is_reported_with_its_key(text: str | None, told: str) -> None:
    [found] = missing_urls(plan(EXTERNAL), text)
    assert told in found


def test_an_address_that_is_set_or_not_needed_is_not_missed() -> None:
    text = '{"a": "postgresql://x"}'
    assert list(missing_urls(plan(EXTERNAL), text)) == []
    assert given_urls(text) == {"a": "postgresql://x"}
    assert list(missing_urls(plan(SPEC), None)) == []
    assert list(missing_urls(plan(SPEC), "{")) == ["cn:database_urls: not a mapping of strings"]


def test_every_image_that_is_not_pushed_is_named_and_the_class_of_a_gateway() -> None:
    assert list(missing(plan(SPEC))) == [
        (
            "cn:images.orders: is not set; run `make push ENV=live`, which builds the image, pushes it as "
            "ghcr.io/acme/shop-orders and sets the key"
        )
    ]
    assert list(missing(plan(SPEC, images=IMAGES))) == []
    through = live(SPEC, gateway="gateway-api", domain="a.example")
    assert list(missing(plan(through, images=IMAGES))) == [
        (
            "cn:gateway_class: is not set; set it to the name of a GatewayClass of the cluster, as "
            "environments.live.gateway is gateway-api"
        )
    ]
    assert list(missing(plan(through, images=IMAGES, gateway_class="some"))) == []


@pytest.mark.parametrize("text", ["\ta\n\n\tb\n", "\n\ta\n", "  \ta\n", "a\n\tb\n", " a\nb", "a\n\n"])
def test_a_text_of_lines_is_read_by_libyaml_as_it_is_meant(text: str) -> None:
    spec = live({"name": "shop", "services": {"api": {"runtime": "go", "config": {"TEXT": text}}}})
    [settings] = [one for one in of_kind(objects(spec), "ConfigMap") if "TEXT" in one.get("data", {})]
    assert settings["data"]["TEXT"] == text
