"""What has to be in the stack's configuration before a plan can run on a cluster. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...plan.model import DeploymentPlan


class SettingsError(ValueError):
    """A key of the stack's configuration that is not set, or not what it should be."""


def missing(plan: DeploymentPlan) -> Iterator[str]:
    """Name each key that is not set: a cluster takes images from a registry, and builds none."""
    for service in plan.services:
        if not service.image.reference:
            yield (
                f"cn:images.{service.name}: is not set; `make push ENV={plan.environment}` builds the image, "
                f"pushes it as {service.image.name} and sets it"
            )
    if plan.settings.gateway == "gateway-api" and not plan.gateway_class:
        yield (
            f"cn:gateway_class: is not set; environments.{plan.environment}.gateway needs the name of a "
            "GatewayClass of the cluster"
        )


def given_urls(text: str | None) -> dict[str, Any]:
    """Return the addresses in `cn:database_urls` by services; SettingsError when they are no map."""
    try:
        given: Any = json.loads(text or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise SettingsError("cn:database_urls is not a map of texts")
    return given


def missing_urls(plan: DeploymentPlan, text: str | None) -> Iterator[str]:
    """Name each service whose database is external and has no address in `cn:database_urls`."""
    names = [service.given_for for service in plan.services if service.given_for]
    try:
        given = given_urls(text)
    except SettingsError as error:
        yield str(error)
        return
    for name in names:
        if not isinstance(given.get(name), str):
            key = f"cn:database_urls.{name}"
            advice = (
                f"`pulumi config set --stack {plan.environment} --secret --path {key}` in infra/ asks for it"
            )
            yield (
                f"{key}: is not set, and the database is external: {advice} "
                "(postgresql://USER:PASSWORD@HOST:5432/NAME)"
            )
