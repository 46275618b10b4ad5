"""The public entry of the gateway: a load balancer, an Ingress, or a Gateway with its HTTPRoute. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .workloads import service_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..cluster import Cluster
    from .metadata import Object, PodGroup

PUBLIC_PORT = 80
# The Secret with the certificate of the domain, which cert-manager or an administrator creates.
CERTIFICATE = "gateway-tls"
# In bytes; other controllers have other annotations for it.
BODY_LIMIT = "nginx.ingress.kubernetes.io/proxy-body-size"
# The annotation from which external-dns creates the DNS record of the domain.
HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
_API = "gateway.networking.k8s.io/v1"


def gateway_service(pods: PodGroup, cluster: Cluster) -> Object:
    """Return the gateway's Service."""
    if cluster.gateway != "loadbalancer":
        return service_object(pods, pods.object_name, PUBLIC_PORT)
    fields: Object = {"type": "LoadBalancer"}
    if cluster.sources:
        fields["loadBalancerSourceRanges"] = list(cluster.sources)
    if cluster.client_address:
        # With the policy Cluster, another node would replace the address of the client by its own.
        fields["externalTrafficPolicy"] = "Local"
    manifest = service_object(pods, pods.object_name, PUBLIC_PORT, **fields)
    return _annotated(manifest, cluster, {HOSTNAME: cluster.domain} if cluster.domain else {})


def _annotated(manifest: Object, cluster: Cluster, ours: Mapping[str, str]) -> Object:
    """Add our annotations and those of cn.yaml, which override ours."""
    if found := {**ours, **dict(cluster.annotations)}:
        manifest["metadata"]["annotations"] = found
    return manifest


def load_balancer_host(status: Mapping[str, Any] | None) -> str:
    """Return the host of a URL for the gateway's Service: that of its load balancer, or empty."""
    found = ((status or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    ip = str(found[0].get("ip") or "")
    return f"[{ip}]" if ":" in ip else ip or str(found[0].get("hostname") or "")


def domain_objects(pods: PodGroup, cluster: Cluster, largest_body: int) -> list[Object]:
    """Return the objects that route the domain to the gateway's Service, with bodies up to `largest_body`."""
    if cluster.gateway == "ingress":
        return [_ingress(pods, cluster, largest_body)]
    return [_listener(pods, cluster), _route(pods, cluster)] if cluster.gateway == "gateway-api" else []


def _ingress(pods: PodGroup, cluster: Cluster, largest_body: int) -> Object:
    backend = {"service": {"name": pods.object_name, "port": {"number": PUBLIC_PORT}}}
    manifest = pods.manifest(
        "Ingress",
        "networking.k8s.io/v1",
        spec={
            **({"ingressClassName": cluster.gateway_class} if cluster.gateway_class else {}),
            "tls": [{"hosts": [cluster.domain], "secretName": CERTIFICATE}],
            "rules": [
                {
                    "host": cluster.domain,
                    "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
                }
            ],
        },
    )
    # The gateway limits bodies by route. The default of the controller, 1 MiB, is less than all of these.
    return _annotated(manifest, cluster, {BODY_LIMIT: str(largest_body)})


def _listener(pods: PodGroup, cluster: Cluster) -> Object:
    manifest = pods.manifest(
        "Gateway",
        _API,
        spec={
            "gatewayClassName": cluster.gateway_class,
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
    return _annotated(manifest, cluster, {})


def _route(pods: PodGroup, cluster: Cluster) -> Object:
    return pods.manifest(
        "HTTPRoute",
        _API,
        spec={
            "parentRefs": [{"name": pods.object_name, "sectionName": "https"}],
            "hostnames": [cluster.domain],
            "rules": [{"backendRefs": [{"name": pods.object_name, "port": PUBLIC_PORT}]}],
        },
    )
