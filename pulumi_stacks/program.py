"""What `infra/__main__.py` runs: the spec, the stack's configuration, the target of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from . import stack, targets
from .error_report import deployment_error, exit_without_crash_report
from .errors import ExpectedError

if TYPE_CHECKING:
    from .plan.model import DeploymentPlan


def main(path: str) -> None:
    """Be the program of a stack: `run`, and an end that Pulumi does not take for a crash."""
    exit_without_crash_report()
    run(path)


def run(path: str) -> None:
    """Deploy the environment that the stack is named after; exports `url` and, for each route, `urls`."""
    try:
        _run(Path(path))
    except pulumi.RunError as error:
        raise deployment_error(str(error)) from None


def _run(path: Path) -> None:
    try:
        decided = stack.plan_of(path, pulumi.get_stack(), _setting)
    except ExpectedError as error:
        raise pulumi.RunError(str(error)) from None
    _check_folders(decided, path.parent)
    for warning in decided.warnings:
        pulumi.log.warn(warning)
    url = _target(decided.target).deploy(decided)
    pulumi.export("url", url)
    routed = {service.name: service.route for service in decided.services if service.route}
    pulumi.export("urls", url.apply(lambda url: {name: url + route for name, route in routed.items()}))


def _setting(name: str) -> Any:
    config = pulumi.Config(stack.SETTINGS)
    return config.get_secret(name) if name == stack.PULL_CONFIG else config.get(name)


def _check_folders(decided: DeploymentPlan, root: Path) -> None:
    """Say which services have no image to build, before the engine says it in its own words."""
    lacking = [
        f"services.{service.name}: there is no services/{service.name}/Dockerfile; add the folder, or name "
        f"an image in {stack.SETTINGS}:images, or take the service out of cn.yaml"
        for service in decided.services
        if service.image.folder and not (root / "services" / service.name / "Dockerfile").is_file()
    ]
    if lacking:
        raise pulumi.RunError("\n".join(lacking))


def _target(name: str) -> Any:
    try:
        return targets.load(name)
    except KeyError:
        known = ", ".join(targets.names())
        raise pulumi.RunError(
            f"environments.{pulumi.get_stack()}.target: this repository cannot deploy to {name} "
            f"(only to {known}); `cn plan` lists the missing files"
        ) from None
