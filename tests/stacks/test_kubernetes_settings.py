"""What the stack's configuration sets for an environment on a cluster, and the effect."""

from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.live.recorded_state import DeployedObject, RecordedState
from tests.stacks.clustered import (
    IMAGES,
    SECRET_KEYS,
    SPEC,
    before,
    environment,
    every,
    of,
    refusal,
    registered,
    texts,
)
from tests.stacks.graph import Registration

EXTERNAL: dict[str, Any] = {
    **environment(database="external"),
    "services": {"orders": {**SPEC["services"]["orders"], "calls": [], "egress": ["10.20.0.0/16:5432"]}},
}
ONLY_ORDERS = {"orders": IMAGES["orders"]}

pytestmark = pytest.mark.usefixtures("alone")


def test_every_image_that_is_not_pushed_is_named_at_once() -> None:
    for service in ("orders", "billing", "own"):
        (Path("services") / service).mkdir(parents=True)
        (Path("services") / service / "Dockerfile").touch()
    found = refusal(images={})
    assert [line.split(": ")[0] for line in found] == [
        f"cn:images.{name}" for name in ("orders", "billing", "own")
    ]
    assert "run `make push ENV=dev`, which builds the image" in found[0]


def test_a_gateway_api_needs_the_name_of_a_class() -> None:
    place = environment(gateway="gateway-api", domain="shop.example.com")
    assert refusal(place)[0].startswith("cn:gateway_class: is not set")
    made = registered(place, gateway_class="some")
    assert of(made, "Gateway", "gateway").inputs["spec"]["gatewayClassName"] == "some"
    assert of(made, "HTTPRoute", "gateway").type == "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
    assert "type" not in of(made, "Service", "gateway").inputs["spec"]


def test_an_external_database_is_reached_at_the_address_of_the_stacks_configuration() -> None:
    made = registered(
        EXTERNAL, preview=False, images=ONLY_ORDERS, database_urls={"orders": "postgresql://me:canary@db/x"}
    )
    assert not every(made, "StatefulSet")
    assert not every(made, "RandomPassword")
    [secret] = every(made, "Secret")
    assert ("postgresql://me:canary@db/x", True) in set(texts(secret.inputs["stringData"]))
    assert secret.urn in before(made, of(made, "Job", "migrate--orders"))
    for entry in made:
        assert entry is secret or "canary" not in repr(entry.inputs), entry.name
    [line] = refusal(EXTERNAL, preview=False, images=ONLY_ORDERS)
    assert "cn:database_urls.orders: is not set, but the database is external" in line


def test_the_registry_is_opened_by_the_stacks_configuration(made: list[Registration]) -> None:
    opened = registered(pull_config='{"auths": {"canary": {}}}', preview=False)
    secret = of(opened, "Secret", "registry")
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert secret.urn in before(opened, of(opened, "Deployment", "orders"))
    accounts = [entry.inputs for entry in every(opened, "ServiceAccount")]
    assert all(account["imagePullSecrets"] == [{"name": "registry"}] for account in accounts)
    assert not any("imagePullSecrets" in entry.inputs for entry in every(made, "ServiceAccount"))


def test_a_secret_of_others_opens_the_registry_and_is_not_made() -> None:
    opened = registered(environment(pull_secret="login"), preview=False)
    assert not [entry for entry in every(opened, "Secret") if entry.name in {"registry", "login"}]
    accounts = [entry.inputs for entry in every(opened, "ServiceAccount")]
    assert accounts
    assert all(account["imagePullSecrets"] == [{"name": "login"}] for account in accounts)
    [line] = refusal(environment(pull_secret="login"), pull_config='{"auths": {}}')
    assert line.startswith(
        "cn:pull_config: environments.dev.pull_secret already names a Secret with the login"
    )


def test_a_load_balancer_is_waited_for_whatever_the_file_says_of_it() -> None:
    fields = {"annotations": {"example.com/a": "b"}, "sources": ["203.0.113.0/24"], "client_address": True}
    endpoint = of(registered(environment(**fields), preview=False), "Service", "gateway")
    assert endpoint.inputs["metadata"]["annotations"] == {
        "example.com/a": "b",
        "pulumi.com/timeoutSeconds": "180",
    }
    assert endpoint.inputs["spec"]["loadBalancerSourceRanges"] == ["203.0.113.0/24"]
    assert endpoint.inputs["spec"]["externalTrafficPolicy"] == "Local"


def test_a_secret_in_plain_text_is_refused() -> None:
    found = refusal(secret=(), pull_config="{}", database_urls={"orders": "x"})
    assert [text.partition(": ")[0] for text in found] == list(SECRET_KEYS)
    command = "is in plain text; run `pulumi config set --secret --stack dev"
    assert f"cn:database_urls: {command} --path cn:database_urls.SERVICE` in infra/" in found[0]
    assert f"cn:pull_config: {command} cn:pull_config` in infra/" in found[1]


def test_another_major_of_postgres_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    container = {"name": "postgres", "image": "postgres:16.4"}
    server = {
        "kind": "StatefulSet",
        "metadata": {},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
    state = RecordedState(objects=(DeployedObject(server, ""),))
    monkeypatch.setattr("pulumi_stacks.targets.kubernetes.live.recorded_state.read_state", lambda _: state)
    [said] = refusal()
    assert said.startswith("cn:base_images.postgres: postgres:17 cannot read the databases of Postgres 16")
    container["image"] = "postgres:17.1"
    assert registered()
