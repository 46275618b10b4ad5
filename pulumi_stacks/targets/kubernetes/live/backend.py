"""The backend of the state: the one in cn.yaml compared with the one that Pulumi uses."""

from __future__ import annotations

import json
import os
import re
import subprocess

from ....messages import SECRET_KEY
from ....spec.patterns import STATE_PATTERN
from ....stack_state import StateError

# It overrides the backend of Pulumi.yaml and that of `pulumi login`.
VARIABLE = "PULUMI_BACKEND_URL"
LOCAL = "local"
_CHOICE = (
    "write `state: s3://BUCKET` (or gs://, azblob://, https:// or file:///) for a team, or "
    "`state: local` for one person on this machine"
)
_CREDENTIALS = re.compile(f"(://).*(?=@)|({SECRET_KEY}=)[^&]+")
_CLOUD = "https://"


def in_use() -> str:
    """Return the backend that pulumi uses in the folder of its program. StateError when pulumi fails.

    It is empty where the pulumi command is not installed.
    """
    if given := os.environ.get(VARIABLE):
        return given
    command = ["pulumi", "whoami", "--verbose", "--json", "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    if done.returncode != 0:
        raise StateError(f"cannot read the backend: {done.stderr.strip() or 'pulumi failed'}")
    try:
        return str(json.loads(done.stdout).get("url") or "")
    except (ValueError, AttributeError):
        raise StateError("cannot read the backend: `pulumi whoami` did not print JSON") from None


def chosen(configured: str) -> str:
    """Return the address of the backend in cn.yaml; empty if pulumi chooses it."""
    return "" if configured == LOCAL else configured


def fault(environment: str, configured: str, used: str) -> str:
    """Explain why a stack must not be changed: no backend in cn.yaml, or another one in use."""
    place = f"environments.{environment}.state"
    if not configured:
        return f"{place}: is required before a deployment; {_CHOICE}"
    if not used or same(configured, used):
        return ""
    shown = _CREDENTIALS.sub(lambda found: f"{found[1] or found[2]}***", used)
    return (
        f"{place}: is {configured}, but the backend in use is {shown}; {_fix(configured)}{_alternative(used)}"
        "; to move a stack, use `pulumi stack export` and `pulumi stack import`"
    )


def _alternative(used: str) -> str:
    """Suggest the backend in use, if it is a valid value in cn.yaml."""
    here = LOCAL if _is_folder(used) else used
    named = re.match(STATE_PATTERN, here) and "?" not in here and not here.startswith(f"{_CLOUD}app.")
    return f", or write `state: {here}`" if named else ""


def _fix(configured: str) -> str:
    """Explain how to make pulumi use the backend in cn.yaml."""
    if os.environ.get(VARIABLE):
        return f"unset {VARIABLE}"
    if configured == LOCAL:
        return "set backend.url in infra/Pulumi.yaml to a file:// folder"
    return f"deploy with make, or set {VARIABLE} to {configured}"


def same(configured: str, used: str) -> bool:
    """Return whether the backend in use is the one in cn.yaml."""
    return _is_folder(used) if configured == LOCAL else _key(configured) == _key(used)


def _is_folder(url: str) -> bool:
    return url.startswith("file://")


def _key(url: str) -> tuple[str, tuple[str, ...]]:
    base, _, query = url.partition("?")
    if base.startswith(_CLOUD):
        # `pulumi whoami` prints the page of the user (https://app.x/user), not the service (https://api.x).
        host, _, path = base.removeprefix(_CLOUD).rstrip("/").partition("/")
        own = re.sub("^(api|app)[.]", "", host)
        return f"{_CLOUD}{own}" + (f"/{path}" if own == host else ""), ()
    return base.rstrip("/"), tuple(sorted(filter(None, query.split("&"))))
