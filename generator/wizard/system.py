"""The settings of the system: its texts, its pipelines, its environments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generator.draft import Draft, EnvironmentDraft, with_environment, without_environment
from pulumi_stacks.spec import Environment, Spec

from .asking import Back, Choice, Question, group, in_turn
from .desk import Desk
from .rules import free, offered

_TARGETS = offered(Environment.model_fields["target"].annotation) or ("docker",)
_PIPELINES = offered(Spec.model_fields["ci"].annotation)
_TITLES = {"docker": "Docker", "kubernetes": "Kubernetes", "github": "GitHub", "gitlab": "GitLab"}
_ABOUT = {
    "github": "A workflow that tests and builds the services that changed.",
    "gitlab": "Kept in cn.yaml; its pipeline comes with a later version.",
}
_ADD, _REMOVE, _DONE = "+add", "+remove", "+done"
_TEXTS = {
    "description": ("One line on what it does", "Stands in the README and in the images' labels."),
    "owner": ("Who answers for it", "@user, @organisation/team or an e-mail address; for CODEOWNERS."),
    "registry": ("First part of the images' names", "Where they will be pushed, such as ghcr.io/acme."),
}
_NAMES_OF_NEW = ("dev", "staging", "prod")


def title(word: str) -> str:
    """Return what people call a target or a pipeline."""
    return _TITLES.get(word, word)


def name(desk: Desk, draft: Draft) -> Draft:
    """Ask for another name."""
    question = Question(draft.name, "Name of the system", "It names the folder, the images and the stacks.")
    found = desk.asker.text(question, draft.name, lambda text: desk.name_fault(replace(draft, name=text)))
    return replace(draft, name=found)


def text(desk: Desk, draft: Draft, field: str) -> Draft:
    """Ask for one of the texts that may be empty."""
    words, help_ = _TEXTS[field]

    def changed(value: str) -> Draft:
        said: dict[str, Any] = {field: value}
        return replace(draft, **said)

    found = desk.asker.text(
        Question(draft.name, words, help_),
        getattr(draft, field),
        lambda value: desk.rules.fault(changed(value)),
        optional=True,
    )
    return changed(found)


def ci(desk: Desk, draft: Draft) -> Draft:
    """Ask where pipelines run."""
    choices = [Choice(word, (title(word),), _ABOUT.get(word, "")) for word in _PIPELINES]
    default = draft.ci or "none"
    found = desk.asker.select(Question(draft.name, "Where pipelines run"), [group(*choices)], default)
    return draft if found == default else replace(draft, ci=found)


def environments(desk: Desk, draft: Draft) -> Draft:
    """Let environments be added, changed and removed."""
    point = draft.environments[0].name
    while True:
        question = Question(f"{draft.name}: environments", "", "Each becomes one Pulumi stack.")
        known = [
            Choice(entry.name, (entry.name, f"on {title(entry.target)}")) for entry in draft.environments
        ]
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


def _add(desk: Desk, draft: Draft) -> Draft:
    names = [entry.name for entry in draft.environments]
    unused = (word for word in _NAMES_OF_NEW if word not in names)
    new = EnvironmentDraft(next(unused, free("environment", names)), _TARGETS[0])

    def with_new(entry: EnvironmentDraft) -> Draft:
        return replace(draft, environments=(*draft.environments, entry))

    steps = [
        lambda entry: _named(desk, with_new(entry), entry),
        *([lambda entry: _targeted(desk, draft, entry)] if len(_TARGETS) > 1 else []),
    ]
    return with_new(in_turn(lambda _: steps, new))


def _change(desk: Desk, draft: Draft, name: str) -> Draft:
    environment = next(entry for entry in draft.environments if entry.name == name)
    only = len(draft.environments) == 1
    choices = [
        Choice("name", ("Name", environment.name)),
        Choice("target", ("Target", title(environment.target))),
    ]
    last = [] if only else [Choice(_REMOVE, ("Remove",), "What services say of it goes too.")]
    question = Question(f"{draft.name}: environment {name}", "")
    found = desk.asker.select(question, [group(*choices), group(*last, Choice(_DONE, ("Done",)))], "name")
    if found == _REMOVE:
        return without_environment(draft, name)
    if found == "name":
        return with_environment(draft, name, _named(desk, draft, environment))
    if found == "target":
        return with_environment(draft, name, _targeted(desk, draft, environment))
    return draft


def _named(desk: Desk, draft: Draft, environment: EnvironmentDraft) -> EnvironmentDraft:
    """Ask for the name of an environment that stands in the draft."""
    others = {entry.name for entry in draft.environments} - {environment.name}

    def fault(value: str) -> str | None:
        if value in others:
            return f"there is an environment named {value} already"
        return desk.rules.fault(with_environment(draft, environment.name, replace(environment, name=value)))

    question = Question(f"{draft.name}: environments", "Name of the environment", "And of its Pulumi stack.")
    return replace(environment, name=desk.asker.text(question, environment.name, fault))


def _targeted(desk: Desk, draft: Draft, environment: EnvironmentDraft) -> EnvironmentDraft:
    question = Question(f"{draft.name}: environment {environment.name}", "What it runs on")
    choices = [Choice(word, (title(word),)) for word in _TARGETS]
    return replace(environment, target=desk.asker.select(question, [group(*choices)], environment.target))
