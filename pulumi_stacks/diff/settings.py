"""The finding that a setting of an environment changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding

if TYPE_CHECKING:
    from .model import Weight

ARROW = "\N{RIGHTWARDS ARROW}"


def setting_changed(
    subject: str, was: str, now: str, *, weight: Weight, head: str, tail: str = ""
) -> Finding:
    """Return the finding; its text has both values between `head` and `tail`."""
    return Finding(
        area="setting",
        what="changed",
        weight=weight,
        service=None,
        subject=subject,
        before=was or None,
        after=now or None,
        text=f"{head}{was or 'none'} {ARROW} {now or 'none'}{tail}",
    )
