"""Write the lock files of the Python runtime's template anew: python -m tests.contract.relock (needs uv).

Renders a service of every kind, runs its own `make lock`, and copies the result to the file that renders it.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from generator.render import render
from generator.template import open_template
from pulumi_stacks.context import resolve
from pulumi_stacks.load import load
from tests.contract.conftest import SPEC

FOLDER = (
    Path(__file__).resolve().parents[2]
    / "templates/project/services/{% yield service from services_of.python %}{{ service.name }}{% endyield %}"
)
SOURCES = {
    "full": "{% if service.database and service.calls %}requirements.txt{% endif %}",
    "stored": "{% if service.database and not service.calls %}requirements.txt{% endif %}",
    "calling": "{% if not service.database and service.calls %}requirements.txt{% endif %}",
    "plain": "{% if not service.database and not service.calls %}requirements.txt{% endif %}",
}
DEV_SOURCES = {
    "full": "{% if service.database %}requirements-dev.txt{% endif %}",
    "plain": "{% if not service.database %}requirements-dev.txt{% endif %}",
}


def main() -> None:
    spec = load(SPEC.replace("RUNTIME", "python").encode(), "cn.yaml", ["python"])
    tree = render(open_template(), resolve(spec).model_dump())
    with tempfile.TemporaryDirectory() as scratch:
        for path, file in tree.items():
            target = Path(scratch, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)
        for name, source in SOURCES.items():
            folder = Path(scratch, "services", name)
            subprocess.run(["make", "--silent", "lock"], cwd=folder, check=True)
            keep(folder / "requirements.txt", FOLDER / source)
            if name in DEV_SOURCES:
                keep(folder / "requirements-dev.txt", FOLDER / DEV_SOURCES[name])


def keep(lock: Path, source: Path) -> None:
    """Copy a lock file, without the name of the service for which it was made."""
    text = lock.read_text(encoding="utf-8")
    source.write_text(re.sub(r"\S+ \((pyproject\.toml\S*)\)", r"\1", text), encoding="utf-8")


if __name__ == "__main__":
    main()
