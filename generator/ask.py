"""The wizard: the only module that prompts. One pass over name, services and environment."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import questionary

from pulumi_stacks.load import SpecError, dotted, load

from .draft import Draft, DraftError, ServiceDraft, write


def ask(draft: Draft, runtimes: Collection[str]) -> Draft:
    """Complete a draft by asking; every answer is checked by the rules of the spec as it is typed.

    Raises DraftError when the name is none, KeyboardInterrupt when the user leaves.
    """
    if not draft.name:
        draft = replace(draft, name=_text("Name of the system", "shop", lambda text: _name(draft, text)))
    elif fault := _name(draft, draft.name):
        raise DraftError(f"NAME: {fault}")
    draft = replace(draft, services=())
    while True:
        draft = replace(draft, services=(*draft.services, _service(draft, runtimes)))
        if not questionary.confirm("Another service?", default=False).unsafe_ask():
            break
    for index in range(len(draft.services) if len(draft.services) > 1 else 0):
        draft = _calls(draft, index)
    (name, target), *others = draft.environments
    name = _text("Name of the first environment", name, lambda text: _environment(draft, text, target))
    return replace(draft, environments=((name, target), *others))


def _service(draft: Draft, runtimes: Collection[str]) -> ServiceDraft:
    earlier = [service.name for service in draft.services]
    runtime = next(iter(runtimes))

    def fault(service: ServiceDraft, *field: str) -> str | None:
        return _fault(replace(draft, services=(*draft.services, service)), "services", service.name, *field)

    def name_fault(text: str) -> str | None:
        return f"{text} is there already" if text in earlier else fault(ServiceDraft(text, runtime))

    default = "api" if not earlier else ""
    service = ServiceDraft(_text("Name of the service", default, name_fault), runtime)
    if len(runtimes) > 1:
        chosen = questionary.select("Runtime", list(runtimes)).unsafe_ask()
        service = replace(service, runtime=chosen)
    if questionary.confirm("Its own Postgres database?", default=True).unsafe_ask():
        service = replace(service, database="postgres")
    route = _text(
        "Public path at the gateway (empty: internal only)",
        f"/{service.name}",
        lambda text: fault(replace(service, route=text), "route") if text else None,
    )
    return replace(service, route=route)


def _calls(draft: Draft, index: int) -> Draft:
    """Ask whom one service calls, now that all services are known."""
    service = draft.services[index]
    before, after = draft.services[:index], draft.services[index + 1 :]

    def calling(names: list[str]) -> Draft:
        return replace(draft, services=(*before, replace(service, calls=tuple(names)), *after))

    def check(names: list[str]) -> bool | str:
        return _fault(calling(names)) or True

    question = f"Services that {service.name} calls"
    others = [other.name for other in (*before, *after)]
    return calling(questionary.checkbox(question, others, validate=check).unsafe_ask())


def _name(draft: Draft, text: str) -> str | None:
    return _fault(replace(draft, name=text), "name")


def _environment(draft: Draft, text: str, target: str) -> str | None:
    return _fault(replace(draft, environments=((text, target),)), "environments", text)


def _fault(draft: Draft, *path: str) -> str | None:
    """Return what the loader says of one field of a draft (of any, without a path), or None."""
    try:
        load(write(draft))
    except SpecError as error:
        return next(
            (problem.message for problem in error.problems if not path or problem.path == dotted(path)), None
        )
    return None


def _text(question: str, default: str, fault: Callable[[str], str | None]) -> str:
    def check(text: str) -> bool | str:
        return fault(text.strip()) or True

    answer: str = questionary.text(question, default=default, validate=check).unsafe_ask()
    return answer.strip()
