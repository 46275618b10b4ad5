"""Where Pulumi keeps the state of a stack: what cn.yaml says of it, and what is in use."""

from __future__ import annotations

import json
import os
import re
import subprocess

from ....messages import SECRET_KEY
from ....spec.patterns import STATE_PATTERN
from ....stack_state import StateError

# Pulumi takes it before the backend of the project and that of a login.
VARIABLE = "PULUMI_BACKEND_URL"
LOCAL = "local"
_CHOICE = (
    "write `state: s3://BUCKET` there (or gs://, azblob://, https:// or file:///) for a team, or "
    "`state: local` for one person on this machine"
)
_CREDENTIALS = re.compile(f"(://).*(?=@)|({SECRET_KEY}=)[^&]+")
_CLOUD = "https://"


def in_use() -> str:
    """Return the backend that pulumi uses in the folder of its program; empty without a pulumi command.

    StateError when pulumi does not tell it.
    """
    if given := os.environ.get(VARIABLE):
        return given
    command = ["pulumi", "whoami", "--verbose", "--json", "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    if done.returncode != 0:
        raise StateError(f"the backend cannot be asked for: {done.stderr.strip() or 'pulumi failed'}")
    try:
        return str(json.loads(done.stdout).get("url") or "")
    except (ValueError, AttributeError):
        raise StateError("the backend cannot be asked for: `pulumi whoami` did not print JSON") from None


def chosen(said: str) -> str:
    """Return the address that cn.yaml names; empty where pulumi chooses."""
    return "" if said == LOCAL else said


def fault(environment: str, said: str, used: str) -> str:
    """Say why a stack may not be changed: cn.yaml says nothing of its state, or another backend is in use."""
    place = f"environments.{environment}.state"
    if not said:
        return f"{place}: is required before a deployment: it says where the state of the stack is; {_CHOICE}"
    if not used or same(said, used):
        return ""
    shown = _CREDENTIALS.sub(lambda found: f"{found[1] or found[2]}***", used)
    return (
        f"{place}: this stack is in {shown}, and cn.yaml says {said}; {_mend(said)}{_instead(used)}"
        "; `pulumi stack export` and `pulumi stack import` move a stack"
    )


def _instead(used: str) -> str:
    """Offer the backend that is in use, where cn.yaml can name it."""
    here = LOCAL if _is_folder(used) else used
    named = re.match(STATE_PATTERN, here) and "?" not in here and not here.startswith(f"{_CLOUD}app.")
    return f", or write `state: {here}`" if named else ""


def _mend(said: str) -> str:
    """Say how pulumi comes to use the backend that cn.yaml names."""
    if os.environ.get(VARIABLE):
        return f"unset {VARIABLE}"
    if said == LOCAL:
        return "name a folder as `backend` in infra/Pulumi.yaml"
    return f"deploy by make, or set {VARIABLE} to the latter"


def same(said: str, used: str) -> bool:
    """Return whether a backend in use is the one that cn.yaml names."""
    return _is_folder(used) if said == LOCAL else _key(said) == _key(used)


def _is_folder(url: str) -> bool:
    return url.startswith("file://")


def _key(url: str) -> tuple[str, tuple[str, ...]]:
    base, _, query = url.partition("?")
    if base.startswith(_CLOUD):
        # Pulumi names the page of the user (https://app.x/user) for the address of its service (https://api.x).
        host, _, path = base.removeprefix(_CLOUD).rstrip("/").partition("/")
        own = re.sub("^(api|app)[.]", "", host)
        return f"{_CLOUD}{own}" + (f"/{path}" if own == host else ""), ()
    return base.rstrip("/"), tuple(sorted(filter(None, query.split("&"))))
