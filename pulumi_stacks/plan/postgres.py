"""How a database starts: Postgres 17, unprivileged, on a volume that may already hold rows. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

USER = "999:999"
PORT = 5432
# One database server per service, so its role and its database need no name of their own.
ROLE = "app"
PASSWORD_VARIABLE = "APP_PASSWORD"

# The volume lies above the data directory, so that initdb prepares a sibling, renamed when complete.
# The image declares a volume at `data`: a small tmpfs keeps the engine from making an anonymous one.
VOLUME_PATH = "/var/lib/postgresql"
DATA_PATH = "/var/lib/postgresql/17/data"
TMPFS = (
    ("/tmp", "size=64m,mode=1777"),  # noqa: S108
    ("/var/lib/postgresql/data", "size=64k,mode=0700,uid=999,gid=999"),
    ("/var/run/postgresql", "size=1m,mode=0770,uid=999,gid=999"),
)

READY = ("CMD", "pg_isready", "--quiet", "--host=127.0.0.1", f"--username={ROLE}", f"--dbname={ROLE}")

COMMAND = ("bash", "-c", Path(__file__).with_name("postgres.sh").read_text(encoding="utf-8"))


def major(reference: str) -> str:
    """Return the major version that an image names; empty if unknown.

    That is the number of a tag of `postgres`, and `pg17` in the tag or the name of another image.
    """
    name = reference.partition("@")[0].rpartition("/")[2]
    found = re.search(r"^postgres:([0-9]+)", name) or re.search(r"\bpg([0-9]+)\b", name)
    return found[1] if found else ""


def another_major(before: Iterable[str], after: str) -> str:
    """Report that an image cannot read what others have written; empty if it can, or if that is unknown."""
    new = major(after)
    for reference in sorted(set(before)):
        old = major(reference)
        if old and new and old != new:
            return (
                f"cn:base_images.postgres: {after} cannot read the databases of Postgres {old}; "
                f"keep an image of {old}, such as {reference}, or migrate the data: dump each database, "
                "run `make down DATA=delete`, and restore them"
            )
    return ""
