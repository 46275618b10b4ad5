"""`make secrets COPY=2`: a second copy of one system on one engine meets the first in nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import quick_yaml
from tests.repository.fresh import Fresh


@pytest.fixture
def fresh(tmp_path: Path, require: Callable[..., None]) -> Fresh:
    require("make")
    return Fresh.create(tmp_path)


def variables(fresh: Fresh) -> dict[str, str]:
    lines = (fresh.folder / ".env").read_text().splitlines()
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines), "no variable is there twice"
    return found


def compose(fresh: Fresh) -> str:
    return (fresh.folder / "compose.yaml").read_text()


def block(fresh: Fresh) -> int:
    """Return the second number of all addresses of the first copy."""
    [found] = set(re.findall(r"\$\{NETWORK_BLOCK:-10\.([0-9]+)\}", compose(fresh)))
    return int(found)


def test_without_copy_only_passwords_are_written(fresh: Fresh) -> None:
    fresh.make("secrets")
    assert list(variables(fresh)) == ["ORDERS_DATABASE_PASSWORD"]


def test_a_copy_has_a_name_a_port_and_addresses_of_its_own(fresh: Fresh) -> None:
    done = fresh.run("make", "secrets", "COPY=2")
    assert "http://127.0.0.1:8100" in done.stdout
    assert "pair_2" in done.stdout
    found = variables(fresh)
    assert found.pop("ORDERS_DATABASE_PASSWORD")
    assert found == {
        "COMPOSE_PROJECT_NAME": "pair_2",
        "GATEWAY_PORT": "8100",
        "NETWORK_BLOCK": f"10.{block(fresh) + 1}",
    }
    assert (fresh.folder / ".env").stat().st_mode & 0o777 == 0o600


def test_every_copy_differs_from_every_other_and_from_what_networks_at_home_have(fresh: Fresh) -> None:
    seen = []
    for copy in range(1, 100):
        done = fresh.run("sh", "ci/secrets.sh", str(copy))
        assert done.returncode == 0, done.stderr
        found = variables(fresh)
        seen.append((found["COMPOSE_PROJECT_NAME"], int(found["GATEWAY_PORT"]), found["NETWORK_BLOCK"]))
    assert all(len(set(column)) == 99 for column in zip(*seen, strict=True))
    assert seen[0] == ("pair_1", 8000, f"10.{block(fresh)}")
    assert all(8000 <= port < 18000 for _, port, _ in seen)
    assert all(4 <= int(addresses.removeprefix("10.")) <= 255 for *_, addresses in seen)


def test_what_is_there_is_kept_until_it_is_another_copy(fresh: Fresh) -> None:
    fresh.make("secrets")
    password = variables(fresh)["ORDERS_DATABASE_PASSWORD"]
    with (fresh.folder / ".env").open("a") as file:
        file.write("MINE=1\nGATEWAY_PORT=9000\nexport COMPOSE_PROJECT_NAME=of-the-first")
    fresh.make("secrets", "COPY=2")
    found = variables(fresh)
    assert (found["MINE"], found["ORDERS_DATABASE_PASSWORD"]) == ("1", password)
    assert found["GATEWAY_PORT"] == "8100", "a copied .env has that of the first"
    (fresh.folder / ".env").write_text((fresh.folder / ".env").read_text().replace("8100", "9100"))
    before = variables(fresh)
    done = fresh.run("make", "secrets", "COPY=2")
    assert "http://127.0.0.1:9100" in done.stdout
    fresh.make("secrets")
    assert variables(fresh) == before
    fresh.make("secrets", "COPY=3")
    assert variables(fresh)["COMPOSE_PROJECT_NAME"] == "pair_3"
    assert variables(fresh)["GATEWAY_PORT"] == "8200"
    assert not (fresh.folder / ".env.new").exists()


@pytest.mark.parametrize("value", ["0", "100", "-1", "two", "1.5", "02"])
def test_an_invalid_number_of_a_copy_is_refused(fresh: Fresh, value: str) -> None:
    said = fresh.refused("secrets", f"COPY={value}")
    assert f"COPY={value}: choose a number from 1 to 99, such as `make secrets COPY=2`\n" in said
    assert not (fresh.folder / ".env").exists()


def test_a_copy_that_the_shell_names_is_for_another_program(fresh: Fresh) -> None:
    done = fresh.run("make", "secrets", variables={"COPY": "2"})
    assert done.returncode == 0
    assert "COMPOSE_PROJECT_NAME" not in variables(fresh)


def test_a_system_that_fills_all_addresses_has_no_copy(fresh: Fresh) -> None:
    file = fresh.folder / "compose.yaml"
    file.write_text(re.sub(r":-10\.[0-9]+\}", ":-10}", file.read_text()))
    assert "use all of 10.*" in fresh.refused("secrets", "COPY=2")


def test_whatever_two_copies_could_share_follows_the_variables(fresh: Fresh) -> None:
    document = quick_yaml.load(compose(fresh))
    images = [entry["image"] for entry in document["services"].values() if "build" in entry]
    assert images
    assert all(image.endswith(":compose-${COMPOSE_PROJECT_NAME:-pair}") for image in images)
    subnets = [entry["ipam"]["config"][0]["subnet"] for entry in document["networks"].values()]
    assert all(subnet.startswith("${NETWORK_BLOCK:-") for subnet in subnets)
    ports = [port for entry in document["services"].values() for port in entry.get("ports", ())]
    assert ports == ["127.0.0.1:${GATEWAY_PORT:-8000}:8080"]
    named = [entry for entry in document["services"].values() if "container_name" in entry]
    volumes = [entry for entry in document["volumes"].values() if "name" in entry or "external" in entry]
    assert not named
    assert not volumes
