"""What the configuration of a Pulumi stack decides beside cn.yaml, as a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The settings `cn:…` of a stack.

    `images` maps services to references that are taken instead of built, `base_images` does so for `caddy`
    and `postgres`; `build_args` go into every build. `subnet`, `port` are for one engine, `entry_class`, the
    class of its Ingress or Gateway, is for a cluster, as is whether it `pulls` images with credentials.
    """

    subnet: str | None = None
    port: int | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    base_images: Mapping[str, str] = field(default_factory=dict)
    build_args: Mapping[str, str] = field(default_factory=dict)
    entry_class: str | None = None
    pulls: bool = False


NOTHING_SET = StackConfig()
