"""What the end-to-end tests share: they need a Docker engine, the Pulumi CLI and make."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.figures import pytest_terminal_summary
from tests.e2e.gateways import Gateway, started
from tests.e2e.system import ROOT, System

__all__ = ["pytest_terminal_summary"]


@pytest.fixture(scope="session", autouse=True)
def _engine(require: Callable[..., None]) -> None:
    require("docker", "pulumi", "make")


def _example(folder: str, name: str) -> bytes:
    """Return an example's spec under a name of its own, so that it runs beside a demonstration."""
    data = (ROOT / "examples" / folder / "cn.yaml").read_bytes()
    return data.replace(f"name: {name}".encode(), f"name: e2e-{name}".encode(), 1)


@pytest.fixture(scope="session")
def shop(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The example 02-shop under a name of its own, not yet started; taken away at the end."""
    spec = _example("02-shop", "shop")
    system = System.create(tmp_path_factory.mktemp("shop"), "e2e-shop", spec, prepared=False)
    yield system
    system.make("down", "DATA=delete", ok=False)


@pytest.fixture(scope="module")
def full(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The example 03-full under a name of its own, not yet started; taken away at the end."""
    spec = _example("03-full", "full")
    system = System.create(tmp_path_factory.mktemp("full"), "e2e-full", spec)
    yield system
    system.make("down", "DATA=delete", ok=False)


@pytest.fixture(scope="module")
def hello(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The example 01-hello under a name of its own, not yet started."""
    spec = _example("01-hello", "hello")
    system = System.create(tmp_path_factory.mktemp("hello"), "e2e-hello", spec, prepared=False)
    yield system
    system.pulumi("destroy", "--yes", ok=False)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with started() as found:
        yield found


@pytest.fixture
def port(gateway: Gateway) -> int:
    return gateway.port
