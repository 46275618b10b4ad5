"""The defaults of copier.yml and the lists of stack sources, written from what they repeat."""

import re
from pathlib import Path
from typing import Any

from generator.rendering.yaml_text import dump
from pulumi_stacks import targets
from pulumi_stacks.network.caddyfile import LISTEN_PORT, PUBLIC_HOST
from pulumi_stacks.plan import postgres
from pulumi_stacks.plan.model import Check, Container
from pulumi_stacks.quantities import canonical_memory
from pulumi_stacks.system import load, make_plan, resolve

ROOT = Path(__file__).resolve().parents[1]


def hello() -> dict[str, Any]:
    """Return the context of the first example."""
    return resolve(load((ROOT / "examples/01-hello/cn.yaml").read_bytes())).answers()


def stack_sources() -> dict[str, Any]:
    """Return the sources of pulumi_stacks, by what needs them."""
    folder = ROOT / "pulumi_stacks"
    found = [path for pattern in ("*.py", "*.sh") for path in folder.rglob(pattern)]
    sources = sorted(path.relative_to(folder).as_posix() for path in found)
    of_targets = {
        target: [source for source in sources if re.match(f"targets/{target}/(?!rules/|__init__.py)", source)]
        for target in targets.names()
    }
    common = set(sources).difference(*of_targets.values())
    return {"common": sorted(common), "targets": of_targets}


# A system with a container of each kind.
_EACH_KIND = b"""
name: each
services:
  own: {image: "own:1", ready: /}
  kept: {runtime: any, database: postgres, route: /kept}
"""


def containers() -> dict[str, Any]:
    """Return what a plan decides of each kind of container, as compose.yaml writes it."""
    plan = make_plan(resolve(load(_EACH_KIND)), "dev")
    own, kept = plan.services
    assert kept.database is not None  # noqa: S101
    assert kept.migration is not None  # noqa: S101
    service, database = kept.replicas[0], kept.database.container
    return {
        "common": {
            "pids": service.processes,
            "grace": f"{service.grace_seconds}s",
            "restart": service.restart,
        },
        "check": _check(Check(test=())),
        "service": {"tmpfs": dict(service.tmpfs)["/tmp"]},  # noqa: S108
        "own": {"capabilities": _capabilities(own.replicas[0])},
        "migration": {
            "tmpfs": [f"{folder}:{options}" for folder, options in kept.migration.tmpfs],
            "command": list(kept.migration.command),
            "restart": f"{kept.migration.restart}:{kept.migration.retries}",
        },
        "gateway": {**_limited(plan.gateway), "host": PUBLIC_HOST, "port": LISTEN_PORT},
        "database": {
            **_limited(database),
            "password": postgres.PASSWORD_VARIABLE,
            "role": postgres.ROLE,
            "port": postgres.PORT,
            "volume": postgres.VOLUME_PATH,
        },
    }


def _limited(container: Container) -> dict[str, Any]:
    # Compose's form: 256m for 256Mi.
    memory = canonical_memory(str(container.memory_bytes)).replace("i", "").lower()
    return {
        "image": container.image.reference,
        "user": container.user,
        "capabilities": _capabilities(container),
        "tmpfs": [f"{folder}:{options}" for folder, options in container.tmpfs],
        "limits": {"cpus": container.cpu_millis // 1000, "mem_limit": memory, "memswap_limit": memory},
        "variables": dict(container.variables),
        "test": list(container.check.test) if container.check else [],
    }


def _capabilities(container: Container) -> list[str]:
    return [name.removeprefix("CAP_") for name in container.capabilities]


def _check(check: Check) -> dict[str, Any]:
    return {
        "interval": check.interval,
        "timeout": check.timeout,
        "retries": check.retries,
        "start_period": check.start_period,
        "start_interval": check.start_interval,
    }


def write(text: str) -> str:
    """Return copier.yml with its current defaults."""
    for name, value in {**hello(), "stack_sources": stack_sources(), "containers": containers()}.items():
        text = _replace(text, name, value)
    return text


def _replace(text: str, name: str, value: object) -> str:
    default = "".join(f"  {line}".rstrip(" ") for line in dump({"default": value}).splitlines(keepends=True))
    pattern = rf"^({name}:\n(?:  (?:when|type|help): .*\n)+)  default:[\s\S]*?(?=^\S|\Z)"
    question = re.compile(pattern, re.MULTILINE)
    written, count = question.subn(lambda found: f"{found[1]}{default}\n", text)
    if count != 1:
        raise AssertionError(f"copier.yml has no question {name}")
    return written.rstrip("\n") + "\n"
