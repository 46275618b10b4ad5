"""What a repository does with an environment on a Docker engine, beside deploying it.

Run in the folder of the Pulumi program, as `python -m pulumi_stacks.targets.docker`:

    sweep ENV        remove what a deployment that was killed has left
    delete-data ENV  delete the volumes of its databases, after it was taken down
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ... import stack_file
from ...errors import ExpectedError, UsageError
from ...stack_state import StateError, mark, resources
from . import orphans
from .docker_cli import CommandLine, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FAILED, BAD_INPUT = 1, 2
PATIENCE = 10  # seconds


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    commands: dict[str, Callable[[CommandLine, str, str], None]] = {
        "sweep": _sweep,
        "delete-data": _delete_data,
    }
    if len(argv) != 2 or argv[0] not in commands:
        sys.stderr.write(f"{__doc__}")
        return BAD_INPUT
    command, environment = argv
    try:
        host = stack_file.settings(environment).get("docker:host")
        engine = CommandLine(host if isinstance(host, str) else None)
        # Not cn.yaml: what was started from it can be taken down while it is being edited.
        commands[command](engine, stack_file.project(), environment)
    except (EngineError, StateError, OSError) as error:
        sys.stderr.write(f"{command} {environment}: {error}\n")
        return FAILED
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    return 0


def _sweep(engine: CommandLine, system: str, environment: str) -> None:
    own = _own(engine, system, environment)
    if own:
        # A deployment that runs just now records what it makes, each thing within seconds.
        time.sleep(PATIENCE)
        own &= _own(engine, system, environment)
    for name in orphans.sweep(engine, own):
        sys.stdout.write(f"removed {name}, which a deployment that was killed had left\n")


def _own(engine: CommandLine, system: str, environment: str) -> set[orphans.Thing]:
    found = orphans.look(engine, system, environment)
    known = resources(environment)
    return set(orphans.sort(found, known, mark(known)).own)


def _delete_data(engine: CommandLine, system: str, environment: str) -> None:
    found = orphans.look(engine, system, environment)
    # What this state had there, it has taken down just now.
    if reason := orphans.stranger(system, environment, found):
        raise UsageError(f"its volumes are not deleted: {reason}")
    volumes = [thing.name for thing in found if thing.kind == "volume"]
    if volumes:
        engine.order("volume", "rm", *volumes)
    sys.stdout.write(f"deleted: {', '.join(volumes) or 'nothing, there was no volume'}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
