"""A system as a Mermaid flowchart, the one in the README of its repository. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_stacks.context import Context


def mermaid(context: Context) -> str:
    """Return the flowchart of a system."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(context))])


def _lines(context: Context) -> Iterator[str]:
    services = context.services
    yield 'gateway(["gateway"])'
    yield from (f'{_node("service", service.name)}["{service.name}"]' for service in services)
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


def _node(kind: str, name: str) -> str:
    """Return a word that means nothing to Mermaid, whatever the name (end, class, style ...)."""
    return f"{kind}_{name.replace('-', '_')}"
