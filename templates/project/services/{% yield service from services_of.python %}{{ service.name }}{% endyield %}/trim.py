"""Take out of an environment what no running service needs: python trim.py FOLDER (the Dockerfile does)."""

import shutil
import struct
import sys
from pathlib import Path

_UNUSED = ("alembic/testing", "greenlet/tests", "sqlalchemy/testing")


def trim(environment: Path) -> None:
    """Remove tests of libraries, and debug information from compiled ones."""
    for folder in _UNUSED:
        for path in environment.glob(f"lib/*/site-packages/{folder}"):
            shutil.rmtree(path)
    for path in environment.rglob("*.so*"):
        library = path.read_bytes()
        if library.startswith(b"\x7fELF\x02\x01"):  # 64 bits, little-endian
            path.write_bytes(_loaded(library))


def _loaded(library: bytes) -> bytes:
    """Return a library up to the end of its last segment: a loader reads no further, only debuggers do."""
    (table,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    segments = (struct.unpack_from("<Q16xQ", library, table + size * number + 8) for number in range(count))
    kept = bytearray(library[: max(offset + length for offset, length in segments)])
    kept[40:48] = bytes(8)  # where the table of sections was,
    kept[58:64] = bytes(6)  # and how long
    return bytes(kept)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
