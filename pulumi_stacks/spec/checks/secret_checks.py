"""Checks a spec for values that look like a secret, and the `not_secret` of its author. Pure and lenient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...messages import SuggestionLimit, near, show
from .extensions import Extension
from .extensions import texts as extension_texts
from .secret_detection import command_faults, secret_fault
from .spec_data import Fault, mapping, texts

# The entry of `not_secret` for the arguments of the command, which have no names.
_COMMAND = "command"
_LONGEST = 200  # characters of not_secret in a message
_SHELL = "set it in the environment of your shell"
_ELSEWHERE = "set the annotation outside of cn-new"
_ANSWER = "write not_secret: [{}]"


def secrets(
    data: Mapping[str, Any], services: Mapping[str, Any], suggestions: SuggestionLimit
) -> Iterator[Fault]:
    """Yield a fault for each value that looks like a secret and is not in `not_secret` of its service."""
    description = data.get("description")
    if isinstance(description, str) and (fault := secret_fault("", description, "write *** instead")):
        yield ("description",), fault
    for name, environment in mapping(data.get("environments")).items():
        yield from _of_environment(name, mapping(environment))
    for name, service in services.items():
        config = mapping(service.get("config"))
        answers = [answer for _, answer in texts(service.get("not_secret"))]
        yield from _answers(name, service, config, suggestions)
        for variable, value in config.items():
            if isinstance(value, str) and variable not in answers:
                fault = secret_fault(variable, value, _answer(answers, variable))
                if fault:
                    yield ("services", name, "config", variable), fault
        if _COMMAND not in answers:
            faults = command_faults(texts(service.get("command")), _answer(answers, _COMMAND))
            for index, fault in faults.items():
                yield ("services", name, "command", index), fault


def _of_environment(name: str, environment: Mapping[str, Any]) -> Iterator[Fault]:
    state = environment.get("state")
    # A user and a password before the host are faults of the format.
    if isinstance(state, str) and "@" not in state and (fault := secret_fault("", state, _SHELL)):
        yield ("environments", name, "state"), fault
    for key, value in mapping(environment.get("annotations")).items():
        # The key may end in `secret`, if its value is the name of one.
        if isinstance(value, str) and (fault := secret_fault("", value, _ELSEWHERE)):
            yield ("environments", name, "annotations", key), fault


def extension_secrets(extra: list[Extension], data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault for each credential below the keys of the user, which are committed too."""
    services = [service for service in mapping(data.get("services")).values() if isinstance(service, dict)]
    answered = {answer for service in services for _, answer in texts(service.get("not_secret"))}
    for extension in extra:
        for path, value in extension_texts(extension):
            name = str(path[-1])
            fault = secret_fault(
                "",
                value,
                f"if it is not a secret, {_ANSWER.format(_shown(name))} in the service that uses it",
            )
            if fault and name not in answered:
                yield path, fault


def _answer(answers: list[str], name: str) -> str:
    whole = ", ".join(map(_shown, [*answers[:10], name]))
    entries = whole if len(whole) <= _LONGEST else f"..., {_shown(name)}"
    return f"if it is not a secret, {_ANSWER.format(entries)}"


def _shown(name: str) -> str:
    plain = re.fullmatch(r"\w{1,100}", name, re.ASCII)
    return name if plain else show(name, 100)


def _answers(
    name: str, service: Mapping[str, Any], config: Mapping[str, Any], suggestions: SuggestionLimit
) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, answer in texts(service.get("not_secret")):
        path = ("services", name, "not_secret", index)
        if answer in seen:
            yield path, f"duplicate entry {show(answer)}"
        elif answer == _COMMAND and "command" not in service and answer not in config:
            yield path, "the service has no command"
        elif answer not in config and answer != _COMMAND:
            offer = near(answer, config) if suggestions.take() else ""
            yield path, f"no variable named {show(answer)} in config{offer}"
        seen.add(answer)
