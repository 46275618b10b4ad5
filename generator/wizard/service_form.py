"""The form of services: all questions of a new one in order, or one field of an existing one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from generator.authoring.draft import Draft, ServiceDraft, callers, with_image, with_service, without_service
from generator.authoring.flags import NOT_A_RANGE, format_range, is_number, parse_range
from pulumi_stacks import targets
from pulumi_stacks.spec.model import OWN_DOCKERFILE, OWN_FIELDS, Service

from .prompts import Back, Choice, Question, group, in_turn
from .session import Session
from .validation import free, offered

_DATABASES = offered(Service.model_fields["database"].annotation)
_IMAGE = "caddy:2"
_DUPLICATE, _REMOVE, _DONE = "duplicate", "remove", "done"
# The fields that the form edits; others are kept and listed.
_ASKED = {"runtime", "image", "port", "ready", "route", "database", "calls", "scale"}
_Step = Callable[[ServiceDraft], ServiceDraft]


def add(session: Session, draft: Draft) -> Draft:
    """Ask for a new service."""
    names = [service.name for service in draft.services]
    form = _Form(session, draft)
    new = ServiceDraft(free("service" if names else "api", names), next(iter(session.runtimes)))

    def steps(service: ServiceDraft) -> list[_Step]:
        own = [form.port, form.ready] if service.own else []
        return [form.name, form.runtime, *own, form.database, form.route, *([form.calls] if names else [])]

    return form.put(in_turn(steps, new))


def change(session: Session, draft: Draft, name: str) -> Draft:
    """Edit fields of a service until the user is done, or duplicate or remove it."""
    point = "name"
    while True:
        form = _Form(session, draft, name)
        point = _menu(form, point)
        if point == _DONE:
            return draft
        try:
            if point == _DUPLICATE:
                return _duplicate(session, draft, name)
            if point == _REMOVE:
                return _remove(session, draft, name)
            changed = in_turn(form.steps(point), draft.service(name))
        except Back:
            continue
        draft, name = form.put(changed), changed.name


def cells(session: Session, service: ServiceDraft) -> tuple[str, ...]:
    """Return a service as the cells of a row."""
    return (
        service.name,
        service.image or session.title(service.runtime),
        service.route,
        service.database,
        f"calls {', '.join(service.calls)}" if service.calls else "",
        f"{format_range(service)} replicas" if format_range(service) != "1" else "",
    )


def _menu(form: _Form, point: str) -> str:
    service = form.draft.service(form.old)
    others = len(form.draft.services) > 1
    rows = {
        "name": ("Name", service.name),
        "runtime": ("Runtime", form.session.title(service.runtime)),
        **({"image": ("Image", service.image)} if service.image else {}),
        **({"port": ("Port", str(service.port)), "ready": ("Ready", service.ready)} if service.own else {}),
        "database": ("Database", service.database or "none"),
        "route": ("Route", service.route or "none (internal)"),
        **({"calls": ("Calls", ", ".join(service.calls) or "none")} if others else {}),
        "replicas": ("Replicas", format_range(service)),
    }
    kept = ", ".join(key for key in service.kept if key not in _ASKED)
    question = Question(
        f"{form.draft.name}: service {service.name}", "", f"Not changed here: {kept}." if kept else ""
    )
    groups = [
        group(*(Choice(key, row) for key, row in rows.items())),
        group(Choice(_DUPLICATE, ("Duplicate",)), Choice(_REMOVE, ("Remove",)), Choice(_DONE, ("Done",))),
    ]
    try:
        return form.session.prompter.select(question, groups, point)
    except Back:
        return _DONE


def _duplicate(session: Session, draft: Draft, name: str) -> Draft:
    """Ask for the name of a copy, and for its route, which must be unique."""
    service = draft.service(name)
    kept = {key: value for key, value in service.kept.items() if key != "id"}
    names = [other.name for other in draft.services]
    copy = replace(service, name=free(name, names), route="", kept=kept, was="")
    form = _Form(session, draft, copied=name)
    return form.put(in_turn(lambda _: [form.name, *([form.route] if service.route else [])], copy))


def _remove(session: Session, draft: Draft, name: str) -> Draft:
    """Remove a service after a confirmation."""
    listed = ", ".join(callers(draft, name))
    question = Question(
        f"{draft.name}: remove {name}",
        f"It is called by {listed}." if listed else "It has no callers.",
        "Also removes its calls and its database.",
    )
    keep = Choice(False, ("Keep",))  # noqa: FBT003 - the value of a choice
    remove = Choice(True, (f"Remove, with the calls from {listed}" if listed else "Remove",))  # noqa: FBT003
    if not session.prompter.select(question, [group(keep, remove)], default=False):
        raise Back
    return without_service(draft, name)


def _scaling_targets() -> str:
    known = targets.known().values()
    return " or ".join(target.title for target in known if target.context.scales)


@dataclass(frozen=True)
class _Form:
    """Asks for single fields of a service. `old` is its name in the draft; empty for a new one."""

    session: Session
    draft: Draft
    old: str = ""
    copied: str = ""  # the service that a new one is a copy of
    # Answered fields of a new service: after going back, "none" is an answer and not the initial state.
    answered: set[str] = field(default_factory=set)

    def steps(self, point: str) -> Callable[[ServiceDraft], list[_Step]]:
        """Return the questions of one field; a new kind of image also requires port and readiness."""
        first: _Step = getattr(self, point)
        if point != "runtime":
            return lambda _: [first]
        before = self.draft.service(self.old)

        def asked(service: ServiceDraft) -> list[_Step]:
            same = (service.runtime, bool(service.image)) == (before.runtime, bool(before.image))
            return [first, *([self.port, self.ready] if service.own and not same else [])]

        return asked

    def put(self, service: ServiceDraft) -> Draft:
        """Return the draft with the service in it."""
        if self.old:
            return with_service(self.draft, self.old, service)
        return replace(self.draft, services=(*self.draft.services, service))

    def name(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its name."""
        taken = {other.name for other in self.draft.services} - {self.old}

        def fault(text: str) -> str | None:
            if text in taken:
                return f"service {text} already exists"
            return self._fault(replace(service, name=text))

        question = self._question(
            service, "Name of the service", "Also the name of its folder, image and address."
        )
        return replace(service, name=self.session.prompter.text(question, service.name, fault))

    def runtime(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its runtime or image."""
        choices = [
            Choice(name, (self.session.title(name),), self._about(name, service))
            for name in (*self.session.runtimes, "")
        ]
        question = self._question(service, "Runtime")
        while True:
            runtime = self.session.prompter.select(question, [group(*choices)], service.runtime)
            if runtime:
                return with_image(service, runtime=runtime)
            service = with_image(service, image=service.image or _IMAGE)
            try:
                return self.image(service)
            except Back:
                continue

    def image(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its prebuilt image."""
        question = self._question(service, "Image", "Use a tag or a digest.")
        image = self.session.prompter.text(
            question, service.image, lambda text: self._fault(replace(service, image=text))
        )
        return replace(service, image=image)

    def port(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its port."""
        question = self._question(service, "Port that it listens on", "Also set as the variable PORT.")

        def fault(text: str) -> str | None:
            if not is_number(text):
                return f"{json.dumps(text)} is not a whole number"
            return self._fault(replace(service, port=int(text)))

        return replace(service, port=int(self.session.prompter.text(question, str(service.port), fault)))

    def ready(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its readiness path."""
        question = self._question(
            service,
            "Readiness path (200 if it accepts requests)",
            "Enter none if it has no such path: then it is ready 5 seconds after its start.",
        )
        ready = self.session.prompter.text(
            question, service.ready, lambda text: self._fault(replace(service, ready=text))
        )
        return replace(service, ready=ready)

    def database(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its database."""
        choices = [Choice(name, (name,), "Private: other services have no access.") for name in _DATABASES]
        choices.append(Choice("", ("none",)))
        default = service.database or ("" if service.own or self._is_known("database") else _DATABASES[0])
        question = self._question(service, "Database")
        database = self.session.select(
            question,
            [group(*choices)],
            default,
            lambda word: self.put(replace(service, database=word)),
            self.draft,
        )
        self.answered.add("database")
        return replace(service, database=database)

    def route(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its public path."""
        question = self._question(
            service,
            "Public path at the gateway",
            "Without a path it is internal: only its callers can reach it.",
        )
        usual = "" if self._is_known("route") else f"/{service.name}"
        if self._fault(replace(service, route=usual)):
            usual = ""
        default = service.route or usual
        route = self.session.prompter.text(
            question, default, lambda text: self._fault(replace(service, route=text)), optional=True
        )
        self.answered.add("route")
        return replace(service, route=route)

    def calls(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its calls."""
        others = [other for other in self.draft.services if other.name != self.old]
        question = self._question(service, "Services that it calls", "It cannot reach other services.")
        choices = [Choice(other.name, (other.name,)) for other in others]
        calls = self.session.prompter.several(
            question, choices, service.calls, lambda names: self._fault(replace(service, calls=names))
        )
        return replace(service, calls=calls)

    def replicas(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its replicas."""
        scales = any(environment.scales for environment in self.draft.environments)
        help_ = "2 or more tolerate the failure of one. 2-6 scales from 2 to 6 under load"
        question = self._question(
            service,
            "Number of replicas",
            f"{help_}." if scales else f"{help_}, with {_scaling_targets()} only.",
        )

        def fault(text: str) -> str | None:
            span = parse_range(text)
            if span is None:
                return f"{json.dumps(text)} {NOT_A_RANGE}"
            return self._fault(replace(service, replicas=span[0], most=span[1]))

        text = self.session.prompter.text(question, format_range(service), fault)
        low, high = parse_range(text) or (service.replicas, service.most)
        return replace(service, replicas=low, most=high)

    def _is_known(self, name: str) -> bool:
        return bool(self.old) or name in self.answered

    def _question(self, service: ServiceDraft, text: str, help_: str = "") -> Question:
        new = f"a copy of {self.copied}" if self.copied else "a new service"
        what = f"service {service.name}" if self.old else new
        return Question(f"{self.draft.name}: {what}", text, help_)

    def _about(self, runtime: str, service: ServiceDraft) -> str:
        if not runtime:
            return "A prebuilt image, not built here."
        if runtime == OWN_DOCKERFILE:
            return f"Built from your Dockerfile in services/{service.name}/."
        lost = ", ".join(key for key in OWN_FIELDS if key in service.kept)
        return f"Defines {lost} itself: removes them from cn.yaml." if lost else ""

    def _fault(self, service: ServiceDraft) -> str | None:
        return self.session.fault(self.put(service), self.draft)
