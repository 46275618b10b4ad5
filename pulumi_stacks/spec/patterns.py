"""Regular expressions and reserved words for the values of a spec: names, routes, addresses. Pure."""

from __future__ import annotations

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
# The name of most Kubernetes objects, which may contain dots.
CLASS_PATTERN = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
# Annotations of pulumi.com change what Pulumi does, and the program sets them itself.
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

DEVICE_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# The URL of a service with such a name would conflict with a variable of the platform, such as DATABASE_URL.
_PLATFORM = {"cache", "database", "default", "gateway", "kube-system", "localhost"}
RESERVED_NAMES = frozenset(DEVICE_NAMES | YAML_WORDS | _PLATFORM)
RESERVED_VARIABLES = frozenset(
    {"DATABASE_URL", "DATABASE_URL_FILE", "MAX_BODY_BYTES", "PATH", "PORT", "SERVICE_NAME", "SERVICE_VERSION"}
)

LONGEST_VALUE = 4096


def address_variable(callee: str) -> str:
    """Return the name of the variable with the URL of a called service."""
    return callee.replace("-", "_").upper() + "_URL"
