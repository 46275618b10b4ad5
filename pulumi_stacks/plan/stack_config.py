"""What the configuration of a Pulumi stack decides beside cn.yaml, as a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The settings `cn:…` of a stack.

    `images` maps services to references that are used instead of built images, `base_images` does so for
    `caddy` and `postgres`; `build_args` go into every build. `subnet` and `port` are for a target with
    networks; `gateway_class` is the class of the Ingress or the Gateway, and `registry_login` tells whether
    the stack has a login with which a cluster pulls images.
    """

    subnet: str | None = None
    port: int | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    base_images: Mapping[str, str] = field(default_factory=dict)
    build_args: Mapping[str, str] = field(default_factory=dict)
    gateway_class: str | None = None
    registry_login: bool = False


NOTHING_SET = StackConfig()
