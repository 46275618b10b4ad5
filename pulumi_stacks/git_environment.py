"""The environment variables of git commands, so that those of the user have no effect on them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# The identity and the settings of the user, but never the repository in which another git runs.
SETTINGS = "GIT_CONFIG_.*"
IDENTITY = "GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)"


def git_environment(variables: Mapping[str, str], *kept: str, **further: str) -> dict[str, str]:
    """Return variables without GIT_*, except names that match one of `kept`, and with `further`."""
    return {
        **{
            name: value
            for name, value in variables.items()
            if not name.startswith("GIT_") or any(re.fullmatch(pattern, name) for pattern in kept)
        },
        "LC_ALL": "C",
        **further,
    }
