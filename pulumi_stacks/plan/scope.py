"""What every part of one environment's plan shares: names, labels, images, the rules of its target. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .model import Image, Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context.model import Context, Environment
    from .stack_config import StackConfig
    from .target_rules import PlanRules

BASE_IMAGES = {"caddy": "caddy:2", "postgres": "postgres:17"}


@dataclass(frozen=True, kw_only=True)
class PlanScope:
    """One environment of a system, the rules of its target and the configuration of its stack."""

    context: Context
    environment: Environment
    rules: PlanRules
    config: StackConfig

    @property
    def prefix(self) -> str:
        """What the names of all containers and networks begin with."""
        # No name holds an underscore, so no two systems share a prefix, and no two containers a key.
        return f"{self.context.name}_{self.environment.name}"

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """The id of each service, by its name."""
        return {service.name: service.id for service in self.context.services}

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Labels of everything in the environment."""
        return (("cn-new.environment", self.environment.name), ("cn-new.project", self.context.name))

    def labels_of(self, service: str, role: str) -> tuple[tuple[str, str], ...]:
        """Return the labels of one container."""
        return tuple(sorted((*self.labels, ("cn-new.role", role), ("cn-new.service", service))))

    def links(self, *keys: str, aliases: tuple[str, ...] = ()) -> tuple[Link, ...]:
        """Return the networks that a container joins at its start; none on a target without them."""
        if not self.rules.networks:
            return ()
        return tuple(Link(network=key, aliases=aliases) for key in sorted(keys))

    def base_image(self, name: str) -> Image:
        """Return one of BASE_IMAGES, or what the stack's configuration uses instead."""
        return Image(key=name, reference={**BASE_IMAGES, **self.config.base_images}[name])

    def image_problems(self) -> tuple[str, ...]:
        """Name the keys of the two maps of images that no service and no base image has."""
        known = {
            "cn:images": (self.config.images, set(self.ids)),
            "cn:base_images": (self.config.base_images, set(BASE_IMAGES)),
        }
        return tuple(
            f"{key}: unknown name '{word}' (choose from {', '.join(sorted(words))})"
            for key, (images, words) in known.items()
            for word in sorted(images.keys() - words)
        )
