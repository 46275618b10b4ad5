"""The single values that an environment on a cluster has, as types with their rules."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator

from ..messages import SECRET_KEY, show
from .explanations import BACKENDS
from .field_types import described, error, match, mismatch, unless
from .patterns import (
    ANNOTATION_PATTERN,
    ANY_NAMESPACE_PATTERN,
    CLASS_PATTERN,
    CONTEXT_PATTERN,
    DOMAIN_PATTERN,
    NAMESPACE_PATTERN,
    STATE_PATTERN,
)

_DOMAIN = "a domain (such as shop.example.com)"
_NAMESPACE = "a namespace (1 to 63 of a-z, 0-9 and -; not default or kube-...)"
_ANY_NAMESPACE = "the name of a namespace (1 to 63 of a-z, 0-9 and -, such as monitoring)"
_ANNOTATION = "the key of an annotation (such as example.com/team)"
_CONTEXT = "the name of a context in a kubeconfig"
_CLASS = "the name of a class of the cluster (such as standard)"
_SECRET = "the name of a Secret (such as registry-login)"
_SOURCE = "a network (such as 203.0.113.0/24 or 2001:db8::/32)"
_STATE = f"the address of a backend ({BACKENDS}), or local"


def _source(value: str) -> str:
    """Read a network in its shortest form."""
    try:
        if not re.fullmatch("[0-9A-Fa-f:.]+(/[0-9]{1,3})?", value):
            raise ValueError  # noqa: TRY301
        network = ip_network(value, strict=False)
        host = ip_address(value.partition("/")[0])
    except ValueError:
        advice = "; write addresses instead of a name" if re.search("[g-zG-Z]", value) else ""
        raise error(f"{show(value)} is not {_SOURCE}{advice}") from None
    if host != network.network_address:
        choice = f"write {ip_network(host)} for this address, or {network} for the network"
        raise error(f"{show(value)} has host bits set; {choice}")
    return str(network)


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty list: a load balancer would accept all clients."""
    if not value:
        raise error("is empty, which accepts all clients; add networks, or remove it")
    return value


def _state(value: str) -> str | None:
    """Explain why a value is not a backend, without repeating a password that it may have."""
    if re.search("://.*@", value):
        return (
            "has a user or a password, and cn.yaml is committed; remove everything up to the @, and set them "
            "in the environment of your shell (such as AWS_PROFILE)"
        )
    if re.search(f"{SECRET_KEY}=", value):
        return (
            "has a password or a token, and cn.yaml is committed; remove it, and set it in the environment "
            "of your shell (such as AWS_PROFILE)"
        )
    return mismatch(value, STATE_PATTERN, "state", _STATE)


Domain = Annotated[
    str,
    match(DOMAIN_PATTERN, "domain", _DOMAIN),
    described(DOMAIN_PATTERN, _DOMAIN, "shop.example.com"),
]
Namespace = Annotated[
    str,
    match(NAMESPACE_PATTERN, "namespace", _NAMESPACE),
    described(NAMESPACE_PATTERN, _NAMESPACE, "shop-prod"),
]
AnyNamespace = Annotated[
    str,
    match(ANY_NAMESPACE_PATTERN, "any namespace", _ANY_NAMESPACE),
    described(ANY_NAMESPACE_PATTERN, _ANY_NAMESPACE, "monitoring"),
]
AnnotationKey = Annotated[
    str,
    match(ANNOTATION_PATTERN, "annotation", _ANNOTATION),
    described(ANNOTATION_PATTERN, _ANNOTATION, "example.com/team"),
]
Source = Annotated[
    str, AfterValidator(_source), described("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", _SOURCE, "203.0.113.0/24")
]
Sources = Annotated[tuple[Source, ...], AfterValidator(_some)]
KubeContext = Annotated[
    str,
    match(CONTEXT_PATTERN, "context", _CONTEXT),
    described(CONTEXT_PATTERN, _CONTEXT, "admin@production"),
]
Class = Annotated[str, match(CLASS_PATTERN, "class", _CLASS), described(CLASS_PATTERN, _CLASS, "standard")]
PullSecret = Annotated[
    str,
    match(CLASS_PATTERN, "secret", _SECRET),
    described(CLASS_PATTERN, _SECRET, "registry-login"),
]
State = Annotated[str, unless(_state), described(STATE_PATTERN, _STATE, "s3://acme-state/shop")]
