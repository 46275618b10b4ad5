"""A planned container, image or network as a Pulumi resource. Translates only, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi
import pulumi_docker as docker

from . import error_hints
from .orphans import ROLE, STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...plan import model as plan
    from .failures import FailureCollector
    from .readiness import Checks

_Label = TypeVar("_Label")


@dataclass(frozen=True)
class DeploymentScope:
    """What all components of one deployment share.

    `state_id` is the value of a label on all its Docker objects, beside `labels`. The keys of `networks`, and
    of their `names` on the engine, are those of the plan.
    """

    labels: tuple[tuple[str, str], ...]
    state_id: pulumi.Input[str]
    networks: Mapping[str, docker.Network]
    names: Mapping[str, str]
    checks: Checks
    failures: FailureCollector


def network(
    parent: pulumi.Resource,
    planned: plan.Network,
    labels: tuple[tuple[str, str], ...],
    state_id: pulumi.Input[str],
) -> docker.Network:
    """Create a network with its own subnet."""
    return docker.Network(
        planned.key,
        name=planned.name,
        internal=planned.internal,
        ipam_configs=[docker.NetworkIpamConfigArgs(subnet=planned.subnet)],
        labels=_labels(docker.NetworkLabelArgs, labels, {STATE: state_id}),
        opts=pulumi.ResourceOptions(
            parent=parent, delete_before_replace=True, hooks=error_hints.of_network(planned)
        ),
    )


def volume(
    parent: pulumi.Resource,
    key: str,
    name: pulumi.Input[str],
    scope: DeploymentScope,
    *,
    role: str = "",
    kept: bool = False,
) -> docker.Volume:
    """Create a volume. A `kept` one outlives the stack; a later stack of the same name uses it again."""
    return docker.Volume(
        key,
        name=name,
        labels=_labels(docker.VolumeLabelArgs, scope.labels, {STATE: scope.state_id, ROLE: role or None}),
        opts=pulumi.ResourceOptions(
            parent=parent, retain_on_delete=kept, ignore_changes=["labels", "driver", "driverOpts"]
        ),
    )


def image(parent: pulumi.Resource, planned: plan.Image) -> pulumi.Output[str]:
    """Build or pull an image and return its digest or id."""
    options = pulumi.ResourceOptions(parent=parent)
    if planned.reference:
        # Kept when the stack is deleted: other stacks on the same engine may use it.
        pulled = docker.RemoteImage(planned.key, name=planned.reference, keep_locally=True, opts=options)
        return pulled.image_id
    built = docker.Image(
        planned.key,
        image_name=planned.name,
        build={
            "context": planned.folder,
            "dockerfile": f"{planned.folder}/Dockerfile",
            "args": dict(planned.arguments),
        },
        skip_push=True,
        opts=options,
    )
    return built.repo_digest


# The arguments of every container.
_ALWAYS: dict[str, Any] = {
    "read_only": True,
    "security_opts": ["no-new-privileges:true"],
    "init": True,
    "log_driver": "json-file",
    "log_opts": {"max-file": "3", "max-size": "10m"},
    "must_run": False,
    "wait": False,
}


def container(
    parent: pulumi.Resource,
    planned: plan.Container,
    scope: DeploymentScope,
    *,
    image: pulumi.Input[str],
    password: pulumi.Input[str] | None = None,
    volumes: Mapping[str, pulumi.Input[str]] | None = None,
    depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] | None = None,
) -> docker.Container:
    """Create a container. The provider does not wait until it is healthy: the checks do.

    `volumes` has those whose name on the engine differs from the plan's.
    """
    return docker.Container(
        planned.key,
        name=planned.key if planned.fixed_name else None,
        image=image,
        command=list(planned.command) or None,
        envs=_variables(planned, password),
        labels=_container_labels(planned, scope),
        networks_advanced=_networks(planned, scope.networks),
        ports=_ports(planned),
        volumes=_volumes(planned, volumes or {}),
        dns=list(planned.resolvers) or None,
        user=planned.user,
        tmpfs=dict(planned.tmpfs),
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(planned.capabilities) or None),
        restart=planned.restart,
        max_retry_count=planned.retries or None,
        # The checks start a container that runs once, after they have set all its limits.
        start=not planned.runs_once,
        destroy_grace_seconds=planned.grace_seconds,
        healthcheck=_healthcheck(planned),
        opts=_options(planned, parent, depends_on),
        **_limits(planned),
        **_ALWAYS,
    )


def _limits(planned: plan.Container) -> dict[str, Any]:
    # Docker derives a limit of swap where none is set, and each deployment would find that difference.
    return {
        "memory": planned.mebibytes,
        "memory_swap": planned.mebibytes,
        "cpus": str(planned.cpu_millis / 1000),
    }


def _container_labels(planned: plan.Container, scope: DeploymentScope) -> list[docker.ContainerLabelArgs]:
    further = {STATE: scope.state_id, "cn-new.endpoints": _later_networks(planned, scope.networks)}
    return _labels(docker.ContainerLabelArgs, planned.labels, further)


def _networks(
    planned: plan.Container, networks: Mapping[str, docker.Network]
) -> list[docker.ContainerNetworksAdvancedArgs]:
    return [
        docker.ContainerNetworksAdvancedArgs(
            name=networks[link.network].name, aliases=list(link.aliases) or None
        )
        for link in planned.links
    ]


def _ports(planned: plan.Container) -> list[docker.ContainerPortArgs]:
    return [
        docker.ContainerPortArgs(internal=inside, external=outside, ip="127.0.0.1", protocol="tcp")
        for inside, outside in planned.published
    ]


def _volumes(
    planned: plan.Container, names: Mapping[str, pulumi.Input[str]]
) -> list[docker.ContainerVolumeArgs]:
    return [
        docker.ContainerVolumeArgs(volume_name=names.get(name, name), container_path=path)
        for name, path in planned.volumes
    ]


def _options(
    planned: plan.Container,
    parent: pulumi.Resource,
    depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] | None,
) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(
        parent=parent,
        depends_on=depends_on,
        hooks=error_hints.of_container(planned),
        delete_before_replace=planned.fixed_name,
        additional_secret_outputs=["envs"] if planned.secrets else None,
        # Docker cannot change these in place, and the provider reports success without a change
        # (kreuzwerker/terraform-provider-docker#988).
        replace_on_changes=["healthcheck", "init", "tmpfs"],
    )


def _variables(
    planned: plan.Container, password: pulumi.Input[str] | None
) -> pulumi.Input[list[pulumi.Input[str]]]:
    plain: list[pulumi.Input[str]] = [f"{name}={value}" for name, value in planned.variables]
    if not planned.secrets:
        return plain
    secret = [
        pulumi.Output.concat(f"{entry.variable}={entry.before}", password or "", entry.after)
        for entry in planned.secrets
    ]
    return pulumi.Output.secret([*plain, *secret])


def _later_networks(
    planned: plan.Container, networks: Mapping[str, docker.Network]
) -> pulumi.Output[str] | None:
    """Return the networks that are connected after the start, so that their change recreates the container.

    The names are outputs of the networks: a network that is replaced recreates its containers.
    """
    if not planned.endpoints:
        return None
    names = [networks[endpoint.network].name for endpoint in planned.endpoints]
    return pulumi.Output.all(*names).apply(" ".join)


def _labels(
    argument: Callable[..., _Label],
    labels: tuple[tuple[str, str], ...],
    further: Mapping[str, pulumi.Input[str] | None],
) -> list[_Label]:
    """Return labels as arguments of a resource, without those that are empty."""
    found = {**dict(labels), **{label: value for label, value in further.items() if value is not None}}
    return [argument(label=label, value=value) for label, value in sorted(found.items())]


def _healthcheck(planned: plan.Container) -> docker.ContainerHealthcheckArgs | None:
    if planned.check is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=list(planned.check.test),
        interval=planned.check.interval,
        timeout=planned.check.timeout,
        retries=planned.check.retries,
        start_period=planned.check.start_period,
        start_interval=planned.check.start_interval,
    )
