"""What the engine refuses because another holds it, with the key that helps."""

import asyncio
from collections.abc import Sequence

import pulumi
import pytest

from pulumi_stacks import error_report
from pulumi_stacks.targets.docker import error_hints
from tests.stacks.test_checks import DEPLOYMENT, WEB

NETWORK = DEPLOYMENT.networks[0]
OVERLAP = (
    "Unable to create network: Error response from daemon: Pool overlaps with other one on this address space"
)
TAKEN = "driver failed: listen tcp4 127.0.0.1:8080: bind: address already in use"
ALLOCATED = "Bind for 127.0.0.1:8080 failed: port is already allocated"


@pytest.fixture(autouse=True)
def _loop() -> None:
    """A hook registers itself when it is made."""
    asyncio.set_event_loop(asyncio.new_event_loop())


def told(
    binding: pulumi.ResourceHookBinding | None, errors: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    said: list[str] = []
    monkeypatch.delenv(error_report.ERROR_FILE, raising=False)
    monkeypatch.setattr(pulumi.log, "error", said.append)
    assert binding is not None
    [hook] = binding.on_error or []
    args = pulumi.ErrorHookArgs("urn", "id", "name", "type", failed_operation="create", errors=list(errors))
    assert hook.callback(args) is False, "it is not tried again"
    return said


def test_addresses_of_another_network_are_reported_with_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    [said] = told(error_hints.of_network(NETWORK), [OVERLAP], monkeypatch)
    assert said.startswith("cn:subnet: overlaps another network of this Docker engine; ")


@pytest.mark.parametrize("error", [TAKEN, ALLOCATED])
def test_a_port_of_another_program_is_reported_with_the_key(
    error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [said] = told(error_hints.of_container(DEPLOYMENT.gateway), [error], monkeypatch)
    assert said.startswith("cn:port: 8080 is already in use")


def test_of_other_errors_pulumi_tells_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(error_hints.of_network(NETWORK), ["no such driver"], monkeypatch) == []
    assert told(error_hints.of_container(DEPLOYMENT.gateway), ["no such image"], monkeypatch) == []
    assert error_hints.of_container(WEB) is None
