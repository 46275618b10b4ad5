"""`python -m pulumi_stacks.diff A B` prints what changed between two specs for the running system."""

from __future__ import annotations

import sys

from .run import main

sys.exit(main())
