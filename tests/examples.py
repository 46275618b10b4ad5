"""How many examples a property is tried with."""

import os

ALL = os.environ.get("CN_EXAMPLES") == "all"
PART = 5


def examples(number: int) -> int:
    """Return the number, or a fifth of it where CN_EXAMPLES is not `all`, as it is in `make property`."""
    return number if ALL else max(number // PART, 3)
