"""What goes by a proxy that the environment names: requests that leave the system, and no others."""

from typing import Any

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import START, Container, until

PROXY = "http://proxy:8080"
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
VARIABLES = dict.fromkeys((*NAMES, *(name.lower() for name in NAMES)), PROXY)


@pytest.fixture(scope="module")
def fake(own: Bench) -> Container:
    """A callee, and a proxy that answers whatever it is asked by itself."""
    aliases = (f"--network-alias={name}" for name in ("callee", "proxy"))
    fake = own.fake(f"--network={own.network}", "--publish=127.0.0.1::8080", *aliases)
    until(START, "the fake answers", lambda: fake.get("/_seen").status == 200)
    return fake


@pytest.fixture(scope="module")
def proxied(own: Bench, fake: Container, tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A ready service in an environment that names a proxy, and a password for its callee."""
    netrc = tmp_path_factory.mktemp("netrc") / "netrc"
    netrc.write_text("machine callee login user password s3cret\n")
    netrc.chmod(0o444)
    address = own.database()
    own.migrate(address)
    container = own.start_with(
        (f"--volume={netrc}:/run/netrc:ro",),
        DATABASE_URL=address,
        PLAIN_URL="http://callee:8080",
        NETRC="/run/netrc",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://outside.invalid:4318",
        OTEL_BSP_SCHEDULE_DELAY="200",
        **VARIABLES,
    )
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    return container


def seen(fake: Container) -> list[dict[str, Any]]:
    """Return what the fake was asked; a proxy is asked for a whole address, or to connect."""
    requests: list[dict[str, Any]] = fake.get("/_seen").json()
    return requests


@pytest.mark.promise("straight")
def test_a_call_to_a_service_of_the_system_goes_straight(proxied: Container, fake: Container) -> None:
    peer = proxied.get("/peers").json()["peers"]["plain"]
    assert (peer["state"], peer["status"]) == ("up", 200)
    calls = [request for request in seen(fake) if "healthz" in request["path"]]
    assert calls
    for call in calls:
        assert call["path"] == "/healthz"
        assert "authorization" not in call["headers"]


@pytest.mark.promise("straight", "health-check")
def test_its_own_health_check_asks_no_proxy(proxied: Container, fake: Container) -> None:
    until(START, "it is healthy", lambda: proxied.state["Health"]["Status"] == "healthy")
    assert [request for request in seen(fake) if "readyz" in request["path"]] == []


@pytest.mark.promise("straight")
def test_what_leaves_the_system_goes_by_the_proxy(proxied: Container, fake: Container) -> None:
    assert proxied.get("/items").status == 200

    def sent() -> bool:
        return any(request["path"] == "http://outside.invalid:4318/v1/traces" for request in seen(fake))

    until(START, "spans come by the proxy", sent)
