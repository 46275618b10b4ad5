"""The single values that an environment on a cluster has, as types with their rules."""

from __future__ import annotations

import re
from typing import Annotated

from . import text
from .advice import BACKENDS
from .words import described, match, mismatch, unless

_DOMAIN = "a domain (such as shop.example.com)"
_NAMESPACE = "a namespace (1 to 63 of a-z, 0-9 and -; never default or kube-...)"
_ANY_NAMESPACE = "the name of a namespace (1 to 63 of a-z, 0-9 and -, such as monitoring)"
_CONTEXT = "the name of a context in a kubeconfig"
_CLASS = "the name of a class that a cluster offers (such as standard)"
_SECRET = "the name of a Secret (such as registry-login)"
_STATE = f"the address of a backend ({BACKENDS}), nor local"


def _state(value: str) -> str | None:
    """Explain why a text is no backend, without repeating a password that it may have."""
    if re.search("://[^/?]*@", value):
        return (
            "has a user or a password, and cn.yaml is committed; leave out all up to the @, and let the "
            "environment of your shell have them (such as AWS_PROFILE)"
        )
    return mismatch(value, text.STATE_PATTERN, "state", _STATE)


Domain = Annotated[
    str,
    match(text.DOMAIN_PATTERN, "domain", _DOMAIN),
    described(text.DOMAIN_PATTERN, _DOMAIN, "shop.example.com"),
]
Namespace = Annotated[
    str,
    match(text.NAMESPACE_PATTERN, "namespace", _NAMESPACE),
    described(text.NAMESPACE_PATTERN, _NAMESPACE, "shop-prod"),
]
AnyNamespace = Annotated[
    str,
    match(text.ANY_NAMESPACE_PATTERN, "any namespace", _ANY_NAMESPACE),
    described(text.ANY_NAMESPACE_PATTERN, _ANY_NAMESPACE, "monitoring"),
]
KubeContext = Annotated[
    str,
    match(text.CONTEXT_PATTERN, "context", _CONTEXT),
    described(text.CONTEXT_PATTERN, _CONTEXT, "admin@production"),
]
Class = Annotated[
    str, match(text.CLASS_PATTERN, "class", _CLASS), described(text.CLASS_PATTERN, _CLASS, "standard")
]
PullSecret = Annotated[
    str,
    match(text.CLASS_PATTERN, "secret", _SECRET),
    described(text.CLASS_PATTERN, _SECRET, "registry-login"),
]
State = Annotated[str, unless(_state), described(text.STATE_PATTERN, _STATE, "s3://acme-state/shop")]
