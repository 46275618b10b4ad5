"""What the tests of faults run under strace: `create` of a small tree, as the command would end. Not a test.

Before and after the work it asks for a file that is not there, so that the calls between can be counted.
"""

import os
import sys
from pathlib import Path

from generator import main as cli
from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.repository import writer
from generator.result import CommandResult

MARK = "/cn-new-is-at-work"
TREE = file_tree.build(
    [
        ("a/b/run", File(EXECUTABLE, b"#!/bin/sh\n")),
        ("a/c", File(REGULAR, b"x" * 5000)),
        ("d", File(REGULAR, b"")),
    ]
)


def work() -> CommandResult:
    writer.create(Path(sys.argv[1]), TREE)
    return CommandResult("")


if __name__ == "__main__":
    os.access(MARK, os.F_OK)
    code = cli._run_command(work, "cn-new")
    os.access(MARK, os.F_OK)
    sys.exit(code)
