"""Two descriptions of one system side by side: what compose.yaml says, and what the DeploymentPlan says.

Both become plain values per container. They may differ in DIFFERENCES and in nothing else.
"""

import re
from collections.abc import Iterator
from typing import Any

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.context.model import Context, Environment, Settings
from pulumi_stacks.network.caddyfile import PUBLIC_HOST
from pulumi_stacks.plan.model import Container, DeploymentPlan, Service
from pulumi_stacks.system import make_plan
from tests import quick_yaml

# Where compose.yaml differs from the plan, and why.
DIFFERENCES = {
    "prefix": "compose names containers, networks and volumes after its project",
    "subnet": "a block of its own, so that both run on one engine",
    "host port": "a port of its own, for the same reason",
    "image source": "compose builds under a tag of its own, and base images come from the environment",
    "gateway's configuration": "compose builds it into its image, so that a change makes a container",
    "router": "its work is the gateway's in compose, as that replaces in place",
    "labels": "those of the plan tell a stack's containers from all others",
    "probe": "asked by a container beside the service, as compose cannot ask by itself",
    "slots": "a container has all slots at once, as compose replaces in place",
    "hosts without a proxy": "those of the user's NO_PROXY too, as compose hands on the user's proxies",
}
GATEWAY_OF_COMPOSE = {"command": [], "volumes": {}, "folder": "infra/gateway"}
JOINED = "${NO_PROXY:+${NO_PROXY:-},}"

TEMPLATE = open_template()

Facts = dict[str, Any]


def compose(context: Context) -> str:
    """Return the compose.yaml of a system."""
    return render(TEMPLATE, context.answers())["compose.yaml"].data.decode()


def planned(context: Context) -> DeploymentPlan:
    """Return the plan of what compose runs, also where no environment of the system is that."""
    local = context.local
    if local.name not in [environment.name for environment in context.environments]:
        extra = Environment(
            target="docker",
            url=f"http://127.0.0.1:{local.port}",
            scales=False,
            pulls=False,
            location=(),
            required={},
            settings=Settings(),
            **local.model_dump(exclude={"block", "networks"}),
        )
        services = tuple(
            service.model_copy(update={"environments": (*service.environments, service.local)})
            for service in context.services
        )
        environments = (*context.environments, extra)
        context = context.model_copy(update={"environments": environments, "services": services})
    return make_plan(context, local.name)


def from_plan(deployment: DeploymentPlan) -> dict[str, Facts]:
    """Return each container of a plan under the name that compose gives it."""
    assert deployment.router is not None
    gateway = _container(deployment.gateway, deployment)
    routes: Facts = {link.network: set(link.aliases) for link in deployment.router.links}
    found = {"gateway": {**gateway, **GATEWAY_OF_COMPOSE, "networks": {**routes, "gateway": {PUBLIC_HOST}}}}
    for service in deployment.services:
        for name, container in _named(service):
            found[name] = _container(container, deployment)
    return found


def _named(service: Service) -> Iterator[tuple[str, Container]]:
    if service.database:
        yield f"{service.name}_database", service.database.container
    if service.migration:
        yield f"{service.name}_migrate", service.migration
    for number, replica in enumerate(service.replicas, 1):
        yield service.name + (f"_{number}" if number > 1 else ""), replica


def _container(container: Container, deployment: DeploymentPlan) -> Facts:
    prefix = f"{deployment.project}_{deployment.environment}_"
    variables = dict(container.variables)
    variables |= {secret.variable: f"{secret.before}PASSWORD{secret.after}" for secret in container.secrets}
    names = {link.network: set(link.aliases) for link in container.links}
    names |= {endpoint.network: set(endpoint.slots) for endpoint in container.endpoints}
    check = container.check
    return {
        "image": container.image.reference or container.image.name.rpartition(":")[0],
        "folder": container.image.folder.removeprefix("../"),
        "command": list(container.command),
        "variables": variables,
        "networks": names,
        "user": container.user,
        "capabilities": [name.removeprefix("CAP_") for name in container.capabilities],
        "tmpfs": dict(container.tmpfs),
        "volumes": {name.removeprefix(prefix): path for name, path in container.volumes},
        "published": [inside for inside, _ in container.published],
        "resolvers": list(container.resolvers),
        "cpu": container.cpu_millis,
        "memory": container.memory_bytes,
        "processes": container.processes,
        "restart": container.restart + (f":{container.retries}" if container.retries else ""),
        "grace": container.grace_seconds,
        "check": check
        and {
            "test": list(check.test),
            "interval": check.interval,
            "timeout": check.timeout,
            "retries": check.retries,
            "start_period": check.start_period,
            "start_interval": check.start_interval,
        },
        "probe": container.probe and {"path": container.probe.path, "port": container.probe.port},
        # What no container of a plan can lack: the targets say it for all of them.
        "hardened": True,
    }


def from_compose(text: str) -> dict[str, Facts]:
    """Return each container of a compose.yaml, those that only ask whether another is ready left out."""
    document = quick_yaml.load(text)
    services = {name: _interpolated(entry) for name, entry in document["services"].items()}
    for entry in services.values():
        entry["image"] = entry["image"].removesuffix(f":compose-{document['name']}")
    probes = {name.removesuffix("_ready"): entry for name, entry in services.items() if _is_probe(name)}
    return {
        name: _service(entry, services, probes.get(name))
        for name, entry in services.items()
        if not _is_probe(name)
    }


def networks_of_compose(text: str) -> dict[str, bool]:
    """Return the networks of a compose.yaml, and whether each is internal."""
    found = quick_yaml.load(text)["networks"]
    return {key: (entry or {}).get("internal", False) for key, entry in found.items()}


def subnets_of_compose(text: str) -> dict[str, str]:
    """Return the addresses of the networks of a compose.yaml."""
    found = _interpolated(quick_yaml.load(text)["networks"])
    return {key: entry["ipam"]["config"][0]["subnet"] for key, entry in found.items()}


def _is_probe(name: str) -> bool:
    return name.endswith("_ready")


def _interpolated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _interpolated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_interpolated(item) for item in value]
    if not isinstance(value, str):
        return value
    value = value.removeprefix(JOINED)
    pattern = r"\$\$|\$\{[A-Z0-9_]+:\?[^}]*\}|\$\{[A-Z0-9_]+:-([^}]*)\}|\$"
    return re.sub(pattern, _resolved, value)


def _resolved(found: re.Match[str]) -> str:
    if found[0] == "$$":
        return "$"
    if found[0] == "$":
        raise AssertionError(f"a dollar that compose would take for a variable: {found.string[:80]}")
    return "PASSWORD" if ":?" in found[0] else found[1]


def _service(entry: Facts, services: dict[str, Facts], probe: Facts | None) -> Facts:
    check = entry.get("healthcheck")
    folders = {other["image"]: other["build"]["context"] for other in services.values() if "build" in other}
    hardened = entry["read_only"] and entry["init"] and entry["cap_drop"] == ["ALL"]
    hardened = hardened and entry["security_opt"] == ["no-new-privileges:true"]
    hardened = hardened and entry["logging"]["options"] == {"max-file": "3", "max-size": "10m"}
    assert entry["memswap_limit"] == entry["mem_limit"]
    # Of the image that is built here the base is what the plan has.
    base = re.match(r"FROM (\S+)\nCOPY ", (entry.get("build") or {}).get("dockerfile_inline", ""))
    return {
        "image": base[1] if base else entry["image"],
        "folder": folders.get(entry["image"], ""),
        "command": entry.get("command", []),
        "variables": entry["environment"],
        "networks": {key: set(link.get("aliases", ())) for key, link in entry["networks"].items()},
        "user": entry["user"],
        "capabilities": entry.get("cap_add", []),
        "tmpfs": dict(item.split(":", 1) for item in entry["tmpfs"]),
        "volumes": dict(item.split(":", 1) for item in entry.get("volumes", [])),
        "published": [int(item.rpartition(":")[2]) for item in entry.get("ports", [])],
        "resolvers": entry.get("dns", []),
        "cpu": round(float(entry["cpus"]) * 1000),
        "memory": _bytes(str(entry["mem_limit"])),
        "processes": entry["pids_limit"],
        "restart": entry["restart"],
        "grace": int(entry["stop_grace_period"].removesuffix("s")),
        "check": check,
        "probe": _probe(probe) if probe else None,
        "hardened": hardened,
    }


def _bytes(value: str) -> int:
    """Read an amount of memory as Compose documents it; only some of its releases accept 256Mi."""
    found = re.fullmatch(r"([0-9]+)([kmg]?)", value)
    assert found, value
    return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2]]


def _probe(entry: Facts) -> Facts:
    found = re.fullmatch(r"http://[a-z0-9_-]+:([0-9]+)(/\S*)", entry["healthcheck"]["test"][-1])
    assert found
    return {"path": found[2], "port": int(found[1])}
