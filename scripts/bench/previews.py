"""Time of a preview of a new stack on a cluster, by the number of services."""

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from scripts.bench.table import markdown
from tests.cluster.cluster import ClusterSystem
from tests.conftest import missing

SIZES = (12, 25, 50)


def table(_: int) -> str:
    """Measure, once each, and return the table; or say why it cannot be measured."""
    reasons = [reason for tool in ("pulumi", "kubectl") if (reason := missing(tool))]
    if reasons:
        return f"preview on a cluster: not measured, {'; '.join(reasons)}"
    rows: list[tuple[str, ...]] = []
    before = 0.0
    with TemporaryDirectory() as folder:
        for size in SIZES:
            seconds, resources = _preview(Path(folder), size)
            ratio = f"{seconds / before:.2f}" if before else "-"
            rows.append((str(size), str(resources), f"{seconds:.0f}", ratio))
            before = seconds
    return markdown(
        ("services, each with a database", "resources", "preview, s", "against the row above"), rows
    )


def _preview(parent: Path, size: int) -> tuple[float, int]:
    """Return the seconds of `pulumi preview` on a fresh stack of so many services, and what it would make."""
    name = f"grown-{size}"
    services = {
        f"service-{number}": {
            "image": "caddy:2",
            "database": "postgres",
            "calls": [f"service-{number + 1}"] if number < size else [],
            "route": f"/service-{number}",
        }
        for number in range(1, size + 1)
    }
    spec = {
        "name": name,
        "environments": {"prod": {"target": "kubernetes", "state": "local"}},
        "services": services,
    }
    system = ClusterSystem.create(parent, name, yaml.safe_dump(spec, sort_keys=False).encode())
    system.make("stack")
    began = time.monotonic()
    said = system.make("preview").stdout
    seconds = time.monotonic() - began
    found = re.search(r"\+ (\d+) to create", said)
    assert found, said
    return seconds, int(found[1])
