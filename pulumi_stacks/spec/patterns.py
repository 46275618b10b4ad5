"""Rules for the words of a spec: names, routes, addresses, free text. Pure."""

from __future__ import annotations

import re
import unicodedata

from ..messages import show
from .explanations import because

NAME_PATTERN = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
ROUTE_PATTERN = "^/([a-z0-9]([a-z0-9._~-]*[a-z0-9])?(/[a-z0-9]([a-z0-9._~-]*[a-z0-9])?)*)?$"
VARIABLE_PATTERN = "^[A-Za-z_][A-Za-z0-9_.:/-]*$"
OWNER_PATTERN = (
    "^(@[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}){0,5}"
    "|[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+)$"
)
REGISTRY_PATTERN = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+(([.]|_{1,2}|-+)[a-z0-9]+)*)*$"
_COMPONENT = "[a-z0-9]+(([.]|_{1,2}|-+)[a-z0-9]+)*"
REFERENCE_PATTERN = (
    "^" + _COMPONENT + "(:[0-9]{1,5}(?=/))?(/" + _COMPONENT + ")*"
    "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
)
READY_PATTERN = "^(none|/|(/[A-Za-z0-9._~-]+)+/?)$"
USER_PATTERN = "^[1-9][0-9]{0,8}(:[1-9][0-9]{0,8})?$"
FOLDER_PATTERN = "^(?!/(dev|proc|sys)(/|$))(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$"
DOMAIN_PATTERN = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
NAMESPACE_PATTERN = "^(?!(default|kube-.*)$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
ANY_NAMESPACE_PATTERN = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
CONTEXT_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.:/@-]*$"
# The name of most objects of a cluster, which may have points.
CLASS_PATTERN = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
# Pulumi acts on annotations of its own, and this program has set those.
ANNOTATION_PATTERN = (
    "^(?!pulumi[.]com/)([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*/)?"
    "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
)
_PATH = "(/[A-Za-z0-9_][A-Za-z0-9._-]*)"
STATE_PATTERN = (
    "^(local"
    "|(s3|gs|azblob)://[a-z0-9][a-z0-9._-]*" + _PATH + "*([?][A-Za-z0-9._:/=&%-]+)?"
    "|https://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?" + _PATH + "*"
    "|file://" + _PATH + "+)$"
)

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# The platform's own variables would clash with the address of a service of the name: DATABASE_URL, CACHE_URL.
_PLATFORM = {"cache", "database", "default", "gateway", "kube-system", "localhost"}
RESERVED_NAMES = frozenset(_DEVICES | _YAML_WORDS | _PLATFORM)
RESERVED_VARIABLES = frozenset(
    {"DATABASE_URL", "DATABASE_URL_FILE", "MAX_BODY_BYTES", "PATH", "PORT", "SERVICE_NAME", "SERVICE_VERSION"}
)


LONGEST_VALUE = 4096


def address_variable(callee: str) -> str:
    """Name the variable that holds the address of a called service."""
    return callee.replace("-", "_").upper() + "_URL"


def name_fault(name: str) -> str | None:
    """Say why a text is no name of a system, service or environment; None when it is one."""
    if not name.isascii():
        points = " ".join(f"U+{ord(char):04X}" for char in name if not char.isascii())
        return f"{show(name)} has characters beyond ASCII ({points[:60]}); use a-z, 0-9 and -"
    if not _is_name(name):
        return (
            f"{show(name)} is not a name (1 to 40 of a-z, 0-9 and single -, "
            f"starting with a letter, not ending with -){because('name', name, _is_free)}"
        )
    if name in RESERVED_NAMES:
        return f"{show(name)} is reserved ({_reserved(name)}); choose another name"
    return None


def _is_name(name: str) -> bool:
    return bool(re.match(NAME_PATTERN + r"\Z", name)) and "--" not in name


def _is_free(name: str) -> bool:
    return _is_name(name) and name not in RESERVED_NAMES


def _reserved(name: str) -> str:
    """Explain what else a name means."""
    if name in _DEVICES:
        return "a device on Windows"
    return "a word of YAML" if name in _YAML_WORDS else "the platform uses it"


def text_fault(value: str, longest: int, *, lines: bool = False) -> str | None:
    """Explain why a text is not printable, too long, or not one line unless it may have `lines`."""
    wanted = "text, line breaks and tabs" if lines else "one line of text"
    if len(value) > longest:
        return f"is {len(value)} characters long (at most {longest})"
    for char in value:
        if lines and char in "\n\t":
            continue
        if unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"} or char == "\ufeff":
            return f"has the character U+{ord(char):04X}, which is not printable ({wanted})"
        if "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069":
            return f"has the character U+{ord(char):04X}, which changes the direction of text"
    return None
