"""The form of the system: its texts and its CI service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generator.authoring.draft import Draft
from pulumi_stacks import targets
from pulumi_stacks.spec.model import Spec

from .prompts import Choice, Question, group
from .session import Session
from .validation import offered

_PIPELINES = offered(Spec.model_fields["ci"].annotation)
_TITLES = {"github": "GitHub", "gitlab": "GitLab"}
_ABOUT = {
    "github": "A workflow that tests and builds changed services.",
    "gitlab": "Saved in cn.yaml; a later version generates its pipeline.",
}
_TEXTS = {
    "description": ("Description in one line", "For the README and the labels of images."),
    "owner": ("Code owner", "@user, @organisation/team or e-mail address, for CODEOWNERS."),
    "registry": ("Registry for the images", "Images are pushed there, such as ghcr.io/acme."),
}


def title(word: str) -> str:
    """Return the title of a target or a CI service."""
    target = targets.known().get(word)
    return target.title if target else _TITLES.get(word, word)


def name(session: Session, draft: Draft) -> Draft:
    """Ask for a new name."""
    question = Question(draft.name, "Name of the system", "Also the name of the folder, images and stacks.")
    found = session.prompter.text(
        question, draft.name, lambda text: session.name_fault(replace(draft, name=text))
    )
    return replace(draft, name=found)


def text(session: Session, draft: Draft, field: str) -> Draft:
    """Ask for one of the optional texts."""
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
    """Ask for the CI service."""
    choices = [Choice(word, (title(word),), _ABOUT.get(word, "")) for word in _PIPELINES]
    default = draft.ci or "none"
    found = session.prompter.select(
        Question(draft.name, "CI service for the pipelines"), [group(*choices)], default
    )
    return draft if found == default else replace(draft, ci=found)
