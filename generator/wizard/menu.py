"""The main menu: shows the current system; adds, edits and removes its parts; leads to the preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from generator.authoring.draft import Draft, ServiceDraft, callers

from . import environment_form, service_form, system_form
from .preview import Preview, confirm
from .prompts import Back, Choice, Group, Question, group
from .session import Session, State

_SERVICE, _ADD, _PREVIEW = "service", "add", "preview"
Point = tuple[str, str]


@dataclass(frozen=True)
class Menu:
    """Asks for the next step until the user approves the preview."""

    session: Session

    def ask(self, state: State) -> Preview | State:
        """Return the approved preview, or the state if the user goes back to the starting point."""
        point: Point = (_SERVICE, state.draft.services[0].name) if state.draft.services else (_ADD, "")
        while True:
            try:
                point = self._select(state.draft, point)
            except Back:
                return state
            try:
                if point[0] == _PREVIEW:
                    state = replace(state, draft=environment_form.with_registry(self.session, state.draft))
                    if problems := self.session.validator.problems(state.draft):
                        self.session.prompter.show(
                            "\n".join(f"{one.path}: {one.message}" for one in problems)
                        )
                        continue
                    return confirm(self.session, state)
                draft = self._step(point)(state.draft)
            except Back:
                continue
            point = _followed(point, state.draft, draft)
            state = replace(state, draft=draft)

    def _step(self, point: Point) -> Callable[[Draft], Draft]:
        session, (what, name) = self.session, point
        steps: dict[str, Callable[[Draft], Draft]] = {
            _SERVICE: lambda draft: service_form.change(session, draft, name),
            _ADD: lambda draft: service_form.add(session, draft),
            "name": lambda draft: system_form.name(session, draft),
            "ci": lambda draft: system_form.ci(session, draft),
            "environments": lambda draft: environment_form.change(session, draft),
        }
        return steps.get(what, lambda draft: system_form.text(session, draft, what))

    def _select(self, draft: Draft, point: Point) -> Point:
        heading = f"{draft.name}, in the folder {self.session.destination_of(draft.name)}"
        return self.session.prompter.select(Question(heading, ""), _groups(self.session, draft), point)


def _groups(session: Session, draft: Draft) -> list[Group[Point]]:
    rows = [
        Choice((_SERVICE, service.name), service_form.cells(session, service), _about(draft, service))
        for service in draft.services
    ]
    places = ", ".join(f"{entry.name} on {system_form.title(entry.target)}" for entry in draft.environments)
    settings = (
        ("name", "Name", draft.name),
        ("description", "Description", draft.description or "none"),
        ("owner", "Owner", draft.owner or "none"),
        ("registry", "Registry", draft.registry or "none"),
        ("environments", "Environments", places),
        ("ci", "CI", system_form.title(draft.ci or "none")),
    )
    nothing = "" if draft.services else "A system requires at least one service."
    add = Choice[Point]((_ADD, ""), ("+ Add a service",), nothing)
    last = Choice[Point](
        (_PREVIEW, ""),
        ("Preview and write",),
        "Shows graph, files, cn.yaml and command, then asks to confirm.",
    )
    return [
        group(*rows, add, heading="Services"),
        group(*(Choice((key, ""), (label, value)) for key, label, value in settings), heading="System"),
        *([group(last)] if draft.services else []),
    ]


def _about(draft: Draft, service: ServiceDraft) -> str:
    """Return the help of a service's row: its callers, and the possible actions."""
    listed = ", ".join(callers(draft, service.name))
    reached = f"Called by {listed}." if listed else "It has no callers."
    if not listed and not service.route:
        reached = "It has no route and no callers: it is not reachable yet."
    return f"{reached} Select it to edit, duplicate or remove it."


def _followed(point: Point, before: Draft, after: Draft) -> Point:
    """Return the next row: a renamed or copied service, or the neighbour of a removed one."""
    if point[0] == _ADD:
        return (_PREVIEW, "")
    if point[0] != _SERVICE:
        return point
    old = [service.name for service in before.services]
    new = [service.name for service in after.services]
    if len(new) > len(old):
        return (_SERVICE, new[-1])
    index = min(old.index(point[1]), len(new) - 1)
    return (_SERVICE, new[index]) if new else (_ADD, "")
