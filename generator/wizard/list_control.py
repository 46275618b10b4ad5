"""A list on a terminal with a pointer to one row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.utils import get_cwidth

from .frame import size
from .prompts import Choice, Group

_Change = Callable[[KeyPressEvent], None]
_GAP = "  "
_PAGE = 10


class ListControl:
    """Choices and the pointer to one of them."""

    def __init__(
        self,
        groups: Sequence[Group[Any]],
        default: object,
        pointer: str,
        ellipsis: str,
        marked: Collection[object] | None = None,
    ) -> None:
        self._groups, self._pointer, self._ellipsis, self._marked = groups, pointer, ellipsis, marked
        self._choices = [choice for group in groups for choice in group.choices]
        values = [choice.value for choice in self._choices]
        self._index = values.index(default) if default in values else 0
        self.control = FormattedTextControl(self._text, focusable=True, show_cursor=False)
        self.window = Window(self.control, height=Dimension(min=1), dont_extend_height=True)

    @property
    def pointed(self) -> Choice[Any]:
        """Return the choice at the pointer."""
        return self._choices[self._index]

    def keys(self) -> KeyBindings:
        """Return the keys that move the pointer: arrows, Home, End, pages, and first letters."""
        keys = KeyBindings()
        count = len(self._choices)

        def to(index: Callable[[], int]) -> _Change:
            def move(_event: KeyPressEvent) -> None:
                self._index = index()

            return move

        for names, index in (
            ((Keys.Up, Keys.ControlP, Keys.BackTab), lambda: (self._index - 1) % count),
            ((Keys.Down, Keys.ControlN, Keys.Tab), lambda: (self._index + 1) % count),
            ((Keys.Home,), lambda: 0),
            ((Keys.End,), lambda: count - 1),
            ((Keys.PageUp,), lambda: max(0, self._index - _PAGE)),
            ((Keys.PageDown,), lambda: min(count - 1, self._index + _PAGE)),
        ):
            for name in names:
                keys.add(name)(to(index))

        @keys.add(Keys.Any)
        def _(event: KeyPressEvent) -> None:
            turn = [*range(self._index + 1, count), *range(self._index + 1)]
            names = {index: self._choices[index].cells[0].lstrip("+ ").lower() for index in turn}
            self._index = next((i for i in turn if names[i].startswith(event.data.lower())), self._index)

        keys.add(Keys.BracketedPaste)(_ignore)
        return keys

    def _text(self) -> StyleAndTextTuples:
        width = size().columns
        found: StyleAndTextTuples = []
        for number, group in enumerate(self._groups):
            if number:
                found.append(("", "\n"))
            if group.heading:
                found += [("", "  "), ("class:group", group.heading), ("", "\n")]
            widths = _widths(group)
            for choice in group.choices:
                found += self._row(choice, widths, width)
        return found[:-1]

    def _row(self, choice: Choice[Any], widths: Sequence[int], width: int) -> StyleAndTextTuples:
        mark = "" if self._marked is None else "[x] " if choice.value in self._marked else "[ ] "
        cells = (
            cell + " " * (widest - get_cwidth(cell))
            for cell, widest in zip(choice.cells, widths, strict=False)
            if widest
        )
        text = self._fitted(mark + _GAP.join(cells).rstrip(), max(1, width - 3))
        if choice is not self.pointed:
            return [("", f"  {text}"), ("", "\n")]
        return [
            ("[SetCursorPosition]", ""),
            ("class:pointed", f"{self._pointer} {text}"),
            ("", "\n"),
        ]

    def _fitted(self, text: str, width: int) -> str:
        if get_cwidth(text) <= width:
            return text
        while get_cwidth(text) > width - 1:
            text = text[:-1]
        return text + self._ellipsis


def _widths(group: Group[Any]) -> list[int]:
    columns = max(len(choice.cells) for choice in group.choices)
    rows = [(*choice.cells, *[""] * (columns - len(choice.cells))) for choice in group.choices]
    # A row with a single cell, such as "+ Add a service", does not widen the first column.
    aligned = [row for row in rows if any(row[1:])] or rows
    return [max(map(get_cwidth, column)) for column in zip(*aligned, strict=True)]


def _ignore(_event: KeyPressEvent) -> None:
    """Ignore a key."""
