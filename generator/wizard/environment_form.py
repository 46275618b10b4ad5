"""The form of environments: target, and the settings of a cluster."""

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
from pulumi_stacks import targets
from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.spec.model import TLS_GATEWAYS

from .prompts import Back, Choice, Question, group, in_turn
from .session import Session
from .system_form import title
from .validation import free, offered

_TARGETS = targets.all_names()
_GATEWAYS = offered(Environment.model_fields["gateway"].annotation)
_ABOUT = {
    "loadbalancer": "A dedicated HTTP load balancer; requires no controller in the cluster.",
    "ingress": "TLS for a domain; requires an Ingress controller.",
    "gateway-api": "TLS for a domain with an HTTPRoute; requires the Gateway API.",
}
# The fields that the form edits; others are kept and listed.
_ASKED = {"target", "gateway", "domain"}
_ADD, _REMOVE, _DONE = "+add", "+remove", "+done"
_NAMES_OF_NEW = ("dev", "staging", "prod")
_Step = Callable[[Draft], Draft]


def change(session: Session, draft: Draft) -> Draft:
    """Add, edit and remove environments."""
    point = draft.environments[0].name
    while True:
        question = Question(f"{draft.name}: environments", "", "Each environment is one Pulumi stack.")
        known = [Choice(entry.name, (entry.name, _summary(entry))) for entry in draft.environments]
        more = [Choice(_ADD, ("+ Add an environment",)), Choice(_DONE, ("Done",))]
        try:
            point = session.prompter.select(question, [group(*known), group(*more)], point)
        except Back:
            return draft
        if point == _DONE:
            return draft
        try:
            draft = _add(session, draft) if point == _ADD else _change(session, draft, point)
        except Back:
            continue


def with_registry(session: Session, draft: Draft) -> Draft:
    """Ask for the registry if a cluster requires one and it is not set."""
    if not session.lacks_registry(draft):
        return draft
    return _Form(session, 0).registry(draft)


def _summary(environment: EnvironmentDraft) -> str:
    kept = environment.kept
    settings = [str(kept[key]) for key in ("gateway", "domain") if key in kept]
    return ", ".join([f"on {title(environment.target)}", *settings])


def _add(session: Session, draft: Draft) -> Draft:
    names = [entry.name for entry in draft.environments]
    unused = (word for word in _NAMES_OF_NEW if word not in names)
    new = EnvironmentDraft(next(unused, free("environment", names)), _TARGETS[0])
    form = _Form(session, len(names))
    target = form.steps("target", draft)
    return in_turn(
        lambda now: [form.name, *target(now)],
        replace(draft, environments=(*draft.environments, new)),
    )


def _change(session: Session, draft: Draft, name: str) -> Draft:
    index = next(index for index, entry in enumerate(draft.environments) if entry.name == name)
    environment, form = draft.environments[index], _Form(session, index)
    kept = environment.kept
    cluster = (
        Choice("gateway", ("Gateway", str(kept.get("gateway", _GATEWAYS[0])))),
        Choice("domain", ("Domain", str(kept.get("domain", "none")))),
    )
    choices = [
        Choice("name", ("Name", environment.name)),
        Choice("target", ("Target", title(environment.target))),
        *(cluster if "gateway" in environment.fields else ()),
    ]
    only = len(draft.environments) == 1
    last = [] if only else [Choice(_REMOVE, ("Remove",), "Also removes its overrides in services.")]
    rest = ", ".join(key for key in kept if key not in _ASKED)
    question = Question(f"{draft.name}: environment {name}", "", f"Not changed here: {rest}." if rest else "")
    found = session.prompter.select(
        question, [group(*choices), group(*last, Choice(_DONE, ("Done",)))], "name"
    )
    if found == _REMOVE:
        return without_environment(draft, name)
    return draft if found == _DONE else in_turn(form.steps(found, draft), draft)


@dataclass(frozen=True)
class _Form:
    """Asks for single fields of the environment at an index of the draft."""

    session: Session
    index: int

    def steps(self, point: str, before: Draft) -> Callable[[Draft], list[_Step]]:
        """Return the questions of one field; a target or a gateway can require further questions."""
        steps: dict[str, _Step] = {
            "name": self.name,
            "target": self.target,
            "gateway": self.gateway,
            "domain": self.domain,
        }
        if point in {"name", "domain"}:
            return lambda _: [steps[point]]
        was = dict(enumerate(before.environments)).get(self.index)

        def asked(now: Draft) -> list[_Step]:
            environment = self._of(now)
            changed = point == "target" and (was is None or was.target != environment.target)
            asks_gateway = "gateway" in environment.fields
            known = was is not None and "domain" in was.kept
            needed = asks_gateway and environment.kept.get("gateway") in TLS_GATEWAYS and not known
            return [
                steps[point],
                *([self.registry] if changed and environment.pulls and not before.registry else []),
                *([self.gateway] if changed and asks_gateway else []),
                *([self.domain] if needed else []),
            ]

        return asked

    def name(self, draft: Draft) -> Draft:
        """Ask for its name."""
        environment = self._of(draft)
        others = {entry.name for index, entry in enumerate(draft.environments) if index != self.index}

        def renamed(value: str) -> Draft:
            return with_environment(draft, environment.name, replace(environment, name=value))

        def fault(value: str) -> str | None:
            if value in others:
                return f"environment {value} already exists"
            return self.session.fault(renamed(value), draft)

        question = Question(
            f"{draft.name}: environments", "Name of the environment", "Also the name of its Pulumi stack."
        )
        return renamed(self.session.prompter.text(question, environment.name, fault))

    def target(self, draft: Draft) -> Draft:
        """Ask for its target."""
        environment = self._of(draft)
        choices = [Choice(word, (title(word),), targets.known()[word].summary) for word in _TARGETS]

        def changed(target: str) -> Draft:
            return self._put(draft, with_target(environment, target))

        def plain(target: str) -> Draft:
            return self._bare(changed(target))

        question = self._question(draft, "Deployment target")
        return changed(self.session.select(question, [group(*choices)], environment.target, plain, draft))

    def registry(self, draft: Draft) -> Draft:
        """Ask for the registry of a cluster; without services it assumes one that is built."""
        services = draft.services or (ServiceDraft("api", next(iter(self.session.runtimes))),)
        assumed = replace(self._bare(draft), services=services)

        def fault(value: str) -> str | None:
            found = self.session.validator.problems(replace(assumed, registry=value))
            mine = (one.message for one in found if one.path == "registry" or one.path.endswith(".target"))
            return next(mine, None)

        question = Question(
            draft.name,
            "Registry for the images",
            "The cluster pulls images from it, such as ghcr.io/acme.",
        )
        usual = draft.registry or _usual_registry(draft)
        default = "" if fault(usual) else usual
        optional = not fault("")
        return replace(
            draft, registry=self.session.prompter.text(question, default, fault, optional=optional)
        )

    def gateway(self, draft: Draft) -> Draft:
        """Ask for its gateway."""
        environment = self._of(draft)
        choices = [Choice(word, (word,), _ABOUT.get(word, "")) for word in _GATEWAYS]
        default = str(environment.kept.get("gateway", _GATEWAYS[0]))
        question = self._question(draft, "Gateway for public traffic")
        found = self.session.prompter.select(question, [group(*choices)], default)
        return self._put(draft, with_setting(environment, "gateway", found, _GATEWAYS[0]))

    def domain(self, draft: Draft) -> Draft:
        """Ask for its public host name."""
        environment = self._of(draft)

        def changed(value: str) -> Draft:
            return self._put(draft, with_setting(environment, "domain", value))

        needed = environment.kept.get("gateway") in TLS_GATEWAYS
        question = self._question(draft, "Domain", "The public host name, also of the TLS certificate.")
        default = str(environment.kept.get("domain", f"{draft.name}.example.com" if needed else ""))
        value = self.session.prompter.text(
            question,
            default,
            lambda text: self.session.fault(changed(text), self._bare(draft)),
            optional=not needed,
        )
        return changed(value)

    def _of(self, draft: Draft) -> EnvironmentDraft:
        return draft.environments[self.index]

    def _bare(self, draft: Draft) -> Draft:
        """Return the draft without gateway and domain, which are asked after the target."""
        environment = self._of(draft)
        kept = {key: value for key, value in environment.kept.items() if key not in {"gateway", "domain"}}
        return self._put(draft, replace(environment, kept=kept))

    def _put(self, draft: Draft, environment: EnvironmentDraft) -> Draft:
        return with_environment(draft, environment.name, environment)

    def _question(self, draft: Draft, text: str, help_: str = "") -> Question:
        return Question(f"{draft.name}: environment {self._of(draft).name}", text, help_)


def _usual_registry(draft: Draft) -> str:
    """Return the GitHub container registry of the owner."""
    owner = draft.owner.partition("/")[0]
    return f"ghcr.io/{owner[1:].lower()}" if owner.startswith("@") and draft.ci != "gitlab" else ""
