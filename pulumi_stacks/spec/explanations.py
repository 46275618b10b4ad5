"""Why a word of a spec is refused, and what to write instead where that follows from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

# What a word must not have, why it is refused, and what replaces it; None when nobody can know.
Rule = tuple[str, str, str | Callable[[re.Match[str]], str] | None]


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


_EMPTY: Rule = (r"^\Z", "it is empty", None)
_SPACES: Rule = (r"^\s+|\s+\Z", "it must not have spaces around it", "")
_LOWER: Rule = ("[A-Z]+", "it must be lower case", _lower)
_SCHEME: Rule = ("^[A-Za-z][A-Za-z0-9+.-]*://", "it must not have a scheme", "")
_END: Rule = (r"/+\Z", "it must not end with /", "")
_DOTS: Rule = (r"(^|/)[.]{1,2}(/|\Z)", "it must not have . or .. as a part", None)
_ABSOLUTE: Rule = ("^(?!/)(?=[A-Za-z0-9_.-])", "it must start with /", "/")
# How the address of a backend of Pulumi begins.
BACKENDS = "s3://, gs://, azblob://, https:// or file:///"
_DASHES: tuple[Rule, ...] = (
    ("[_. ]+", "its words are joined with -", "-"),
    ("--+", "it must not have --", "-"),
    (r"^-+|-+\Z", "it must not start or end with -", ""),
)


def _only(alphabet: str, words: str) -> Rule:
    return f"[^{alphabet}]", f"it may only have {words}", None


RULES: dict[str, tuple[Rule, ...]] = {
    "name": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        ("^[0-9]", "it must start with a letter", None),
        (r"^(?:[a-z0-9-]){41,}\Z", "it has more than 40 characters", None),
        _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "route": (
        _EMPTY, _SPACES, ("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "it must not have a scheme and a host", ""),
        ("[?#].*", "it must not have a query", ""), _DOTS,
        (r"/?[*]+\Z", "it has all paths below it without *", ""), _LOWER, ("//+", "it must not have //", "/"),
        _END, _ABSOLUTE, _only("a-z0-9._~/-", "a-z, 0-9, -, ., _, ~ and /"),
    ),
    "owner": (
        _EMPTY, _SPACES, ("^(?=[A-Za-z0-9])(?!.*@)", "it must start with @", "@"),
        _only("A-Za-z0-9@/_.+-", "letters, digits, @, /, _, ., + and -"),
    ),
    "registry": (
        _EMPTY, _SPACES, _SCHEME, _LOWER, ("//+", "it must not have //", "/"), _END,
        (r":([0-9]*[a-z][a-z0-9.-]*)?\Z", "it must not have a tag", ""),
        _only("a-z0-9._:/-", "a-z, 0-9, ., _, -, / and a port"),
    ),
    "image": (
        _EMPTY, _SPACES, _SCHEME,
        ("[A-Z]+(?=[^:@]*[/:@])|[A-Z]+(?=[^:@/]*$)", "its name must be lower case", _lower),
        (r"[:@]\Z", "its tag is missing", ""), _END,
        ("@(?!sha256:[0-9a-f]{64}$).*", "its digest is not sha256: with 64 of 0-9 and a-f", None),
        _only("A-Za-z0-9._:/@-", "letters, digits, ., _, -, :, / and @"),
    ),
    "domain": (
        _EMPTY, _SPACES, _SCHEME, ("[/?#].*", "it must not have a path", ""),
        (r":[0-9]+\Z", "it must not have a port", ""), _LOWER, (r"[.]+\Z", "it must not end with .", ""),
        ("^[*][.]", "it is one host, without *", None), ("_+", "it must not have _", "-"),
        ("^[^.]*$", "it must have a dot", None), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "namespace": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        ("^(default|kube-.*)$", "the cluster has that one for itself", None),
        (r"^.{64,}", "it has more than 63 characters", None), _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "annotation": (
        _EMPTY, _SPACES, ("^pulumi[.]com/", "Pulumi has these for itself", None),
        ("[=:].*", "its value follows after a colon", ""),
        ("/.*/", "it may have one / only", None),
        (r"(^|/)[^/]{64,}\Z", "what follows the / has more than 63 characters", None),
        _only("A-Za-z0-9._/-", "letters, digits, ., _, - and one /"),
    ),
    "any namespace": (
        _EMPTY, _SPACES, _LOWER, *_DASHES,
        (r"^.{64,}", "it has more than 63 characters", None), _only("a-z0-9-", "a-z, 0-9 and -"),
    ),
    "context": (_EMPTY, _SPACES, _only("A-Za-z0-9_.:/@-", "letters, digits, _, ., :, /, @ and -")),
    "class": (
        _EMPTY, _SPACES, _LOWER, ("_+", "it must not have _", "-"), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "secret": (
        _EMPTY, _SPACES, _LOWER, ("_+", "it must not have _", "-"), _only("a-z0-9.-", "a-z, 0-9, . and -"),
    ),
    "state": (
        _EMPTY, _SPACES,
        (r"^(?=[a-z0-9]*[A-Z])[A-Za-z0-9]+(?=://|\Z)", "its first word must be lower case", _lower),
        ("^http://", "it must be https", "https://"),
        ("^file://(?!/)", "the folder must start with / (file:///...)", None),
        ("^/", "a folder has the scheme file://", "file:///"),
        ("^(?!local$)(?!(s3|gs|azblob|https|file)://)", f"it must start with {BACKENDS}", None),
        (r"(?<=[^:/])/+(?=[?]|\Z)", "it must not end with /", ""),
        (r"(?<=[^:/])//+", "it must not have //", "/"),
        (r"(^|/)[.]{1,2}(/|\Z)", "it must not have . or .. as a part", None),
        ("^(https|file)://[^?]*[?].*", "it must not have a query", None),
        (r"^[a-z0-9]+://[^/?]*[^a-z0-9._:/-]", "its bucket or host may only have a-z, 0-9, ., _ and -", None),
        (r"(?<=/)[.-]", "a folder must not start with . or -", None),
        _only("A-Za-z0-9._:/?=&%-", "letters, digits, ., _, :, /, ?, =, &, % and -"),
    ),
    "variable": (
        _EMPTY, _SPACES, (r"\s+", "it must not have spaces", "_"),
        ("=.*", "its value follows after a colon", ""),
        ("^[0-9]", "it must start with a letter or _", None),
        (r"^.{101,}", "it has more than 100 characters", None),
        _only("A-Za-z0-9_.:/-", "letters, digits, _, -, ., : and /"),
    ),
    "ready": (
        _EMPTY, _SPACES, ("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "it must not have a scheme and a host", ""),
        (r"[?#].*", "it must not have a query", ""), ("//+", "it must not have //", "/"), _ABSOLUTE,
        _only("A-Za-z0-9._~/-", "letters, digits, ., _, ~, - and /"),
    ),
    "folder": (
        _EMPTY, _SPACES, _DOTS, ("^~", "it must start with /", None),
        ("^/(dev|proc|sys)(/.*)?$", "the system has that one for itself", None),
        ("//+", "it must not have //", "/"), _END, _ABSOLUTE,
        _only("A-Za-z0-9._/-", "letters, digits, ., _, - and /"),
    ),
    "user": (
        _EMPTY, _SPACES, ("^(0+|root)(:.*)?$", "root is not allowed", None),
        ("^[^:]+:(0+|root)$", "the group root is not allowed", None),
        ("[A-Za-z]", "it must be a number, not a name", None), (":$", "its group is missing", ""),
    ),
    "cpu": (
        _EMPTY, _SPACES, (r"\s*(cores?|cpus?|vcpus?)\Z", "it has no unit", ""),
        (r"(?<=[0-9])M\Z", "its unit is m, a thousandth", "m"),
        (r"^(\d{1,4})\s*%\Z", "it has no percent", lambda found: f"{int(found[1]) * 10}m"),
        (r"(?<=\d),(?=\d)", "it has a point, no comma", "."),
        (r"^(?=[.]\d)", "it must start with a digit", "0"),
        (r"(?<=[.]\d{3})\d+\Z", "it has at most three digits after the point", ""),
        (r"[.]\d*m\Z", "a thousandth (m) is the least part", None),
    ),
    "memory": (
        _EMPTY, _SPACES, (r"(?<=\d)\s+", "it must not have spaces", ""),
        (r"(?i)(?<=\d)([kmg])i(b|bytes)?\Z", "its unit is Ki, Mi or Gi", lambda at: f"{at[1].upper()}i"),
        (r"(?i)(?<=\d)kb?\Z", "its unit is k, M or G", "k"),
        (r"(?i)(?<=\d)([mg])b?\Z", "its unit is k, M or G", lambda found: found[1].upper()),
        (r"(?<=\d)[bB]\Z", "bytes have no unit", ""),
        (r"^(\d{1,4})[.](\d{1,3})(Gi|Mi)\Z", "it must be a whole number", lambda found: _whole(found, 1024)),
        (r"^(\d{1,4})[.](\d{1,3})(G|M)\Z", "it must be a whole number", lambda found: _whole(found, 1000)),
    ),
}  # fmt: skip


def _whole(found: re.Match[str], base: int) -> str:
    """Write an amount with a point in the next smaller unit."""
    smaller = {"G": "M", "M": "k"}[found[3][0]].replace("k", "K" if base == 1024 else "k")
    return f"{round(float(f'{found[1]}.{found[2]}') * base)}{smaller}{found[3][1:]}"


def because(kind: str, value: str, is_valid: Callable[[str], bool]) -> str:
    """Return the tail of a message: `: why it is refused; write what follows`, or nothing."""
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
    """Return the reason that no other word follows from, else the others."""
    hard = (reason for pattern, reason, put in RULES[kind] if put is None and re.search(pattern, value))
    return next(hard, _joined(reasons))


def _joined(reasons: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(reasons))
