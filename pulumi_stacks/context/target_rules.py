"""What a target adds to a resolved environment, as a value that `resolve` is given. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .model import Settings, local_url

if TYPE_CHECKING:
    from ..spec.environment import Environment


@dataclass(frozen=True, kw_only=True)
class ContextRules:
    """How an environment of this target differs from one on a single Docker engine.

    `balances`: the name of a service leads to every replica that is ready, so the gateway needs no addresses
    of single replicas. `scales`: it starts replicas under load. `pulls`: images come from a registry.
    `published`: the gateway has a port on 127.0.0.1. `proxied` tells whether a proxy before the gateway
    passes on the addresses of clients; `location` is where the environment runs, in words; `required` are
    the fields that a deployment needs and that are not set, with what to choose from.
    """

    balances: bool = False
    scales: bool = False
    pulls: bool = False
    published: bool = True
    settings: Callable[[str, str, Environment], Settings] = lambda *_: Settings()
    url: Callable[[Settings, int], str] = lambda _, port: local_url(port)
    proxied: Callable[[Settings], bool] = lambda _: False
    location: Callable[[Settings], tuple[str, ...]] = lambda _: ()
    required: Callable[[Settings], dict[str, str]] = lambda _: {}


ENGINE = ContextRules()
