"""The environments: what each runs on, and what only a cluster has to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from generator.authoring.draft import (
    Draft,
    EnvironmentDraft,
    ServiceDraft,
    with_environment,
    with_setting,
    with_target,
    without_environment,
)
from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.spec.model import TLS_GATEWAYS

from .prompts import Back, Choice, Question, group, in_turn
from .session import Desk
from .system_form import title
from .validation import free, offered

_TARGETS = offered(Environment.model_fields["target"].annotation)
_GATEWAYS = offered(Environment.model_fields["gateway"].annotation)
_ABOUT = {
    "docker": "One engine on one machine; images are built there.",
    "kubernetes": "A cluster; images come from a registry.",
    "loadbalancer": "A load balancer of its own, which speaks HTTP; needs nothing else in the cluster.",
    "ingress": "TLS for a domain, through the cluster's Ingress controller.",
    "gateway-api": "TLS for a domain, through an HTTPRoute of the Gateway API.",
}
# What the form asks for; what else is kept is shown.
_ASKED = {"target", "gateway", "domain"}
_ADD, _REMOVE, _DONE = "+add", "+remove", "+done"
_NAMES_OF_NEW = ("dev", "staging", "prod")
_Step = Callable[[Draft], Draft]


def change(desk: Desk, draft: Draft) -> Draft:
    """Let environments be added, changed and removed."""
    point = draft.environments[0].name
    while True:
        question = Question(f"{draft.name}: environments", "", "Each becomes one Pulumi stack.")
        known = [Choice(entry.name, (entry.name, _summary(entry))) for entry in draft.environments]
        more = [Choice(_ADD, ("+ Add an environment",)), Choice(_DONE, ("Done",))]
        try:
            point = desk.asker.select(question, [group(*known), group(*more)], point)
        except Back:
            return draft
        if point == _DONE:
            return draft
        try:
            draft = _add(desk, draft) if point == _ADD else _change(desk, draft, point)
        except Back:
            continue


def with_registry(desk: Desk, draft: Draft) -> Draft:
    """Ask for the registry if a cluster needs one and there is none."""
    if not desk.lacks_registry(draft):
        return draft
    return _Form(desk, 0).registry(draft)


def _summary(environment: EnvironmentDraft) -> str:
    kept = environment.kept
    told = [str(kept[key]) for key in ("gateway", "domain") if key in kept]
    return ", ".join([f"on {title(environment.target)}", *told])


def _add(desk: Desk, draft: Draft) -> Draft:
    names = [entry.name for entry in draft.environments]
    unused = (word for word in _NAMES_OF_NEW if word not in names)
    new = EnvironmentDraft(next(unused, free("environment", names)), _TARGETS[0])
    form = _Form(desk, len(names))
    target = form.steps("target", draft)
    return in_turn(
        lambda now: [form.name, *target(now)],
        replace(draft, environments=(*draft.environments, new)),
    )


def _change(desk: Desk, draft: Draft, name: str) -> Draft:
    index = next(index for index, entry in enumerate(draft.environments) if entry.name == name)
    environment, form = draft.environments[index], _Form(desk, index)
    kept = environment.kept
    cluster = (
        Choice("gateway", ("Gateway", str(kept.get("gateway", _GATEWAYS[0])))),
        Choice("domain", ("Domain", str(kept.get("domain", "none")))),
    )
    choices = [
        Choice("name", ("Name", environment.name)),
        Choice("target", ("Target", title(environment.target))),
        *(cluster if environment.on_cluster else ()),
    ]
    only = len(draft.environments) == 1
    last = [] if only else [Choice(_REMOVE, ("Remove",), "What services say of it goes too.")]
    rest = ", ".join(key for key in kept if key not in _ASKED)
    question = Question(f"{draft.name}: environment {name}", "", f"Kept as it is: {rest}." if rest else "")
    found = desk.asker.select(question, [group(*choices), group(*last, Choice(_DONE, ("Done",)))], "name")
    if found == _REMOVE:
        return without_environment(draft, name)
    return draft if found == _DONE else in_turn(form.steps(found, draft), draft)


@dataclass(frozen=True)
class _Form:
    """Asks for single fields of the environment at a place in a draft."""

    desk: Desk
    index: int

    def steps(self, point: str, before: Draft) -> Callable[[Draft], list[_Step]]:
        """Return the questions of one field; a target, or a gateway, may have others follow."""
        steps: dict[str, _Step] = {
            "name": self.name,
            "target": self.target,
            "gateway": self.gateway,
            "domain": self.domain,
        }
        if point in {"name", "domain"}:
            return lambda _: [steps[point]]
        was = dict(enumerate(before.environments)).get(self.index)
        moved = was is None or not was.on_cluster
        cluster = [*([] if before.registry else [self.registry]), self.gateway]

        def asked(now: Draft) -> list[_Step]:
            environment = self._of(now)
            if not environment.on_cluster:
                return [steps[point]]
            known = was is not None and "domain" in was.kept
            needed = environment.kept.get("gateway") in TLS_GATEWAYS and not known
            more = cluster if moved and point == "target" else []
            return [steps[point], *more, *([self.domain] if needed else [])]

        return asked

    def name(self, draft: Draft) -> Draft:
        """Ask for its name."""
        environment = self._of(draft)
        others = {entry.name for index, entry in enumerate(draft.environments) if index != self.index}

        def renamed(value: str) -> Draft:
            return with_environment(draft, environment.name, replace(environment, name=value))

        def fault(value: str) -> str | None:
            if value in others:
                return f"there is an environment named {value} already"
            return self.desk.fault(renamed(value), draft)

        question = Question(
            f"{draft.name}: environments", "Name of the environment", "And of its Pulumi stack."
        )
        return renamed(self.desk.asker.text(question, environment.name, fault))

    def target(self, draft: Draft) -> Draft:
        """Ask what it runs on."""
        environment = self._of(draft)
        choices = [Choice(word, (title(word),), _ABOUT.get(word, "")) for word in _TARGETS]

        def changed(target: str) -> Draft:
            return self._put(draft, with_target(environment, target))

        def plain(target: str) -> Draft:
            return self._bare(changed(target))

        question = self._question(draft, "What it runs on")
        return changed(self.desk.select(question, [group(*choices)], environment.target, plain, draft))

    def registry(self, draft: Draft) -> Draft:
        """Ask where a cluster takes images from; where no service is said yet, one will be built."""
        services = draft.services or (ServiceDraft("api", next(iter(self.desk.runtimes))),)
        judged = replace(self._bare(draft), services=services)

        def fault(value: str) -> str | None:
            found = self.desk.rules.problems(replace(judged, registry=value))
            mine = (one.message for one in found if one.path == "registry" or one.path.endswith(".target"))
            return next(mine, None)

        question = Question(
            draft.name,
            "First part of the images' names",
            "The registry from which a cluster takes images, such as ghcr.io/acme.",
        )
        usual = draft.registry or _usual_registry(draft)
        default = "" if fault(usual) else usual
        optional = not fault("")
        return replace(draft, registry=self.desk.asker.text(question, default, fault, optional=optional))

    def gateway(self, draft: Draft) -> Draft:
        """Ask how people reach it."""
        environment = self._of(draft)
        choices = [Choice(word, (word,), _ABOUT.get(word, "")) for word in _GATEWAYS]
        default = str(environment.kept.get("gateway", _GATEWAYS[0]))
        question = self._question(draft, "How people reach it")
        found = self.desk.asker.select(question, [group(*choices)], default)
        return self._put(draft, with_setting(environment, "gateway", found, _GATEWAYS[0]))

    def domain(self, draft: Draft) -> Draft:
        """Ask for the host name under which people reach it."""
        environment = self._of(draft)

        def changed(value: str) -> Draft:
            return self._put(draft, with_setting(environment, "domain", value))

        needed = environment.kept.get("gateway") in TLS_GATEWAYS
        question = self._question(
            draft, "Domain", "The host name under which people reach it; TLS is for this name."
        )
        default = str(environment.kept.get("domain", f"{draft.name}.example.com" if needed else ""))
        value = self.desk.asker.text(
            question,
            default,
            lambda text: self.desk.fault(changed(text), self._bare(draft)),
            optional=not needed,
        )
        return changed(value)

    def _of(self, draft: Draft) -> EnvironmentDraft:
        return draft.environments[self.index]

    def _bare(self, draft: Draft) -> Draft:
        """Return the draft without what is asked for after the target, or is being asked for."""
        environment = self._of(draft)
        kept = {key: value for key, value in environment.kept.items() if key not in {"gateway", "domain"}}
        return self._put(draft, replace(environment, kept=kept))

    def _put(self, draft: Draft, environment: EnvironmentDraft) -> Draft:
        return with_environment(draft, environment.name, environment)

    def _question(self, draft: Draft, text: str, help_: str = "") -> Question:
        return Question(f"{draft.name}: environment {self._of(draft).name}", text, help_)


def _usual_registry(draft: Draft) -> str:
    """Return the registry that comes with an owner on GitHub."""
    owner = draft.owner.partition("/")[0]
    return f"ghcr.io/{owner[1:].lower()}" if owner.startswith("@") and draft.ci != "gitlab" else ""
