"""Checks that the configuration of a stack has what a deployment on a cluster needs. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...plan.model import DeploymentPlan


class RequiredConfigError(ExpectedError):
    """A key of the configuration of a stack has an invalid value."""


def missing(plan: DeploymentPlan) -> Iterator[str]:
    """Yield an error for each key that is not set: a cluster builds no images, it pulls them."""
    for service in plan.services:
        if not service.image.reference:
            yield (
                f"cn:images.{service.name}: is not set; run `make push ENV={plan.environment}`, which builds "
                f"the image, pushes it as {service.image.name} and sets the key"
            )
    if plan.settings.gateway == "gateway-api" and not plan.gateway_class:
        yield (
            f"cn:gateway_class: is not set; set it to the name of a GatewayClass of the cluster, as "
            f"environments.{plan.environment}.gateway is gateway-api"
        )


def given_urls(text: str | None) -> dict[str, Any]:
    """Return `cn:database_urls` by service; RequiredConfigError when it is not a mapping."""
    try:
        given: Any = json.loads(text or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RequiredConfigError("cn:database_urls: not a mapping of strings")
    return given


def missing_urls(plan: DeploymentPlan, text: str | None) -> Iterator[str]:
    """Yield an error for each service with an external database and no URL in `cn:database_urls`."""
    names = [service.given_for for service in plan.services if service.given_for]
    try:
        given = given_urls(text)
    except RequiredConfigError as error:
        yield str(error)
        return
    for name in names:
        if not isinstance(given.get(name), str):
            key = f"cn:database_urls.{name}"
            command = f"pulumi config set --stack {plan.environment} --secret --path {key}"
            yield (
                f"{key}: is not set, but the database is external; run `{command}` in infra/ and enter its "
                "URL (postgresql://USER:PASSWORD@HOST:5432/NAME)"
            )
