"""The models of replicas, resources and their overrides by environment."""

from __future__ import annotations

from pydantic import Field

from .base import Model
from .field_types import Cpu, Egress, Memory, Percent, Replicas

# The default target of an autoscaler: use of CPU in percent.
BUSY = 70


class Scale(Model):
    """The number of replicas of a service."""

    min: Replicas = Field(default=1, description="Minimum number of replicas.")
    max: Replicas | None = Field(
        default=None,
        description="Maximum number of replicas, under load. Default: `min`. Docker does not scale: it runs "
        "`min`.",
        examples=[10],
    )
    cpu: Percent | None = Field(
        default=None,
        description="Average use of `resources.cpu`, in percent, above which replicas are added. "
        f"Default: {BUSY}.",
    )


class ScaleOverride(Model):
    """The scale of a service in one environment."""

    min: Replicas | None = Field(default=None, description="Minimum number of replicas in this environment.")
    max: Replicas | None = Field(
        default=None, description="Maximum number of replicas in this environment.", examples=[10]
    )
    cpu: Percent | None = Field(default=None, description="Use of CPU in this environment, in percent.")


class Resources(Model):
    """The limits of one replica."""

    cpu: Cpu = Field(
        default="500m",
        description="CPU as a Kubernetes quantity: 500m is half a core. On Kubernetes the request is a "
        "quarter of it.",
    )
    memory: Memory = Field(
        default="256Mi",
        description="Memory as a Kubernetes quantity. On Kubernetes the request is all of it.",
    )


class ResourcesOverride(Model):
    """The limits of a service in one environment."""

    cpu: Cpu | None = Field(default=None, description="CPU in this environment.")
    memory: Memory | None = Field(default=None, description="Memory in this environment.")


class Override(Model):
    """The overrides of a service in one environment."""

    scale: ScaleOverride = Field(
        default=ScaleOverride(), description="Scale in this environment.", examples=[{"min": 1}]
    )
    resources: ResourcesOverride = Field(
        default=ResourcesOverride(),
        description="Limits in this environment.",
        examples=[{"memory": "1Gi"}],
    )
    egress: Egress | None = Field(
        default=None,
        description="What it can reach outside of the system in this environment.",
        examples=["internet"],
    )
