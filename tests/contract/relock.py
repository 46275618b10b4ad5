"""Update the lock files of runtimes: python -m tests.contract.relock node (needs the tools of node).

Renders a service of every kind, runs its own `make lock`, and copies the result to the file that renders it.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.system import load, resolve
from tests.contract.conftest import SPEC

SERVICES = Path(__file__).resolve().parents[2] / "templates/project/services"
KINDS = {
    "full": "service.database and service.calls",
    "stored": "service.database and not service.calls",
    "calling": "not service.database and service.calls",
    "plain": "not service.database and not service.calls",
}
# By runtime and service: what its `make lock` writes, and when its template renders that.
LOCKS = {
    "python": {
        "full": {"requirements.txt": KINDS["full"], "requirements-dev.txt": "service.database"},
        "stored": {"requirements.txt": KINDS["stored"]},
        "calling": {"requirements.txt": KINDS["calling"]},
        "plain": {"requirements.txt": KINDS["plain"], "requirements-dev.txt": "not service.database"},
    },
    "node": {kind: {"package-lock.json": condition} for kind, condition in KINDS.items()},
}


def main(runtimes: list[str]) -> None:
    for runtime in runtimes or LOCKS:
        with tempfile.TemporaryDirectory() as scratch:
            write(runtime, Path(scratch))
            for service, locks in LOCKS[runtime].items():
                folder = Path(scratch, "services", service)
                subprocess.run(["make", "--silent", "lock"], cwd=folder, check=True)
                for name, condition in locks.items():
                    keep(
                        folder / name, service, source(runtime, f"{{% if {condition} %}}{name}{{% endif %}}")
                    )


def write(runtime: str, target: Path) -> None:
    """Render a service of every kind."""
    template = open_template()
    spec = load(SPEC.replace("RUNTIME", runtime).encode(), "cn.yaml", list(template.runtimes))
    for path, file in render(template, resolve(spec).answers()).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(file.data)


def source(runtime: str, name: str) -> Path:
    """Find the file of the template that renders a lock."""
    (folder,) = SERVICES.glob(f"*services_of.{runtime} *")
    (found,) = (path for path in (folder / name, folder / f"{name}.jinja") if path.exists())
    return found


def keep(lock: Path, service: str, source: Path) -> None:
    """Copy a lock file, without the name of the service for which it was made."""
    text = lock.read_text(encoding="utf-8")
    text = re.sub(r"\S+ \((pyproject\.toml\S*)\)", r"\1", text)
    source.write_text(text.replace(f'"name": "{service}"', '"name": "{{ service.name }}"'), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
