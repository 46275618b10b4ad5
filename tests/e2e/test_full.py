"""examples/03-full on the engine: your own images beside those of the template."""

from dataclasses import replace

from tests.e2e.figures import timed
from tests.e2e.probes import assert_hardened, connects
from tests.e2e.system import System, execute, free_port, reason


def test_up_runs_ready_images_and_own_dockerfiles_like_any_other(full: System) -> None:
    full.configure(port=full.port)
    with timed("up of 03-full"):
        said = full.make("up").stdout
    assert "services.notes.ready: is none, so it counts as ready after 5 seconds" in said
    assert full.call("GET", "/site/anything") == (200, "a site")
    assert full.call("GET", "/notes/") == (200, "notes")
    status, item = full.call("POST", "/orders/items", {"name": "first"})
    assert (status, item["name"]) == (201, "first")
    peers = full.call("GET", "/orders/peers")[1]["peers"]
    assert {name: peer["state"] for name, peer in peers.items()} == {"billing": "up", "notes": "up"}


def test_what_the_spec_says_of_an_image_is_what_runs(full: System) -> None:
    site, notes = full.one("service", "site"), full.one("service", "notes")
    assert site["Config"]["User"] == "65532:65532"
    assert notes["Config"]["User"] == "1000:1000"
    assert site["HostConfig"]["Tmpfs"].keys() == {"/config", "/data", "/tmp"}
    assert "PORT=2080" in site["Config"]["Env"]
    for container in (site, notes):
        assert_hardened(container, binds=True)
    orders = full.one("service", "ordering")
    assert connects(orders, "notes", 8080)
    assert not connects(orders, "site", 2080)
    assert "a dollar is $1" in execute(orders, "env")
    assert orders["HostConfig"]["Memory"] == 320 * 2**20


def test_compose_runs_the_same_beside_it(full: System) -> None:
    port = free_port()
    composed = replace(full, environment={**full.environment, "GATEWAY_PORT": str(port)}, port=port)
    composed.run("make", "secrets")
    try:
        composed.run("docker", "compose", "up", "--build", "--wait")
        assert composed.call("GET", "/site/anything") == (200, "a site")
        assert composed.call("GET", "/notes/") == (200, "notes")
        assert composed.call("POST", "/orders/items", {"name": "first"})[0] == 201
    finally:
        composed.run("docker", "compose", "down", "--volumes", ok=False)


def test_a_second_up_changes_nothing(full: System) -> None:
    full.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_an_image_that_never_answers_fails_the_up_and_the_old_one_serves(full: System) -> None:
    full.configure(timeout=20)
    full.edit("cn.yaml", "ready: /up ", "ready: /up?")
    assert "is not a path" in reason(full.make("up", ok=False).stdout)
    full.edit("cn.yaml", "ready: /up?", "ready: /up ")
    full.edit("cn.yaml", '":2080", --body', '":2081", --body')
    failed = full.make("up", ok=False)
    assert failed.returncode != 0
    unready = "not ready after 20 s (running; GET /up on port 2080 did not return 200)"
    assert reason(failed.stdout).startswith(f"services.site: {unready}\n")
    assert full.call("GET", "/site/still") == (200, "a site")
    full.edit("cn.yaml", '":2081", --body', '":2080", --body')
    full.make("up")


def test_down_with_the_data_leaves_nothing(full: System) -> None:
    full.make("down", "DATA=delete")
    assert full.remains() == []
