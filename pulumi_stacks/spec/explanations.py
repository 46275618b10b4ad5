"""Explains why a value of a spec is invalid, and suggests a valid one if possible. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from ..messages import show
from .patterns import DEVICE_NAMES, NAME_PATTERN, RESERVED_NAMES, YAML_WORDS

# A pattern that a value must not match, the reason, and its replacement; None if there is no obvious one.
Rule = tuple[str, str, str | Callable[[re.Match[str]], str] | None]


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


_EMPTY: Rule = (r"^\Z", "it is empty", None)
_SPACES: Rule = (r"^\s+|\s+\Z", "it must not start or end with a space", "")
_LOWER: Rule = ("[A-Z]+", "it must be lower case", _lower)
_SCHEME: Rule = ("^[A-Za-z][A-Za-z0-9+.-]*://", "it must not have a scheme", "")
_END: Rule = (r"/+\Z", "it must not end with /", "")
_DOTS: Rule = (r"(^|/)[.]{1,2}(/|\Z)", "it must not contain . or .. as a part", None)
_ABSOLUTE: Rule = ("^(?!/)(?=[A-Za-z0-9_.-])", "it must start with /", "/")
# The schemes of the URLs of Pulumi's backends.
BACKENDS = "s3://, gs://, azblob://, https:// or file:///"
_DASHES: tuple[Rule, ...] = (
    ("[_. ]+", "use - between words", "-"),
    ("--+", "it must not contain --", "-"),
    (r"^-+|-+\Z", "it must not start or end with -", ""),
)


def _only(alphabet: str, words: str) -> Rule:
    return f"[^{alphabet}]", f"it may only contain {words}", None


RULES: dict[str, tuple[Rule, ...]] = {
    "name": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        ("^[0-9]", "it must start with a letter", None),
        (r"^(?:[a-z0-9-]){41,}\Z", "it is longer than 40 characters", None),
        _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "route": (
        _EMPTY, _SPACES, ("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "it must not have a scheme and a host", ""),
        ("[?#].*", "it must not have a query", ""), _DOTS,
        (r"/?[*]+\Z", "it includes all paths below it without *", ""), _LOWER,
        ("//+", "it must not contain //", "/"), _END, _ABSOLUTE,
        _only("a-z0-9._~/-", "a-z, 0-9, -, ., _, ~ and /"),
    ),
    "owner": (
        _EMPTY, _SPACES, ("^(?=[A-Za-z0-9])(?!.*@)", "it must start with @", "@"),
        _only("A-Za-z0-9@/_.+-", "letters, digits, @, /, _, ., + and -"),
    ),
    "registry": (
        _EMPTY, _SPACES, _SCHEME, _LOWER, ("//+", "it must not contain //", "/"), _END,
        (r":([0-9]*[a-z][a-z0-9.-]*)?\Z", "it must not have a tag", ""),
        _only("a-z0-9._:/-", "a-z, 0-9, ., _, -, / and a port"),
    ),
    "image": (
        _EMPTY, _SPACES, _SCHEME,
        ("[A-Z]+(?=[^:@]*[/:@])|[A-Z]+(?=[^:@/]*$)", "the name must be lower case", _lower),
        (r"[:@]\Z", "the tag is missing", ""), _END,
        ("@(?!sha256:[0-9a-f]{64}$).*", "the digest must be sha256: and 64 hexadecimal digits", None),
        _only("A-Za-z0-9._:/@-", "letters, digits, ., _, -, :, / and @"),
    ),
    "domain": (
        _EMPTY, _SPACES, _SCHEME, ("[/?#].*", "it must not have a path", ""),
        (r":[0-9]+\Z", "it must not have a port", ""), _LOWER, (r"[.]+\Z", "it must not end with .", ""),
        ("^[*][.]", "wildcards are not supported", None), ("_+", "it must not contain _", "-"),
        ("^[^.]*$", "it must contain a dot", None), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "namespace": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        ("^(default|kube-.*)$", "Kubernetes reserves it", None),
        (r"^.{64,}", "it is longer than 63 characters", None), _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "annotation": (
        _EMPTY, _SPACES, ("^pulumi[.]com/", "Pulumi reserves it", None),
        ("[=:].*", "write the value after a colon", ""),
        ("/.*/", "it must not contain more than one /", None),
        (r"(^|/)[^/]{64,}\Z", "the part after / is longer than 63 characters", None),
        _only("A-Za-z0-9._/-", "letters, digits, ., _, - and one /"),
    ),
    "any namespace": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        (r"^.{64,}", "it is longer than 63 characters", None), _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "context": (_EMPTY, _SPACES, _only("A-Za-z0-9_.:/@-", "letters, digits, _, ., :, /, @ and -")),
    "class": (
        _EMPTY, _SPACES, _LOWER, ("_+", "it must not contain _", "-"), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "secret": (
        _EMPTY, _SPACES, _LOWER, ("_+", "it must not contain _", "-"), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "state": (
        _EMPTY, _SPACES,
        (r"^(?=[a-z0-9]*[A-Z])[A-Za-z0-9]+(?=://|\Z)", "the scheme must be lower case", _lower),
        ("^http://", "it must start with https://", "https://"),
        ("^file://(?!/)", "the path must be absolute (file:///...)", None),
        ("^/", "a folder needs the scheme file://", "file:///"),
        ("^(?!local$)(?!(s3|gs|azblob|https|file)://)", f"it must start with {BACKENDS}", None),
        (r"(?<=[^:/])/+(?=[?]|\Z)", "it must not end with /", ""),
        (r"(?<=[^:/])//+", "it must not contain //", "/"),
        (r"(^|/)[.]{1,2}(/|\Z)", "it must not contain . or .. as a part", None),
        ("^(https|file)://[^?]*[?].*", "it must not have a query", None),
        (r"^[a-z0-9]+://[^/?]*[^a-z0-9._:/-]", "its host may only contain a-z, 0-9, ., _ and -", None),
        (r"(?<=/)[.-]", "a folder must not start with . or -", None),
        _only("A-Za-z0-9._:/?=&%-", "letters, digits, ., _, :, /, ?, =, &, % and -"),
    ),
    "variable": (
        _EMPTY, _SPACES, (r"\s+", "it must not contain spaces", "_"),
        ("=.*", "write the value after a colon", ""),
        ("^[0-9]", "it must start with a letter or _", None),
        (r"^.{101,}", "it is longer than 100 characters", None),
        _only("A-Za-z0-9_.:/-", "letters, digits, _, -, ., : and /"),
    ),
    "ready": (
        _EMPTY, _SPACES, ("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "it must not have a scheme and a host", ""),
        (r"[?#].*", "it must not have a query", ""), ("//+", "it must not contain //", "/"), _ABSOLUTE,
        _only("A-Za-z0-9._~/-", "letters, digits, ., _, ~, - and /"),
    ),
    "folder": (
        _EMPTY, _SPACES, _DOTS, ("^~", "it must start with /", None),
        ("^/(dev|proc|sys)(/.*)?$", "the operating system reserves it", None),
        ("//+", "it must not contain //", "/"), _END, _ABSOLUTE,
        _only("A-Za-z0-9._/-", "letters, digits, ., _, - and /"),
    ),
    "user": (
        _EMPTY, _SPACES, ("^(0+|root)(:.*)?$", "root is not allowed", None),
        ("^[^:]+:(0+|root)$", "the group root is not allowed", None),
        ("[A-Za-z]", "it must be a number, not a name", None), (":$", "the group is missing", ""),
    ),
    "cpu": (
        _EMPTY, _SPACES, (r"\s*(cores?|cpus?|vcpus?)\Z", "CPU has no such unit", ""),
        (r"(?<=[0-9])M\Z", "the unit is m (a thousandth of a core)", "m"),
        (r"^(\d{1,4})\s*%\Z", "percent is not supported", lambda found: f"{int(found[1]) * 10}m"),
        (r"(?<=\d),(?=\d)", "the decimal separator is a point", "."),
        (r"^(?=[.]\d)", "it must start with a digit", "0"),
        (r"(?<=[.]\d{3})\d+\Z", "at most three digits after the point", ""),
        (r"[.]\d*m\Z", "m (a thousandth of a core) is the smallest unit", None),
    ),
    "memory": (
        _EMPTY, _SPACES, (r"(?<=\d)\s+", "it must not contain spaces", ""),
        (r"(?i)(?<=\d)([kmg])i(b|bytes)?\Z", "the unit is Ki, Mi or Gi", lambda at: f"{at[1].upper()}i"),
        (r"(?i)(?<=\d)kb?\Z", "units are k, M, G, Ki, Mi and Gi", "k"),
        (r"(?i)(?<=\d)([mg])b?\Z", "units are k, M, G, Ki, Mi and Gi", lambda found: found[1].upper()),
        (r"(?<=\d)[bB]\Z", "bytes have no unit", ""),
        (r"^(\d{1,4})[.](\d{1,3})(Gi|Mi)\Z", "it must be a whole number", lambda found: _whole(found, 1024)),
        (r"^(\d{1,4})[.](\d{1,3})(G|M)\Z", "it must be a whole number", lambda found: _whole(found, 1000)),
    ),
}  # fmt: skip


def _whole(found: re.Match[str], base: int) -> str:
    """Convert a decimal amount to the next smaller unit."""
    smaller = {"G": "M", "M": "k"}[found[3][0]].replace("k", "K" if base == 1024 else "k")
    return f"{round(float(f'{found[1]}.{found[2]}') * base)}{smaller}{found[3][1:]}"


def explain(kind: str, value: str, is_valid: Callable[[str], bool]) -> str:
    """Return the end of a message: `: reason; write suggestion`, or nothing."""
    if len(value) > 200:
        return ""
    reasons, fixed = [], value
    for pattern, reason, replacement in RULES[kind]:
        changed = fixed if replacement is None else re.sub(pattern, replacement, fixed)
        if changed != fixed:
            reasons.append(reason)
            fixed = changed
            if is_valid(fixed):
                return f": {_joined(reasons)}; write {fixed}"
    return f": {_first(kind, value, reasons)}" if _first(kind, value, reasons) else ""


def _first(kind: str, value: str, reasons: list[str]) -> str:
    """Return the first reason without a suggestion, else the others."""
    hard = (reason for pattern, reason, put in RULES[kind] if put is None and re.search(pattern, value))
    return next(hard, _joined(reasons))


def _joined(reasons: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(reasons))


def name_fault(name: str) -> str | None:
    """Explain why a text is not a valid name of a system, service or environment; None if it is."""
    if not name.isascii():
        points = " ".join(f"U+{ord(char):04X}" for char in name if not char.isascii())
        return f"{show(name)} contains non-ASCII characters ({points[:60]}); use a-z, 0-9 and -"
    if not _is_name(name):
        return (
            f"{show(name)} is not a name (1 to 40 of a-z, 0-9 and single -, "
            f"starting with a letter, not ending with -){explain('name', name, _is_free)}"
        )
    if name in RESERVED_NAMES:
        return f"{show(name)} is reserved ({_reserved(name)}); choose another name"
    return None


def _is_name(name: str) -> bool:
    return bool(re.match(NAME_PATTERN + r"\Z", name)) and "--" not in name


def _is_free(name: str) -> bool:
    return _is_name(name) and name not in RESERVED_NAMES


def _reserved(name: str) -> str:
    """Explain why a name is reserved."""
    if name in DEVICE_NAMES:
        return "a device name on Windows"
    return "a keyword of YAML" if name in YAML_WORDS else "used by the platform"


def text_fault(value: str, longest: int, *, lines: bool = False) -> str | None:
    """Explain why a text is too long, or has unprintable characters or, without `lines`, line breaks."""
    wanted = "text, line breaks and tabs" if lines else "one line of text"
    if len(value) > longest:
        return f"is {len(value)} characters long (at most {longest})"
    for char in value:
        if lines and char in "\n\t":
            continue
        if unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"} or char == "\ufeff":
            return f"contains the unprintable character U+{ord(char):04X} ({wanted})"
        if "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069":
            return f"contains U+{ord(char):04X}, which changes the direction of text"
    return None
