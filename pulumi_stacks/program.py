"""What `infra/__main__.py` runs: the spec, the stack's configuration, the target of the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from . import targets
from .context import resolve as context
from .plan.planner import PlanError, make_plan
from .plan.stack_config import StackConfig
from .refusal import quiet_end, refusal
from .spec import loader

if TYPE_CHECKING:
    from .plan.model import DeploymentPlan

SETTINGS = "cn"


def main(path: str) -> None:
    """Be the program of a stack: `run`, and an end that Pulumi does not take for a crash."""
    quiet_end()
    run(path)


def run(path: str) -> None:
    """Deploy the environment that the stack is named after; exports `url` and, for each route, `urls`."""
    try:
        _run(Path(path))
    except pulumi.RunError as error:
        raise refusal(str(error)) from None


def _run(path: Path) -> None:
    resolved = _resolve(path)
    environment = pulumi.get_stack()
    decided = _plan(resolved, environment)
    _check_folders(decided, path.parent)
    for warning in decided.warnings:
        pulumi.log.warn(warning)
    url = _target(decided.target).deploy(decided)
    pulumi.export("url", url)
    routed = {service.name: service.route for service in decided.services if service.route}
    pulumi.export("urls", url.apply(lambda url: {name: url + route for name, route in routed.items()}))


def _resolve(path: Path) -> context.Context:
    try:
        return context.resolve(loader.load(path.read_bytes(), path.name))
    except OSError as error:
        raise pulumi.RunError(f"{path}: {error.strerror}") from None
    except loader.SpecError as error:
        raise pulumi.RunError("\n".join(map(str, error.problems))) from None


def _plan(resolved: context.Context, environment: str) -> DeploymentPlan:
    config = pulumi.Config(SETTINGS)
    try:
        settings = StackConfig(
            subnet=config.get("subnet"),
            port=config.get_int("port"),
            images=_map(config, "images"),
            base_images=_map(config, "base_images"),
            build_args=_map(config, "build_args"),
            entry_class=config.get("gateway_class"),
            pulls=config.get_secret("pull_config") is not None,
        )
        return make_plan(resolved, environment, settings)
    except PlanError as error:
        raise pulumi.RunError("\n".join(error.problems)) from None


def _check_folders(decided: DeploymentPlan, root: Path) -> None:
    """Say which services have no image to build, before the engine says it in its own words."""
    lacking = [
        f"services.{service.name}: there is no services/{service.name}/Dockerfile; add the folder, or name "
        f"an image in {SETTINGS}:images, or take the service out of cn.yaml"
        for service in decided.services
        if service.image.folder and not (root / "services" / service.name / "Dockerfile").is_file()
    ]
    if lacking:
        raise pulumi.RunError("\n".join(lacking))


def _map(config: pulumi.Config, key: str) -> dict[str, str]:
    text = config.get(key)
    if not text:
        return {}
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        example = f"pulumi config set --path {SETTINGS}:{key}.NAME VALUE"
        raise pulumi.RunError(f"{SETTINGS}:{key} is not a map of texts; set it with `{example}`")
    return value


def _target(name: str) -> Any:
    try:
        return targets.load(name)
    except KeyError:
        known = ", ".join(targets.names())
        raise pulumi.RunError(f"there is no target '{name}' here (there is {known})") from None
