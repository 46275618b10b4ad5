"""Faults of what looks like a secret in a spec, and of the answers of its author. Pure and lenient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...messages import Offers, near, show
from .extensions import Extension
from .extensions import texts as extension_texts
from .lenient import Fault, mapping, texts
from .secret_detection import command_faults, secret_fault

# In `not_secret` the words of the command, which have no names.
_COMMAND = "command"
_LONGEST = 200  # characters of answers that a message repeats
_SHELL = "let the environment of your shell have it"
_ELSEWHERE = "set the annotation by other means"
_ANSWER = "write not_secret: [{}]"


def secrets(data: Mapping[str, Any], services: Mapping[str, Any], offers: Offers) -> Iterator[Fault]:
    """Find what looks like a secret, unless `not_secret` of its service names it."""
    description = data.get("description")
    if isinstance(description, str) and (fault := secret_fault("", description, "write *** in place of it")):
        yield ("description",), fault
    for name, environment in mapping(data.get("environments")).items():
        yield from _of_environment(name, mapping(environment))
    for name, service in services.items():
        config = mapping(service.get("config"))
        answers = [answer for _, answer in texts(service.get("not_secret"))]
        yield from _answers(name, service, config, offers)
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
    # A user and a password before the host are refused with the form of the address.
    if isinstance(state, str) and "@" not in state and (fault := secret_fault("", state, _SHELL)):
        yield ("environments", name, "state"), fault
    for key, value in mapping(environment.get("annotations")).items():
        # A key may well end in secret: its value is the name of one.
        if isinstance(value, str) and (fault := secret_fault("", value, _ELSEWHERE)):
            yield ("environments", name, "annotations", key), fault


def extension_secrets(extra: list[Extension], data: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what has the form of a credential below the keys of the user, which are committed as well."""
    services = [service for service in mapping(data.get("services")).values() if isinstance(service, dict)]
    answered = {answer for service in services for _, answer in texts(service.get("not_secret"))}
    for extension in extra:
        for path, value in extension_texts(extension):
            name = str(path[-1])
            fault = secret_fault(
                "", value, f"if it is none, {_ANSWER.format(_shown(name))} in the service that has it"
            )
            if fault and name not in answered:
                yield path, fault


def _answer(answers: list[str], name: str) -> str:
    whole = ", ".join(map(_shown, [*answers[:10], name]))
    return f"if it is none, {_ANSWER.format(whole if len(whole) <= _LONGEST else f'..., {_shown(name)}')}"


def _shown(name: str) -> str:
    plain = re.fullmatch(r"\w{1,100}", name, re.ASCII)
    return name if plain else show(name, 100)


def _answers(
    name: str, service: Mapping[str, Any], config: Mapping[str, Any], offers: Offers
) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, answer in texts(service.get("not_secret")):
        path = ("services", name, "not_secret", index)
        if answer in seen:
            yield path, f"{show(answer)} appears twice"
        elif answer == _COMMAND and "command" not in service and answer not in config:
            yield path, "there is no command"
        elif answer not in config and answer != _COMMAND:
            offer = near(answer, config) if offers.take() else ""
            yield path, f"no variable named {show(answer)} in config{offer}"
        seen.add(answer)
