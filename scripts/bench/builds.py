"""Build time of the image of a service: from only its base images, and after a changed line."""

import re
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from tests.contract.engine import docker


def seconds_to_build(folder: Path, change: dict[str, Any]) -> tuple[float, float]:
    """Return the seconds of a cold build and of a warm one; `change` is that of the runtime in copier.yml."""
    tag = f"cn-bench-build-{uuid4().hex[:6]}"
    with TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch, "service")))
        dockerfile = copy / "Dockerfile"
        # Caches with names that were never used are empty.
        text = dockerfile.read_text(encoding="utf-8")
        dockerfile.write_text(
            re.sub(r"type=cache,target=(\S+?)(?=[,\s])", rf"type=cache,id={tag}\1,target=\1", text)
        )
        try:
            cold = _build(tag, copy, "--no-cache")
            source = copy / change["file"]
            changed = source.read_text(encoding="utf-8").replace(change["old"], change["new"], 1)
            source.write_text(changed, encoding="utf-8")
            return cold, _build(tag, copy)
        finally:
            docker("rmi", "--force", tag, check=False)


def _build(tag: str, folder: Path, *options: str) -> float:
    began = time.monotonic()
    docker("build", f"--tag={tag}", *options, str(folder), timeout=1800)
    return time.monotonic() - began
