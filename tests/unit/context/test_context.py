from pathlib import Path

import pytest

from pulumi_stacks import quantities
from pulumi_stacks.context import resolve as context
from pulumi_stacks.system import load, resolve, spec_schema

SHOP = Path(__file__).parents[3] / "examples" / "02-shop" / "cn.yaml"


def shop() -> context.Context:
    return resolve(load(SHOP.read_bytes()))


def test_every_default_is_filled_in():
    system = resolve(load(b"name: hello\nservices: {web: {runtime: go}}\n"))
    assert (system.owner, system.registry, system.description, system.ci) == ("", "", "", "none")
    assert system.targets == ("docker",)
    [environment] = system.environments
    assert (environment.name, environment.target, environment.port) == ("dev", "docker", 8080)
    [service] = system.services
    assert (service.id, service.image, service.route, service.database) == ("web", "hello-web", "", "")
    assert service.resources.model_dump() == {"cpu": "500m", "memory": "256Mi"}


def test_a_call_gives_the_caller_an_address_and_the_callee_a_caller():
    orders, billing, catalog = shop().services
    assert orders.variables == {
        "PORT": "8080",
        "SERVICE_NAME": "orders",
        "BILLING_URL": "http://billing:8080",
        "LOG_LEVEL": "info",
        "NO_PROXY": "localhost,127.0.0.1,::1,billing",
        "no_proxy": "localhost,127.0.0.1,::1,billing",
    }
    assert billing.callers == ("orders",)
    assert catalog.callers == ()
    assert catalog.calls == ()


def test_an_environment_overrides_only_what_it_names():
    data = SHOP.read_bytes().replace(b"dev: {scale: {min: 1}}", b"dev: {resources: {memory: 1Gi}}")
    catalog = resolve(load(data)).services[2]
    dev = catalog.within("dev")
    assert (dev.scale.min, dev.resources.cpu, dev.resources.memory) == (2, "500m", "1Gi")
    assert catalog.resources.memory == "256Mi"
    with pytest.raises(KeyError):
        catalog.within("test")


def test_the_gateway_knows_two_slots_of_each_replica_and_no_internal_service():
    data = SHOP.read_bytes().replace(b"dev: {scale: {min: 1}}", b"dev: {scale: {min: 2}}")
    gateway = resolve(load(data)).environments[0].gateway
    for slot in ("catalog.1.a", "catalog.1.b", "catalog.2.a", "catalog.2.b", "orders.1.a", "orders.1.b"):
        assert f" {slot}:8080" in gateway
    assert "billing" not in gateway


def test_the_id_not_the_name_is_the_name_at_the_gateway():
    data = SHOP.read_bytes().replace(b"  catalog:\n", b"  catalog:\n    id: products\n")
    system = resolve(load(data))
    assert "products.1.a:8080" in system.environments[0].gateway
    assert system.services[2].image == "ghcr.io/acme/shop-catalog"


def test_answers_are_plain_values():
    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return {dict}.union(*map(kinds, value), *map(kinds, value.values()))
        return {list}.union(*map(kinds, value)) if isinstance(value, list) else {type(value)}

    assert kinds(shop().answers()) <= {dict, list, str, int, bool, type(None)}


@pytest.mark.parametrize(
    ("written", "millis", "canonical"),
    [("500m", 500, "500m"), ("1000m", 1000, "1"), ("0.5", 500, "500m"), ("2", 2000, "2")],
)
def test_cpu_quantities(written, millis, canonical):
    assert quantities.cpu_millis(written) == millis
    assert quantities.canonical_cpu(written) == canonical


@pytest.mark.parametrize(
    ("written", "count", "canonical"),
    [
        ("256Mi", 2**28, "256Mi"),
        ("1024Mi", 2**30, "1Gi"),
        ("64M", 64 * 10**6, "62500Ki"),
        ("33554433", 2**25 + 1, "33554433"),
    ],
)
def test_memory_quantities(written, count, canonical):
    assert quantities.memory_bytes(written) == count
    assert quantities.canonical_memory(written) == canonical


@pytest.mark.parametrize("bad", ["", "1.2345", "-1", "1e3", "0x1", " 1", "1\n"])
def test_what_is_not_a_quantity_is_refused(bad):
    with pytest.raises(ValueError, match=r"(?s).*"):
        quantities.cpu_millis(bad)
    with pytest.raises(ValueError, match=r"(?s).*"):
        quantities.memory_bytes(bad + "i")


def test_the_schemas_describe_every_field():
    def undescribed(schema: dict) -> list[str]:
        models = {"top": schema, **schema["$defs"]}
        return [
            f"{model}.{name}"
            for model, body in models.items()
            for name, field in body.get("properties", {}).items()
            if not field.get("description") and name != "context"
        ]

    assert undescribed(spec_schema()) == []
    assert undescribed(context.schema()) == []
