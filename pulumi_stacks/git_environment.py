"""The environment in which git runs, so that a user's variables change no repository and no result. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Who somebody is and what they have set up, never which repository another git is at.
SETTINGS = "GIT_CONFIG_.*"
IDENTITY = "GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)"


def git_environment(variables: Mapping[str, str], *kept: str, **further: str) -> dict[str, str]:
    """Return variables without those of git, but for names that match one of `kept`, and with `further`."""
    return {
        **{
            name: value
            for name, value in variables.items()
            if not name.startswith("GIT_") or any(re.fullmatch(pattern, name) for pattern in kept)
        },
        "LC_ALL": "C",
        **further,
    }
