"""Rules for the words and numbers of a spec: names, routes, quantities, free text. Pure."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from .advice import because

NAME_PATTERN = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
ROUTE_PATTERN = "^/([a-z0-9]([a-z0-9._~-]*[a-z0-9])?(/[a-z0-9]([a-z0-9._~-]*[a-z0-9])?)*)?$"
VARIABLE_PATTERN = "^[A-Za-z_][A-Za-z0-9_.:/-]*$"
OWNER_PATTERN = (
    "^(@[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}){0,5}"
    "|[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+)$"
)
REGISTRY_PATTERN = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+(([.]|_{1,2}|-+)[a-z0-9]+)*)*$"
CPU_PATTERN = "^([0-9]+m|[0-9]+([.][0-9]{1,3})?)$"
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
# The name of a part of a query that is a secret.
SECRET_KEY = "(?i:[?&][^=&]*(?:secret|token|password)[^=&]*)"
MEMORY_PATTERN = "^[0-9]+(k|M|G|Ki|Mi|Gi)?$"

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# The platform's own variables would clash with the address of a service of the name: DATABASE_URL, CACHE_URL.
_PLATFORM = {"cache", "database", "default", "gateway", "kube-system", "localhost"}
RESERVED_NAMES = frozenset(_DEVICES | _YAML_WORDS | _PLATFORM)
RESERVED_VARIABLES = frozenset(
    {"DATABASE_URL", "DATABASE_URL_FILE", "MAX_BODY_BYTES", "PATH", "PORT", "SERVICE_NAME", "SERVICE_VERSION"}
)

_CREDENTIALS = re.compile(r"(?<=://)([^:@/\s]+):[^@/\s]+(?=@)")
_MEMORY_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def show(value: object, limit: int = 40) -> str:
    """Print a value for a message: as JSON, escaped to ASCII, shortened to `limit` characters."""
    text = json.dumps(value, default=str)
    return text if len(text) <= limit else text[: limit - 3] + '..."'


LONGEST_VALUE = 4096
_SHOWN_WORDS = 20
_LOOKUPS = 20


def near(word: str, words: Iterable[str]) -> str:
    """Offer the nearest of `words`, as the tail of a message: `; did you mean 'replicas'?` or nothing."""
    candidates = sorted(words)[:1000]
    found = difflib.get_close_matches(word[:60], candidates, n=1, cutoff=0.6)
    return f"; did you mean '{_plain(found[0])}'?" if found else ""


class Offers:
    """For how many faults of a file the choices are told: the first ones, or it takes minutes."""

    def __init__(self) -> None:
        self._left = _LOOKUPS

    def take(self) -> bool:
        """Say whether there is one left, and count it."""
        self._left -= 1
        return self._left >= 0


def listing(words: Iterable[str]) -> str:
    """Join words for a message, sorted and escaped; of many only the first."""
    shown = sorted(words)
    more = f", ... ({len(shown) - _SHOWN_WORDS} more)" if len(shown) > _SHOWN_WORDS else ""
    return ", ".join(map(_plain, shown[:_SHOWN_WORDS])) + more


def _plain(word: str) -> str:
    return word if re.match(r"[A-Za-z0-9_./-]{1,60}\Z", word) else show(word)


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


def last_lines(lines: Iterable[str]) -> str:
    """Print what a container wrote below why it failed, without the passwords in addresses."""
    text = "".join("\n    " + _CREDENTIALS.sub(r"\1:***", line) for line in lines)
    return f"\n  its last lines:{text}" if text else "\n  it wrote nothing"


def cpu_millis(quantity: str) -> int:
    """Return a CPU quantity in thousandths of a core; ValueError when it is none."""
    if not re.match(CPU_PATTERN + r"\Z", quantity):
        raise ValueError(quantity)
    if quantity.endswith("m"):
        return int(quantity[:-1])
    return int(Decimal(quantity) * 1000)


def memory_bytes(quantity: str) -> int:
    """Return a memory quantity in bytes; ValueError when it is none."""
    match = re.match(r"^([0-9]+)(k|M|G|Ki|Mi|Gi)?\Z", quantity)
    if match is None:
        raise ValueError(quantity)
    return int(match[1]) * _MEMORY_UNITS[match[2] or ""]


def canonical_cpu(quantity: str) -> str:
    """Write a CPU quantity in its shortest form: whole cores, else thousandths (`2`, `500m`)."""
    millis = cpu_millis(quantity)
    return str(millis // 1000) if millis % 1000 == 0 else f"{millis}m"


def canonical_memory(quantity: str) -> str:
    """Write a memory quantity in the largest binary unit that divides it (`256Mi`)."""
    count = memory_bytes(quantity)
    for unit in ("Gi", "Mi", "Ki"):
        if count % _MEMORY_UNITS[unit] == 0:
            return f"{count // _MEMORY_UNITS[unit]}{unit}"
    return str(count)
