"""The service forms: all questions of a new one in turn, or one field of an old one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from generator.authoring.draft import Draft, ServiceDraft, callers, with_image, with_service, without_service
from generator.authoring.flags import NO_SPAN, is_number, read_span, show_span
from pulumi_stacks.spec.model import OWN_DOCKERFILE, OWN_FIELDS, Service

from .prompts import Back, Choice, Question, group, in_turn
from .session import Desk
from .validation import free, offered

_DATABASES = offered(Service.model_fields["database"].annotation)
_IMAGE = "caddy:2"
_DUPLICATE, _REMOVE, _DONE = "duplicate", "remove", "done"
# What the form asks for, and what is kept of a file is not.
_ASKED = {"runtime", "image", "port", "ready", "route", "database", "calls", "scale"}
_Step = Callable[[ServiceDraft], ServiceDraft]


def add(desk: Desk, draft: Draft) -> Draft:
    """Ask for a new service."""
    names = [service.name for service in draft.services]
    form = _Form(desk, draft)
    new = ServiceDraft(free("service" if names else "api", names), next(iter(desk.runtimes)))

    def steps(service: ServiceDraft) -> list[_Step]:
        own = [form.port, form.ready] if service.own else []
        return [form.name, form.runtime, *own, form.database, form.route, *([form.calls] if names else [])]

    return form.put(in_turn(steps, new))


def change(desk: Desk, draft: Draft, name: str) -> Draft:
    """Let fields of a service be chosen and changed, until it is done, duplicated or removed."""
    point = "name"
    while True:
        form = _Form(desk, draft, name)
        point = _menu(form, point)
        if point == _DONE:
            return draft
        try:
            if point == _DUPLICATE:
                return _duplicate(desk, draft, name)
            if point == _REMOVE:
                return _remove(desk, draft, name)
            changed = in_turn(form.steps(point), draft.service(name))
        except Back:
            continue
        draft, name = form.put(changed), changed.name


def cells(desk: Desk, service: ServiceDraft) -> tuple[str, ...]:
    """Return a service as a row of a table."""
    return (
        service.name,
        service.image or desk.title(service.runtime),
        service.route,
        service.database,
        f"calls {', '.join(service.calls)}" if service.calls else "",
        f"{show_span(service)} replicas" if show_span(service) != "1" else "",
    )


def _menu(form: _Form, point: str) -> str:
    service = form.draft.service(form.old)
    others = len(form.draft.services) > 1
    rows = {
        "name": ("Name", service.name),
        "runtime": ("Runtime", form.desk.title(service.runtime)),
        **({"image": ("Image", service.image)} if service.image else {}),
        **({"port": ("Port", str(service.port)), "ready": ("Ready", service.ready)} if service.own else {}),
        "database": ("Database", service.database or "none"),
        "route": ("Route", service.route or "none: internal only"),
        **({"calls": ("Calls", ", ".join(service.calls) or "none")} if others else {}),
        "replicas": ("Replicas", show_span(service)),
    }
    kept = ", ".join(key for key in service.kept if key not in _ASKED)
    question = Question(
        f"{form.draft.name}: service {service.name}", "", f"Kept as it is: {kept}." if kept else ""
    )
    groups = [
        group(*(Choice(key, row) for key, row in rows.items())),
        group(Choice(_DUPLICATE, ("Duplicate",)), Choice(_REMOVE, ("Remove",)), Choice(_DONE, ("Done",))),
    ]
    try:
        return form.desk.asker.select(question, groups, point)
    except Back:
        return _DONE


def _duplicate(desk: Desk, draft: Draft, name: str) -> Draft:
    """Ask for the name of a copy, and for its route, which no two services share."""
    service = draft.service(name)
    kept = {key: value for key, value in service.kept.items() if key != "id"}
    names = [other.name for other in draft.services]
    copy = replace(service, name=free(name, names), route="", kept=kept, was="")
    form = _Form(desk, draft, copied=name)
    return form.put(in_turn(lambda _: [form.name, *([form.route] if service.route else [])], copy))


def _remove(desk: Desk, draft: Draft, name: str) -> Draft:
    """Remove a service after asking."""
    listed = ", ".join(callers(draft, name))
    question = Question(
        f"{draft.name}: remove {name}",
        f"It is called by {listed}." if listed else "No service calls it.",
        "Its own calls and database go too.",
    )
    keep = Choice(False, ("Keep it",))  # noqa: FBT003 - the value of a choice
    remove = Choice(True, (f"Remove it, and the calls of {listed}" if listed else "Remove it",))  # noqa: FBT003
    if not desk.asker.select(question, [group(keep, remove)], default=False):
        raise Back
    return without_service(draft, name)


@dataclass(frozen=True)
class _Form:
    """Asks for single fields of a service. `old` is its name in the draft; a new one has none there."""

    desk: Desk
    draft: Draft
    old: str = ""
    copied: str = ""  # the service that a new one is a copy of
    # Fields of a new one that were answered: going back, "none" is no longer a field without an answer.
    answered: set[str] = field(default_factory=set)

    def steps(self, point: str) -> Callable[[ServiceDraft], list[_Step]]:
        """Return the questions of one field; another kind of image also has another port, and readiness."""
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
                return f"there is a service named {text} already"
            return self._fault(replace(service, name=text))

        question = self._question(service, "Name of the service", "Names its folder, image and address.")
        return replace(service, name=self.desk.asker.text(question, service.name, fault))

    def runtime(self, service: ServiceDraft) -> ServiceDraft:
        """Ask where its image comes from."""
        choices = [
            Choice(name, (self.desk.title(name),), self._about(name, service))
            for name in (*self.desk.runtimes, "")
        ]
        question = self._question(service, "Runtime")
        while True:
            runtime = self.desk.asker.select(question, [group(*choices)], service.runtime)
            if runtime:
                return with_image(service, runtime=runtime)
            service = with_image(service, image=service.image or _IMAGE)
            try:
                return self.image(service)
            except Back:
                continue

    def image(self, service: ServiceDraft) -> ServiceDraft:
        """Ask which image is taken as it is."""
        question = self._question(service, "Image", "A tag or digest is better than none.")
        image = self.desk.asker.text(
            question, service.image, lambda text: self._fault(replace(service, image=text))
        )
        return replace(service, image=image)

    def port(self, service: ServiceDraft) -> ServiceDraft:
        """Ask where it listens."""
        question = self._question(service, "Port that it listens on", "It is told as PORT, too.")

        def fault(text: str) -> str | None:
            if not is_number(text):
                return f"{json.dumps(text)} is not a whole number"
            return self._fault(replace(service, port=int(text)))

        return replace(service, port=int(self.desk.asker.text(question, str(service.port), fault)))

    def ready(self, service: ServiceDraft) -> ServiceDraft:
        """Ask how it says that it is ready."""
        question = self._question(
            service,
            "Path that answers 200 when it may have requests",
            "none, when it has no such path: then it counts as started after 5 seconds.",
        )
        ready = self.desk.asker.text(
            question, service.ready, lambda text: self._fault(replace(service, ready=text))
        )
        return replace(service, ready=ready)

    def database(self, service: ServiceDraft) -> ServiceDraft:
        """Ask for its database."""
        choices = [Choice(name, (name,), "Its own: no other service reaches it.") for name in _DATABASES]
        choices.append(Choice("", ("none",)))
        default = service.database or ("" if service.own or self._is_known("database") else _DATABASES[0])
        question = self._question(service, "Database")
        database = self.desk.select(
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
            "Without one it is internal: only those that call it reach it.",
        )
        usual = "" if self._is_known("route") else f"/{service.name}"
        if self._fault(replace(service, route=usual)):
            usual = ""
        default = service.route or usual
        route = self.desk.asker.text(
            question, default, lambda text: self._fault(replace(service, route=text)), optional=True
        )
        self.answered.add("route")
        return replace(service, route=route)

    def calls(self, service: ServiceDraft) -> ServiceDraft:
        """Ask whom it calls."""
        others = [other for other in self.draft.services if other.name != self.old]
        question = self._question(service, "Services that it calls", "It cannot reach the others.")
        choices = [Choice(other.name, (other.name,)) for other in others]
        calls = self.desk.asker.several(
            question, choices, service.calls, lambda names: self._fault(replace(service, calls=names))
        )
        return replace(service, calls=calls)

    def replicas(self, service: ServiceDraft) -> ServiceDraft:
        """Ask how many run."""
        scales = any(environment.scales for environment in self.draft.environments)
        help_ = "Two or more: one may fail. 2-6: at least 2, under load up to 6"
        question = self._question(
            service,
            "Replicas that run",
            f"{help_}." if scales else f"{help_} on Kubernetes; Docker does not scale.",
        )

        def fault(text: str) -> str | None:
            span = read_span(text)
            if span is None:
                return f"{json.dumps(text)} {NO_SPAN}"
            return self._fault(replace(service, replicas=span[0], most=span[1]))

        text = self.desk.asker.text(question, show_span(service), fault)
        low, high = read_span(text) or (service.replicas, service.most)
        return replace(service, replicas=low, most=high)

    def _is_known(self, name: str) -> bool:
        return bool(self.old) or name in self.answered

    def _question(self, service: ServiceDraft, text: str, help_: str = "") -> Question:
        new = f"a copy of {self.copied}" if self.copied else "a new service"
        what = f"service {service.name}" if self.old else new
        return Question(f"{self.draft.name}: {what}", text, help_)

    def _about(self, runtime: str, service: ServiceDraft) -> str:
        if not runtime:
            return "Taken as it is, and not built here."
        if runtime == OWN_DOCKERFILE:
            return f"Built from a Dockerfile of your own in services/{service.name}/."
        lost = ", ".join(key for key in OWN_FIELDS if key in service.kept)
        return f"Says itself what the file says of {lost}: that goes." if lost else ""

    def _fault(self, service: ServiceDraft) -> str | None:
        return self.desk.fault(self.put(service), self.draft)
