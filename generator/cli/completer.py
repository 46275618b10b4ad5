"""Completes a command line at the cursor, from its argparse parser. Pure, except for the lookups.

A value is completed by its choices, or by its metavar: FILE, DIR, SERVICE, ENVIRONMENT,
NAME=TARGET[,key=value] and NAME:RUNTIME[,key=value]. Any other value is free text.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Lookup = Callable[[], Sequence[str]]
_SETTINGS = re.compile(r"\[,([a-z]+)=([^\]]*)\]")


@dataclass(frozen=True)
class Answer:
    """The possible words at the cursor with their descriptions; or the kind `files` or `folders`."""

    words: tuple[tuple[str, str], ...] = ()
    kind: str = ""

    def lines(self) -> list[str]:
        """Return the answer in the format of the shells' scripts; `open` means that each word continues."""
        continues = all(word[-1:] in "=:,+/" for word, _ in self.words)
        head = self.kind or ("open" if self.words and continues else "words")
        return [head, *(f"{word}\t{meaning}".rstrip() for word, meaning in self.words)]


def complete(parser: argparse.ArgumentParser, words: Sequence[str], lookups: Mapping[str, Lookup]) -> Answer:
    """Complete the last of `words`; a lookup returns the names for a metavar."""
    *before, current = words
    position = _Position(parser)
    for word in before:
        position.take(word)
    answer = _values(position.candidates(current), current, words, lookups)
    found = tuple(pair for pair in answer.words if pair[0].startswith(current))
    return Answer(found, answer.kind)


class _Position:
    """The position in a command line: the current parser, its options seen so far, and the next value."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._begin(parser)
        self._only_values = False

    def _begin(self, parser: argparse.ArgumentParser) -> None:
        actions = parser._actions  # noqa: SLF001  there is no public list of them
        self._options = {name: action for action in actions for name in action.option_strings}
        self._positionals = [action for action in actions if not action.option_strings]
        self._seen: set[argparse.Action] = set()
        self._pending: argparse.Action | None = None

    def take(self, word: str) -> None:
        """Consume a word."""
        if self._pending is not None:
            self._pending = None
        elif word == "--" and not self._only_values:
            self._only_values = True
        elif word.startswith("-") and not self._only_values:
            action = self._options.get(word.partition("=")[0])
            if action is not None:
                self._seen.add(action)
                self._pending = action if action.nargs != 0 and "=" not in word else None
        elif self._positionals:
            action = self._positionals.pop(0)
            if isinstance(action, argparse._SubParsersAction) and word in action.choices:  # noqa: SLF001
                self._begin(action.choices[word])

    def candidates(self, current: str) -> list[tuple[str, argparse.Action | None, str]]:
        """Return the continuations: (prefix, action, "") of a value, or (word, None, description)."""
        if self._pending is not None:
            return [("", self._pending, "")]
        option, equals, _ = current.partition("=")
        if equals and option in self._options and not self._only_values:
            return [(f"{option}=", self._options[option], "")]
        if current.startswith("-") and not self._only_values:
            return [
                (name, None, action.help or "")
                for name, action in self._options.items()
                if name.startswith("--") and (action not in self._seen or _repeats(action))
            ]
        return [("", self._positionals[0], "")] if self._positionals else []


def _repeats(action: argparse.Action) -> bool:
    return isinstance(action, argparse._AppendAction)  # noqa: SLF001


def _values(
    candidates: Sequence[tuple[str, argparse.Action | None, str]],
    current: str,
    words: Sequence[str],
    lookups: Mapping[str, Lookup],
) -> Answer:
    found: list[tuple[str, str]] = []
    for lead, action, meaning in candidates:
        if action is None:
            found.append((lead, meaning))
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if metavar in {"FILE", "DIR"}:
            return Answer(kind="files" if metavar == "FILE" else "folders")
        typed = current.removeprefix(lead)
        found += [(lead + word, about) for word, about in _words(action, metavar, typed, words, lookups)]
    return Answer(tuple(found))


def _words(
    action: argparse.Action, metavar: str, typed: str, words: Sequence[str], lookups: Mapping[str, Lookup]
) -> Iterator[tuple[str, str]]:
    if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
        yield from ((entry.dest, entry.help or "") for entry in action._choices_actions)  # noqa: SLF001
    elif action.choices is not None:
        yield from ((str(choice), "") for choice in action.choices)
    elif metavar in lookups:
        yield from ((name, "") for name in lookups[metavar]())
    elif metavar.startswith("NAME=TARGET") and "=" in typed:
        yield from ((word, "") for word in _environment(typed, metavar, lookups))
    elif metavar.startswith("NAME:RUNTIME") and ":" in typed:
        yield from ((word, "") for word in _service(typed, metavar, words, lookups["RUNTIME"]))


def _service(typed: str, metavar: str, words: Sequence[str], runtimes: Lookup) -> Iterator[str]:
    """Complete the value of --service: the runtime, then settings, then services of other flags as calls."""
    done, comma, last = typed.rpartition(",")
    if not comma:
        yield from (f"{typed.partition(':')[0]}:{runtime}" for runtime in runtimes())
        return
    key, equals, value = last.partition("=")
    if key == "calls" and equals:
        chosen, plus, _ = value.rpartition("+")
        others = sorted({word.partition(":")[0] for word in words[:-1] if ":" in word and word[:1] != "-"})
        taken = {*chosen.split("+"), typed.partition(":")[0]}
        yield from (f"{done},calls={chosen}{plus}{other}" for other in others if other not in taken)
        return
    for name, example in _remaining(done, metavar):
        fixed = example if re.fullmatch("[a-z]+", example) else example[:1].replace("a", "")
        yield f"{done},{name}={fixed}"


def _environment(typed: str, metavar: str, lookups: Mapping[str, Lookup]) -> Iterator[str]:
    """Complete the value of --env: the target, then the settings of a cluster."""
    done, comma, last = typed.rpartition(",")
    if not comma:
        yield from (f"{typed.partition('=')[0]}={target}" for target in lookups["TARGET"]())
    elif last.startswith("gateway="):
        yield from (f"{done},gateway={kind}" for kind in lookups["GATEWAY"]())
    elif done.split(",")[0].partition("=")[2] in lookups["CONFIGURABLE_TARGET"]():
        yield from (f"{done},{name}=" for name, _ in _remaining(done, metavar))


def _remaining(done: str, metavar: str) -> Iterator[tuple[str, str]]:
    """Return the settings of a metavar that a value does not have yet, with their examples."""
    given = {part.partition("=")[0] for part in done.split(",")}
    return ((name, example) for name, example in _SETTINGS.findall(metavar) if name not in given)
