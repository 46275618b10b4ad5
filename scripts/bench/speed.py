"""How fast cn-new is, in one table: compared with plain Jinja, Copier, cookiecutter, and an idle Python."""

import os
import platform
from datetime import UTC, datetime

from scripts.bench import growth, startup, wizard
from scripts.bench.table import markdown


def table(rounds: int) -> str:
    """Measure all of it, and say on what machine, and how busy that was."""
    rows = [
        *growth.marginal(rounds),
        *growth.doubling(rounds),
        *growth.largest(),
        *startup.commands(rounds),
        *startup.reading(rounds),
        *wizard.questions(rounds),
    ]
    day, busy = datetime.now(UTC).date(), os.getloadavg()[2]
    machine = f"{day}, {os.cpu_count()} cores, Python {platform.python_version()}, load {busy:.1f}"
    return f"{markdown(('what', 'measured', 'goal', 'comparison'), rows)}\n\n{machine}"
