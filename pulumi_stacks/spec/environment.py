"""The model of an environment in cn.yaml: its target, and the fields of a Kubernetes cluster."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model
from .cluster_fields import (
    AnnotationKey,
    AnyNamespace,
    Class,
    Domain,
    KubeContext,
    Namespace,
    PullSecret,
    Sources,
    State,
)
from .field_types import Value


class Environment(Model):
    """An environment of the system, with its own Pulumi stack."""

    target: str = Field(
        description="Where it runs: `docker`, on one Docker engine, or `kubernetes`, on a cluster."
    )
    diagnostics: bool = Field(
        default=False,
        description="Make /healthz, /readyz, /metrics and /peers of each route public at the gateway.",
    )
    domain: Domain | None = Field(
        default=None,
        description="Public host name. This and all following fields are for Kubernetes only.",
    )
    namespace: Namespace | None = Field(
        default=None, description="Namespace of the environment. Default: `<system>-<environment>`."
    )
    kube_context: KubeContext | None = Field(
        default=None,
        description="Context of the kubeconfig with the cluster. Default: the current context.",
    )
    storage_class: Class | None = Field(
        default=None,
        description="Storage class for the volumes of databases. Default: that of the cluster.",
    )
    gateway: Literal["loadbalancer", "ingress", "gateway-api"] | None = Field(
        default=None,
        description="Public entry of the gateway: its own load balancer with HTTP, which is the default, or "
        "an Ingress or an HTTPRoute with TLS for `domain`.",
        examples=["ingress"],
    )
    database: Literal["in-cluster", "external"] | None = Field(
        default=None,
        description="Where its databases run: in the cluster, which is the default, or outside of it, at the "
        "URLs in the configuration of the stack.",
        examples=["external"],
    )
    state: State | None = Field(
        default=None,
        description="Backend for the Pulumi state of its stack: the URL of a backend that a team shares, or "
        "`local` for a folder on this machine. Required for a deployment.",
    )
    protected: bool | None = Field(
        default=None,
        description="Protect it against `pulumi destroy`: only `make down` can destroy it, and asks for its "
        "name. Default: `true`.",
        examples=[False],
    )
    pull_secret: PullSecret | None = Field(
        default=None,
        description="Existing image pull secret in the namespace, created and renewed outside of this stack; "
        "replaces `cn:pull_config` of the stack.",
    )
    metrics_from: tuple[AnyNamespace, ...] | None = Field(
        default=None,
        strict=False,
        description="Namespaces whose pods may connect to the port of every service, to read `/metrics`. The "
        "port is also that of the API.",
        examples=[["monitoring"]],
    )
    annotations: dict[AnnotationKey, Value] | None = Field(
        default=None,
        description="Annotations of the Service of type LoadBalancer, of the Ingress or of the Gateway, for "
        "their controllers.",
        examples=[{"networking.gke.io/load-balancer-type": "Internal"}],
    )
    sources: Sources | None = Field(
        default=None,
        strict=False,
        description="Networks from which the load balancer accepts requests. Default: all.",
        examples=[["203.0.113.0/24"]],
    )
    client_address: bool | None = Field(
        default=None,
        description="Keep the addresses of clients at the load balancer, which then sends requests only to "
        "nodes with a replica of the gateway.",
    )
