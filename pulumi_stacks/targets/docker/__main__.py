"""The commands of a repository for an environment on a Docker engine, besides its deployment.

Run in the folder of the Pulumi program, as `python -m pulumi_stacks.targets.docker`:

    sweep ENV        remove the leftovers of a deployment that was killed
    delete-data ENV  delete the volumes of its databases, after `pulumi destroy`
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ... import stack_file
from ...errors import ExpectedError, UsageError
from ...stack_state import StateError, read_resources, state_id
from . import orphans
from .docker_cli import DockerCli, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FAILED, BAD_INPUT = 1, 2
RECORD_SECONDS = 10


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    commands: dict[str, Callable[[DockerCli, str, str], None]] = {
        "sweep": _sweep,
        "delete-data": _delete_data,
    }
    if len(argv) != 2 or argv[0] not in commands:
        sys.stderr.write(f"{__doc__}")
        return BAD_INPUT
    command, environment = argv
    try:
        host = stack_file.settings(environment).get("docker:host")
        engine = DockerCli(host if isinstance(host, str) else None)
        # Without cn.yaml: an environment can be removed while the file has errors.
        commands[command](engine, stack_file.project(), environment)
    except (EngineError, StateError, OSError) as error:
        sys.stderr.write(f"{command} {environment}: {error}\n")
        return FAILED
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    return 0


def _sweep(engine: DockerCli, system: str, environment: str) -> None:
    own = _own(engine, system, environment)
    if own:
        # A deployment that is running records each object within seconds.
        time.sleep(RECORD_SECONDS)
        own &= _own(engine, system, environment)
    for name in orphans.remove(engine, own):
        sys.stdout.write(f"removed {name}, left by a deployment that was killed\n")


def _own(engine: DockerCli, system: str, environment: str) -> set[orphans.DockerObject]:
    found = orphans.list_objects(engine, system, environment)
    known = read_resources(environment)
    return set(orphans.find_orphans(found, known, state_id(known)).own)


def _delete_data(engine: DockerCli, system: str, environment: str) -> None:
    found = orphans.list_objects(engine, system, environment)
    # This state has no containers any more: `pulumi destroy` has run before.
    if reason := orphans.other_state_fault(system, environment, found):
        raise UsageError(f"volumes not deleted: {reason}")
    volumes = [item.name for item in found if item.kind == "volume"]
    if volumes:
        engine.execute("volume", "rm", *volumes)
    sys.stdout.write(f"deleted: {', '.join(volumes) or 'nothing, no volume found'}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
