"""Changes of the shop that test_shop.py has started: under load, broken, and by hand."""

import time
from pathlib import Path

import pytest

from tests.e2e.figures import FIGURES, timed
from tests.e2e.leaks import leaks, passwords
from tests.e2e.load import load
from tests.e2e.probes import ids, images, query, service_images
from tests.e2e.system import System, docker, execute
from tests.e2e.system import reason as why
from tests.e2e.test_shop import ITEMS, TIMEOUT


def test_a_changed_line_replaces_only_its_service_and_loses_no_request(shop: System) -> None:
    first = shop.call("GET", ITEMS)[1]["items"][0]
    assert first["name"] == "first"
    others, before = ids(shop, "billing", "catalog", "gateway"), ids(shop, "orders")
    old_images = images(shop)
    shop.edit(
        "services/orders/app/items.py",
        "limit: Annotated[int, Query(ge=1, le=100)] = 20",
        "limit: Annotated[int, Query(ge=1, le=100)] = 21",
    )
    with load(shop.port, ITEMS) as running:
        time.sleep(2)
        with timed("up, one line of orders changed, under load"):
            shop.make("up")
        time.sleep(10)
        deadline = time.monotonic() + 60
        while running.sent.total() < 1000 and time.monotonic() < deadline:
            time.sleep(0.5)
    FIGURES["requests during that"] = f"{dict(running.sent)}, failed: {len(running.failures)}"
    assert running.failures == []
    assert running.sent.total() >= 1000
    assert min(running.sent["GET"], running.sent["POST"]) >= 400
    assert ids(shop, "billing", "catalog", "gateway") == others
    database = {shop.one("database", "orders")["Id"]}
    assert ids(shop, "orders")["orders"] & before["orders"] == database
    new_images = images(shop)
    assert new_images["orders"] != old_images["orders"]
    assert {**new_images, "orders": set()} == {**old_images, "orders": set()}
    contract = shop.call("GET", "/orders/openapi.json")[1]
    assert contract["paths"]["/items"]["get"]["parameters"][1]["schema"]["default"] == 21
    assert shop.call("GET", f"{ITEMS}/{first['id']}") == (200, first)
    stored = int(
        query(shop.one("database", "orders"), "select count(*) from items where name = 'under load'")
    )
    assert stored == len(running.created), "every acknowledged row is there"


BROKEN = {
    "exits at once": (
        "services/orders/app/__main__.py",
        "import logging\n",
        'raise SystemExit("planted: leaves at once")\nimport logging\n',
        "planted: leaves at once",
    ),
    "answers 503 for ever": (
        "services/orders/app/health.py",
        "    if request.app.state.draining:\n",
        '    raise HTTPException(503, "planted: never ready")\n    if request.app.state.draining:\n',
        "planted: never ready",
    ),
}


@pytest.mark.parametrize("form", BROKEN)
def test_a_broken_deploy_fails_with_its_reason_while_the_old_one_serves(shop: System, form: str) -> None:
    path, sound, broken, reason = BROKEN[form]
    shop.edit(path, sound, broken)
    with load(shop.port, ITEMS) as running:
        began = time.monotonic()
        failed = shop.make("up", ok=False)
        took = time.monotonic() - began
        # One form is enough to see that success is never claimed before it is ready.
        again = shop.make("up", ok=False) if form == "exits at once" else failed
        shop.edit(path, broken, sound)
        fixed = shop.make("up", ok=False)
        time.sleep(3)
    assert failed.returncode != 0, failed.stdout
    assert took < TIMEOUT + 60
    last = why(failed.stdout)
    assert last.startswith("services.orders: ")
    assert reason in last
    assert "Traceback" not in failed.stdout.replace(reason, "")
    assert again.returncode != 0, f"it is still not ready:\n{again.stdout}"
    assert fixed.returncode == 0, fixed.stdout
    assert running.failures == []
    assert running.sent.total() > 200
    [orders] = shop.containers(service="orders", role="service")
    assert orders["State"]["Health"]["Status"] == "healthy"
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_no_password_is_anywhere_in_plain_text(shop: System) -> None:
    shop.make("preview")
    found = passwords(shop)
    assert len(set(found)) == 2
    assert min(map(len, found)) >= 20
    assert leaks(shop, service_images(shop), found) == []


def test_a_planted_password_is_found(shop: System, tmp_path: Path) -> None:
    [password, _] = passwords(shop)
    orders = shop.one("service", "orders")
    planted = shop.folder / "infra" / "planted.txt"
    before = list(shop.printed)
    try:
        planted.write_text(password)
        shop.printed.append(f"password: {password}")
        execute(orders, "sh", "-c", f"echo {password} > /proc/1/fd/1")
        (tmp_path / "planted").write_text(password)
        (tmp_path / "Dockerfile").write_text(f"FROM {service_images(shop)[0]}\nCOPY planted /planted\n")
        docker("build", "-q", "-t", "e2e-planted", str(tmp_path))
        assert leaks(shop, ["e2e-planted"], [password]) == [
            f"printed output {len(before) + 1}",
            "file infra/planted.txt",
            f"log of {orders['Name']}",
            "image e2e-planted",
        ]
    finally:
        shop.printed[:] = before
        planted.unlink()
        docker("rmi", "e2e-planted", ok=False)


def test_with_diagnostics_on_they_answer_from_outside(shop: System) -> None:
    shop.edit("cn.yaml", "dev: {target: docker}", "dev: {target: docker, diagnostics: true}")
    shop.make("up")
    for path, words in (
        ("readyz", "ok"),
        ("healthz", "ok"),
        ("metrics", "http_request_duration_seconds"),
        ("peers", "billing"),
    ):
        status, body = shop.call("GET", f"/orders/{path}")
        assert status == 200, path
        assert words in str(body), path


def test_what_was_removed_manually_is_recreated_on_request(shop: System) -> None:
    docker("rm", "--force", shop.one("service", "catalog")["Id"])
    failed = shop.make("up", ok=False)
    assert failed.returncode != 0
    assert "REFRESH=yes" in failed.stdout
    shop.make("unlock")
    shop.make("up", "REFRESH=yes")
    assert shop.call("GET", "/catalog/openapi.json")[0] == 200
