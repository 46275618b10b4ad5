"""The end of the life of examples/02-shop: taken away with and without its data."""

from tests.e2e.figures import timed
from tests.e2e.system import System, docker

ITEMS = "/orders/items"


def test_down_keeps_the_data_and_the_next_up_finds_it(shop: System) -> None:
    shop.configure(port=shop.port)
    shop.make("up")
    before = shop.call("POST", ITEMS, {"name": "before"})[1]
    with timed("destroy"):
        shop.make("down")
    assert shop.remains() == [f"{shop.name}_dev_database-{name}" for name in ("billing", "orders")], "volumes"
    assert shop.containers(everything=True) == []
    with timed("up over kept data"):
        shop.make("up")
    assert shop.call("GET", f"{ITEMS}/{before['id']}") == (200, before)
    assert shop.call("POST", ITEMS, {"name": "after"})[0] == 201


def test_down_with_the_data_leaves_nothing(shop: System) -> None:
    shop.make("down", "DATA=delete")
    assert shop.remains() == []
    assert docker("ps", "-aq", "--filter", f"label=cn-new.project={shop.name}").split() == []
