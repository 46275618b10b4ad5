"""A planned container, image or network as a Pulumi resource. Nothing is decided here, only translated."""

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
    from .failures import Verdict
    from .readiness import Checks

_Label = TypeVar("_Label")


@dataclass(frozen=True)
class DeploymentScope:
    """What all parts of one deployment share.

    The `mark` of its state is a label of all that it makes, beside `labels`. `networks` have the plan's keys,
    as have the `names` under which the engine knows them.
    """

    labels: tuple[tuple[str, str], ...]
    mark: pulumi.Input[str]
    networks: Mapping[str, docker.Network]
    names: Mapping[str, str]
    checks: Checks
    verdict: Verdict


def network(
    parent: pulumi.Resource, wire: plan.Network, labels: tuple[tuple[str, str], ...], mark: pulumi.Input[str]
) -> docker.Network:
    """Make a network with its own subnet."""
    return docker.Network(
        wire.key,
        name=wire.name,
        internal=wire.internal,
        ipam_configs=[docker.NetworkIpamConfigArgs(subnet=wire.subnet)],
        labels=_labels(docker.NetworkLabelArgs, labels, {STATE: mark}),
        opts=pulumi.ResourceOptions(
            parent=parent, delete_before_replace=True, hooks=error_hints.of_network(wire)
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
    """Make a volume. One that is `kept` outlives the stack; a later stack of the same name finds it again."""
    return docker.Volume(
        key,
        name=name,
        labels=_labels(docker.VolumeLabelArgs, scope.labels, {STATE: scope.mark, ROLE: role or None}),
        opts=pulumi.ResourceOptions(
            parent=parent, retain_on_delete=kept, ignore_changes=["labels", "driver", "driverOpts"]
        ),
    )


def image(parent: pulumi.Resource, picture: plan.Image) -> pulumi.Output[str]:
    """Build or take an image and return what names its content."""
    options = pulumi.ResourceOptions(parent=parent)
    if picture.reference:
        # Kept when the stack goes: other stacks on the same engine may use it.
        taken = docker.RemoteImage(picture.key, name=picture.reference, keep_locally=True, opts=options)
        return taken.image_id
    built = docker.Image(
        picture.key,
        image_name=picture.name,
        build={
            "context": picture.folder,
            "dockerfile": f"{picture.folder}/Dockerfile",
            "args": dict(picture.arguments),
        },
        skip_push=True,
        opts=options,
    )
    return built.repo_digest


# What holds for every container.
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
    box: plan.Container,
    scope: DeploymentScope,
    *,
    image: pulumi.Input[str],
    password: pulumi.Input[str] | None = None,
    volumes: Mapping[str, pulumi.Input[str]] | None = None,
    depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] | None = None,
) -> docker.Container:
    """Make a container. Whether it is well is for the checks to say: the provider does not judge.

    `volumes` names those that have another name on the engine than in the plan.
    """
    return docker.Container(
        box.key,
        name=box.key if box.fixed_name else None,
        image=image,
        command=list(box.command) or None,
        envs=_variables(box, password),
        labels=_container_labels(box, scope),
        networks_advanced=_links(box, scope.networks),
        ports=_ports(box),
        volumes=_volumes(box, volumes or {}),
        dns=list(box.resolvers) or None,
        user=box.user,
        tmpfs=dict(box.tmpfs),
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(box.capabilities) or None),
        restart=box.restart,
        max_retry_count=box.retries or None,
        # The checks start what runs once, when it has all its limits; it may be over before they see it.
        start=not box.runs_once,
        destroy_grace_seconds=box.grace_seconds,
        healthcheck=_healthcheck(box),
        opts=_options(box, parent, depends_on),
        **_limits(box),
        **_ALWAYS,
    )


def _limits(box: plan.Container) -> dict[str, Any]:
    # Without a limit on swap of its own, every deployment would see a difference.
    return {
        "memory": box.mebibytes,
        "memory_swap": box.mebibytes,
        "cpus": str(box.cpu_millis / 1000),
    }


def _container_labels(box: plan.Container, scope: DeploymentScope) -> list[docker.ContainerLabelArgs]:
    further = {STATE: scope.mark, "cn-new.doors": _doors(box, scope.networks)}
    return _labels(docker.ContainerLabelArgs, box.labels, further)


def _links(
    box: plan.Container, networks: Mapping[str, docker.Network]
) -> list[docker.ContainerNetworksAdvancedArgs]:
    return [
        docker.ContainerNetworksAdvancedArgs(
            name=networks[link.network].name, aliases=list(link.aliases) or None
        )
        for link in box.links
    ]


def _ports(box: plan.Container) -> list[docker.ContainerPortArgs]:
    return [
        docker.ContainerPortArgs(internal=inside, external=outside, ip="127.0.0.1", protocol="tcp")
        for inside, outside in box.published
    ]


def _volumes(box: plan.Container, names: Mapping[str, pulumi.Input[str]]) -> list[docker.ContainerVolumeArgs]:
    return [
        docker.ContainerVolumeArgs(volume_name=names.get(name, name), container_path=path)
        for name, path in box.volumes
    ]


def _options(
    box: plan.Container,
    parent: pulumi.Resource,
    depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] | None,
) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(
        parent=parent,
        depends_on=depends_on,
        hooks=error_hints.of_container(box),
        delete_before_replace=box.fixed_name,
        additional_secret_outputs=["envs"] if box.secrets else None,
        # The engine cannot change these on a living container, and the provider does not say so.
        replace_on_changes=["healthcheck", "init", "tmpfs"],
    )


def _variables(
    box: plan.Container, password: pulumi.Input[str] | None
) -> pulumi.Input[list[pulumi.Input[str]]]:
    plain: list[pulumi.Input[str]] = [f"{name}={value}" for name, value in box.variables]
    if not box.secrets:
        return plain
    secret = [
        pulumi.Output.concat(f"{entry.variable}={entry.before}", password or "", entry.after)
        for entry in box.secrets
    ]
    return pulumi.Output.secret([*plain, *secret])


def _doors(box: plan.Container, networks: Mapping[str, docker.Network]) -> pulumi.Output[str] | None:
    """Name the networks that are joined late, so that the container is made anew when they change.

    It reads the networks' own names: a network that must be replaced then takes its containers along.
    """
    if not box.doors:
        return None
    names = [networks[door.network].name for door in box.doors]
    return pulumi.Output.all(*names).apply(" ".join)


def _labels(
    argument: Callable[..., _Label],
    labels: tuple[tuple[str, str], ...],
    further: Mapping[str, pulumi.Input[str] | None],
) -> list[_Label]:
    """Return labels as arguments of a resource, without those that are empty."""
    found = {**dict(labels), **{label: value for label, value in further.items() if value is not None}}
    return [argument(label=label, value=value) for label, value in sorted(found.items())]


def _healthcheck(box: plan.Container) -> docker.ContainerHealthcheckArgs | None:
    if box.check is None:
        return None
    return docker.ContainerHealthcheckArgs(
        tests=list(box.check.test),
        interval=box.check.interval,
        timeout=box.check.timeout,
        retries=box.check.retries,
        start_period=box.check.start_period,
        start_interval=box.check.start_interval,
    )
