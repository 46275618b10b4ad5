"""How many replicas a service has, what each may use, and what environments change: a part of the model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from .field_types import Cpu, Egress, Memory, Percent, Replicas

# From how much of its CPU on a service gets more replicas, in percent.
BUSY = 70


class Model(BaseModel):
    """A part of cn.yaml: frozen, and without any field that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Scale(Model):
    """How many replicas a service has."""

    min: Replicas = Field(default=1, description="Replicas that always run.")
    max: Replicas | None = Field(
        default=None,
        description="Replicas that run at most, under load; without it `min`. Docker does not scale: it runs "
        "`min`.",
        examples=[10],
    )
    cpu: Percent | None = Field(
        default=None,
        description="Percent of `resources.cpu` that replicas use on average before there are more of them; "
        f"without it {BUSY}.",
    )


class ScaleOverride(Model):
    """What one environment changes of a service's scale."""

    min: Replicas | None = Field(default=None, description="Replicas that always run here.")
    max: Replicas | None = Field(default=None, description="Replicas that run at most here.", examples=[10])
    cpu: Percent | None = Field(default=None, description="Percent of the CPU before there are more here.")


class Resources(Model):
    """What one replica may use at most."""

    cpu: Cpu = Field(
        default="500m",
        description="CPU as a Kubernetes quantity: 500m is half a core. On Kubernetes a quarter of it is "
        "reserved.",
    )
    memory: Memory = Field(
        default="256Mi",
        description="Memory as a Kubernetes quantity. On Kubernetes all of it is reserved.",
    )


class ResourcesOverride(Model):
    """What one environment changes of a service's resources."""

    cpu: Cpu | None = Field(default=None, description="CPU here.")
    memory: Memory | None = Field(default=None, description="Memory here.")


class Override(Model):
    """What one environment changes of a service."""

    scale: ScaleOverride = Field(
        default=ScaleOverride(), description="Scale in this environment.", examples=[{"min": 1}]
    )
    resources: ResourcesOverride = Field(
        default=ResourcesOverride(),
        description="Resources in this environment.",
        examples=[{"memory": "1Gi"}],
    )
    egress: Egress | None = Field(
        default=None,
        description="What it may reach outside the system in this environment.",
        examples=["internet"],
    )
