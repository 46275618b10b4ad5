"""Detects secrets in a spec, by the words of a name and the format of a value. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from ..patterns import LONGEST_VALUE

# The formats of credentials, whatever their name, and how messages call them.
_TOKENS = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20})"),
    ("a GitLab token", r"\bgl(?:pat|ptt|rt|dt|oas|soat|cbt|ft|imt|agent)-[0-9A-Za-z_-]{20}"),
    ("a Slack token", r"\bx(?:ox[abeprs]|app)-[0-9A-Za-z-]{10}"),
    ("a Stripe key", r"\b(?:(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{10}|whsec_[0-9A-Za-z+/]{16})"),
    ("a Google key", r"\b(?:AIza[0-9A-Za-z_-]{35}|ya29[.][0-9A-Za-z_-]{20}|GOCSPX-[0-9A-Za-z_-]{20})"),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}"),
    ("a PyPI token", r"\bpypi-AgE[0-9A-Za-z_-]{20}"),
    ("a Docker token", r"\bdckr_(?:pat|oat)_[0-9A-Za-z_-]{20}"),
    ("a SendGrid key", r"\bSG[.][0-9A-Za-z_-]{16,64}[.][0-9A-Za-z_-]{16}"),
    (
        "an OpenAI or Anthropic key",
        r"\bsk-(?:proj-|svcacct-|ant-[a-z0-9]{2,8}-)?(?=[A-Za-z_-]{0,200}[0-9])[0-9A-Za-z_-]{20}",
    ),
    ("a Hugging Face token", r"\bhf_[0-9A-Za-z]{30}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}"),
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("a Vault token", r"\bhv[sbr][.][0-9A-Za-z_-]{20}"),
    ("an age key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{20}"),
    ("a Telegram token", r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"),
    ("a JSON Web Token", r"\beyJ[0-9A-Za-z_-]{8,}[.][0-9A-Za-z_-]{4,}[.][0-9A-Za-z_-]{4,}"),
    ("a webhook URL", r"hooks[.]slack[.]com/services/T|discord(?:app)?[.]com/api/webhooks/[0-9]"),
    ("a private key", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"),
)  # fmt: skip
_FORMS = tuple((words, re.compile(pattern)) for words, pattern in _TOKENS)
# Values that contain a credential: the group is the credential, which may be a placeholder.
_INSIDE = tuple(
    (words, re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        ("a password in a URL", r"://[^/?#@\s:]{0,200}:([^/?#@\s]{1,500})@"),
        ("a password in an address", r"[\w.-]:([^/@\s:]{1,500})@(?:tcp|udp|unix)\("),
        (
            "a password in a connection string",
            r"(?:password|passwd|passphrase|pwd|requirepass)\s{0,3}=\s{0,3}(\"[^\"]{1,500}\"|'[^']{1,500}'|[^\s;&,\"']{1,500})",
        ),
        ("a key in a connection string", r"(?:AccountKey|SharedAccessKey|SharedSecret)=([^\s;]{8,500})"),
        (
            "a password in JSON",
            r"(?:password|passwd|passphrase|secret|api_?key|token)\"\s{0,3}:\s{0,3}\"([^\"]{1,500})\"",
        ),
    )
)  # fmt: skip
# Values that contain a credential if the group looks random.
_OPAQUE_INSIDE = re.compile(
    r"(?:[?&](?:access_?token|token|api_?key|key|sig|signature|secret|code)=|\b(?:bearer|basic|token)\s+)([^\s&;\"']{8,500})",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[\"']?(?:\$\{.*\}|\$\(.*\)|\$[A-Za-z_]\w*|\{\{.*\}\}|\{\w*\}|<.*>|\[.*\]|%\(?\w+\)?[sd%]?|[*x.]{3,})[\"']?\Z",
    re.IGNORECASE | re.DOTALL,
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = frozenset(
    {"pass", "passcode", "pwd", "secret", "secrets", "token", "tokens", "credential", "credentials"}
    | {"passwords", "passphrases", "creds", "dbpass", "requirepass", "userpass"}
)
# The word may have a prefix (PGPASSWORD, AUTHTOKEN).
_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "privatekey")
_KEYS = frozenset(
    {"access", "account", "admin", "api", "auth", "deploy", "encryption", "license", "master", "private"}
    | {"secret", "service", "shared", "signing"}
)
# Last words that add nothing (TOKEN_VALUE).
_IGNORED = frozenset({"base", "value", "string", "plaintext"})
_PUBLIC = frozenset({"public", "publishable", "pub"})
_FLAGS = frozenset(
    {"", "true", "false", "yes", "no", "on", "off", "0", "1", "none", "null", "enabled", "disabled"}
    | {"enable", "disable", "required", "optional", "allow", "deny", "include", "omit", "same-origin"}
)
_PLAIN = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|(?:arn|vault|env|file|projects)[:/]\S*|(?:[.~]{0,2}/|[A-Za-z]:\\)[^\s=]*"
    r"|[0-9]+(?:ms|s|m|h|d|w)|-?[0-9]+[.][0-9]+|-?[0-9]{1,3}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9_,]+")
_SETTING = re.compile(
    r"\s*(?:export\s+|-\s+)?[\"']?([\w.-]{1,80})[\"']?\s{0,3}[:=]\s{0,3}[\"']?([^\"']*?)[\"']?[,;]?\s*"
)


def secret_fault(name: str, value: str, answer: str) -> str | None:
    """Explain why a value looks like a secret, and what to write if it is not; None if it does not."""
    reason = _form(value) or _under(name, value)
    if reason is None:
        return None
    return f"looks like a secret ({reason}); remove it, as cn.yaml is committed; {answer}"


def command_faults(words: list[tuple[int, str]], answer: str) -> dict[int, str]:
    """Find the arguments that look like a secret, also as the value of the option before them."""
    found = {index: fault for index, word in words if (fault := secret_fault(*_option(word), answer))}
    for (_, option), (index, word) in pairwise(words):
        if option.startswith("-") and "=" not in option and not word.startswith("-"):
            fault = secret_fault(option, word, answer)
            found |= {index: fault} if fault else {}
    return found


def names_secret(name: str) -> bool:
    """Return whether the last words of a name denote a secret."""
    return _ending(_split(name)) is not None


def _option(word: str) -> tuple[str, str]:
    """Split `--name=value`; any other argument is a value without a name."""
    name, mark, value = word.partition("=")
    return (name, value) if mark and re.match(r"-{0,2}[\w.-]{1,80}\Z", name) else ("", word)


def _form(value: str) -> str | None:
    """Return the kind of credential that a value is or contains, whatever its name."""
    value = value[:LONGEST_VALUE]
    for words, pattern in _FORMS:
        if pattern.search(value):
            return words
    for words, pattern in _INSIDE:
        for found in pattern.finditer(value):
            if not _plain(found[1].strip("\"'"), numbers=False):
                return words
    if any(_opaque(found[1]) for found in _OPAQUE_INSIDE.finditer(value)):
        return "a key in a URL or a header"
    if "\n" in value:
        settings = filter(None, map(_SETTING.fullmatch, value.splitlines()))
        return next(filter(None, (_under(setting[1], setting[2]) for setting in settings)), None)
    return None


def _under(name: str, value: str) -> str | None:
    """Explain why a value is a secret because of its name."""
    words = _split(name)
    value = value[:LONGEST_VALUE].strip()
    if _PUBLIC & set(words):
        return None
    ending = _ending(words)
    if ending and not _plain(value, numbers=ending.lower().startswith("token")):
        return f"its name ends in {ending}"
    about = [word for word in words if word == "key" or word in _SECRET or word.endswith(_ENDINGS)]
    if about and _opaque(value):
        return f"a random value whose name contains {about[0].upper()}"
    return None


def _split(name: str) -> list[str]:
    """Return the words of a name in lower case, split at punctuation and in camelCase."""
    return [word.lower() for word in _WORDS.findall(name)]


def _ending(words: list[str]) -> str | None:
    """Return the last words of a name if they denote a secret, as `API_KEY`."""
    while words and (words[-1].isdigit() or words[-1] in _IGNORED):
        words = words[:-1]
    if not words:
        return None
    if words[-1] in _SECRET or words[-1].endswith(_ENDINGS):
        return words[-1].upper()
    if words[-1] in {"key", "keys"} and words[-2:-1] and words[-2] in _KEYS:
        return "_".join(words[-2:]).upper()
    return None


def _plain(value: str, *, numbers: bool) -> bool:
    """Return whether a value cannot be a secret: a flag, number, path, URL or placeholder."""
    if value.lower() in _FLAGS or _PLACEHOLDER.match(value):
        return True
    return bool(_PLAIN.fullmatch(value) or (numbers and _NUMBER.fullmatch(value))) and not _opaque(value)


def _opaque(value: str) -> bool:
    """Return whether a part of a value looks random: long, with mixed letters and digits."""
    if re.match(r"[a-z][a-z0-9+.-]*://[^?#]*\Z|arn:", value, re.IGNORECASE):
        return False
    return any(map(_random, re.findall(r"[A-Za-z0-9+/]{16,}=*", value)))


def _random(part: str) -> bool:
    """Return whether letters and digits alternate more often than in words."""
    mixed = len(re.findall(r"(?<=[0-9])[A-Za-z]|(?<=[A-Za-z])[0-9]", part))
    turns = mixed + len(re.findall(r"(?<=[a-z])[A-Z]", part))
    return len(set(part)) >= 8 and mixed >= 2 and turns >= max(3, len(part) // 6)
