"""A system as a Mermaid flowchart. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_stacks.context.model import Context

from .labels import outside, places, span


def mermaid(context: Context) -> str:
    """Return the flowchart of a system: what its repository shows, and what clusters add to that."""
    spans = {service.name: span(context, service) for service in context.services}
    return _flowchart([*_lines(context, spans), *_beyond(context), *_environments(context)])


def wiring(context: Context) -> str:
    """Return the flowchart in the README of a repository: services, routes, calls and databases."""
    return _flowchart(_lines(context, {}))


def _flowchart(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)])


def _lines(context: Context, spans: dict[str, str]) -> Iterator[str]:
    services = context.services
    yield 'gateway(["gateway"])'
    for service in services:
        scaled = spans.get(service.name)
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


def _beyond(context: Context) -> Iterator[str]:
    """Lead what services may reach outside to one node."""
    reached = [(service.name, place) for service in context.services for place in outside(context, service)]
    if reached:
        yield 'outside(("outside"))'
    yield from (f'{_node("service", name)} -.->|"{place}"| outside' for name, place in reached)


def _environments(context: Context) -> Iterator[str]:
    for name, place in places(context):
        node = _node("environment", name)
        yield f'{node}>"{name}: {place}"]'
        yield f"{node} -.- gateway"


def _node(kind: str, name: str) -> str:
    """Return a word that means nothing to Mermaid, whatever the name (end, class, style ...)."""
    return f"{kind}_{name.replace('-', '_')}"
