"""How people reach the gateway: a load balancer of its own, an Ingress, or a Gateway with its route. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .workloads import address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..cluster import Cluster
    from .metadata import Object, Part

PUBLIC_PORT = 80
# Whoever makes certificates puts that of the domain into this Secret.
CERTIFICATE = "gateway-tls"
# In bytes; other controllers have other names for it.
BODY_LIMIT = "nginx.ingress.kubernetes.io/proxy-body-size"
# By which external-dns, where a cluster has it, points the domain to the load balancer.
HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
_API = "gateway.networking.k8s.io/v1"


def door(part: Part, cluster: Cluster) -> Object:
    """Return the gateway's Service."""
    if cluster.entry != "loadbalancer":
        return address(part, part.title, PUBLIC_PORT)
    fields: Object = {"type": "LoadBalancer"}
    if cluster.sources:
        fields["loadBalancerSourceRanges"] = list(cluster.sources)
    if cluster.client_address:
        # Another node would put its own address in the place of the client's.
        fields["externalTrafficPolicy"] = "Local"
    made = address(part, part.title, PUBLIC_PORT, **fields)
    return _annotated(made, cluster, {HOSTNAME: cluster.domain} if cluster.domain else {})


def _annotated(made: Object, cluster: Cluster, ours: Mapping[str, str]) -> Object:
    """Add our annotations to the way in, and those of cn.yaml, which decide where both have one."""
    if found := {**ours, **dict(cluster.annotations)}:
        made["metadata"]["annotations"] = found
    return made


def host(status: Mapping[str, Any] | None) -> str:
    """Return whom a URL names for the gateway's Service: its load balancer, or nothing while it has none."""
    found = ((status or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    number = str(found[0].get("ip") or "")
    return f"[{number}]" if ":" in number else number or str(found[0].get("hostname") or "")


def ways(part: Part, cluster: Cluster, largest_body: int) -> list[Object]:
    """Return what leads people, with bodies of so many bytes, from the domain to the gateway's Service."""
    if cluster.entry == "ingress":
        return [_ingress(part, cluster, largest_body)]
    return [_listener(part, cluster), _route(part, cluster)] if cluster.entry == "gateway-api" else []


def _ingress(part: Part, cluster: Cluster, largest_body: int) -> Object:
    backend = {"service": {"name": part.title, "port": {"number": PUBLIC_PORT}}}
    made = part.make(
        "Ingress",
        "networking.k8s.io/v1",
        spec={
            **({"ingressClassName": cluster.entry_class} if cluster.entry_class else {}),
            "tls": [{"hosts": [cluster.domain], "secretName": CERTIFICATE}],
            "rules": [
                {
                    "host": cluster.domain,
                    "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
                }
            ],
        },
    )
    # The gateway has a limit for each route; the controller's own, 1 MiB, is less than the least of them.
    return _annotated(made, cluster, {BODY_LIMIT: str(largest_body)})


def _listener(part: Part, cluster: Cluster) -> Object:
    made = part.make(
        "Gateway",
        _API,
        spec={
            "gatewayClassName": cluster.entry_class,
            "listeners": [
                {
                    "name": "https",
                    "protocol": "HTTPS",
                    "port": 443,
                    "hostname": cluster.domain,
                    "tls": {
                        "mode": "Terminate",
                        "certificateRefs": [{"kind": "Secret", "name": CERTIFICATE}],
                    },
                    "allowedRoutes": {"namespaces": {"from": "Same"}},
                }
            ],
        },
    )
    return _annotated(made, cluster, {})


def _route(part: Part, cluster: Cluster) -> Object:
    return part.make(
        "HTTPRoute",
        _API,
        spec={
            "parentRefs": [{"name": part.title, "sectionName": "https"}],
            "hostnames": [cluster.domain],
            "rules": [{"backendRefs": [{"name": part.title, "port": PUBLIC_PORT}]}],
        },
    )
