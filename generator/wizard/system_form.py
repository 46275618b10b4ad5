"""The settings of the system: its texts and its pipelines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generator.authoring.draft import Draft
from pulumi_stacks.spec.model import Spec

from .prompts import Choice, Question, group
from .session import Session
from .validation import offered

_PIPELINES = offered(Spec.model_fields["ci"].annotation)
_TITLES = {"docker": "Docker", "kubernetes": "Kubernetes", "github": "GitHub", "gitlab": "GitLab"}
_ABOUT = {
    "github": "A workflow that tests and builds the services that changed.",
    "gitlab": "Kept in cn.yaml; its pipeline comes with a later version.",
}
_TEXTS = {
    "description": ("One line on what it does", "Stands in the README and in the images' labels."),
    "owner": ("Who answers for it", "@user, @organisation/team or an e-mail address; for CODEOWNERS."),
    "registry": ("First part of the images' names", "Where they will be pushed, such as ghcr.io/acme."),
}


def title(word: str) -> str:
    """Return what people call a target or a pipeline."""
    return _TITLES.get(word, word)


def name(session: Session, draft: Draft) -> Draft:
    """Ask for another name."""
    question = Question(draft.name, "Name of the system", "It names the folder, the images and the stacks.")
    found = session.prompter.text(
        question, draft.name, lambda text: session.name_fault(replace(draft, name=text))
    )
    return replace(draft, name=found)


def text(session: Session, draft: Draft, field: str) -> Draft:
    """Ask for one of the texts that may be empty."""
    words, help_ = _TEXTS[field]

    def changed(value: str) -> Draft:
        given: dict[str, Any] = {field: value}
        return replace(draft, **given)

    def fault(new: Draft) -> str | None:
        return session.validator.fault(new) if field == "registry" else session.fault(new, draft)

    found = session.prompter.text(
        Question(draft.name, words, help_),
        getattr(draft, field),
        lambda value: fault(changed(value)),
        optional=True,
    )
    return changed(found)


def ci(session: Session, draft: Draft) -> Draft:
    """Ask where pipelines run."""
    choices = [Choice(word, (title(word),), _ABOUT.get(word, "")) for word in _PIPELINES]
    default = draft.ci or "none"
    found = session.prompter.select(Question(draft.name, "Where pipelines run"), [group(*choices)], default)
    return draft if found == default else replace(draft, ci=found)
