"""A system as a Mermaid flowchart. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_stacks.context.model import Context

from .labels import egress, places, replica_range


def mermaid(context: Context) -> str:
    """Return the flowchart of a system, with egress and environments."""
    ranges = {service.name: replica_range(context, service) for service in context.services}
    return _flowchart([*_lines(context, ranges), *_egress(context), *_environments(context)])


def readme_flowchart(context: Context) -> str:
    """Return the flowchart of the README of a repository: services, routes, calls and databases."""
    return _flowchart(_lines(context, {}))


def _flowchart(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)])


def _lines(context: Context, ranges: dict[str, str]) -> Iterator[str]:
    services = context.services
    yield 'gateway(["gateway"])'
    for service in services:
        scaled = ranges.get(service.name)
        text = f"{service.name}<br>{scaled}" if scaled else service.name
        yield f'{_node("service", service.name)}["{text}"]'
    for service in services:
        if service.database:
            yield f'{_node("database", service.name)}[("{service.database}")]'
    for service in services:
        if service.route:
            yield f'gateway -->|"{service.route}"| {_node("service", service.name)}'
    for service in services:
        node = _node("service", service.name)
        yield from (f"{node} --> {_node('service', call.service)}" for call in service.calls)
        if service.database:
            yield f"{node} --> {_node('database', service.name)}"


def _egress(context: Context) -> Iterator[str]:
    """Yield one node for everything external, and an edge per service and egress."""
    reached = [(service.name, place) for service in context.services for place in egress(context, service)]
    if reached:
        yield 'external(("external"))'
    yield from (f'{_node("service", name)} -.->|"{place}"| external' for name, place in reached)


def _environments(context: Context) -> Iterator[str]:
    for name, place in places(context):
        node = _node("environment", name)
        yield f'{node}>"{name}: {place}"]'
        yield f"{node} -.- gateway"


def _node(kind: str, name: str) -> str:
    """Return an identifier that is not a keyword of Mermaid, whatever the name (end, class, style ...)."""
    return f"{kind}_{name.replace('-', '_')}"
