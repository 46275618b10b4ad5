"""The commands that documents show, found in the documents themselves."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a command in a sentence or a table cell begins with; such a word alone is the name of a tool.
HEADS = "cn|cn-new|copier|docker|git|go|kubectl|make|npm|npx|pip|pipx|pre-commit|pulumi|python3?|uv|curl"
INLINE = re.compile(rf"`((?:[A-Z_]+=\S+ )*(?:(?:{HEADS})\s[^`]+|ci/[a-z-]+\.sh[^`]*))`")
WAY = re.compile(r"^(?:make|cn|cn-new) .*\s# ")


@dataclass(frozen=True)
class Shown:
    """Lines that a document shows, to be run in this order; the last is what they are about."""

    document: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def bare(line: str) -> str:
    """Return a line without its comment; a `#` inside a word or quotes begins none."""
    return re.sub(r"""^((?:[^'"#]|'[^']*'|"[^"]*"|(?<=\S)#)*?)\s+#\s.*$""", r"\1", line).rstrip()


def find(document: str, text: str) -> Iterator[Shown]:
    """Find the commands of a document: blocks of `sh`, and code in sentences and tables."""
    for language, body in FENCE.findall(text):
        if language == "sh":
            for lines in ways(body.replace("\\\n", " ").splitlines()):
                yield Shown(document, lines)
    for words in INLINE.findall(FENCE.sub("", text)):
        yield Shown(document, (" ".join(words.split()),))


def ways(lines: list[str]) -> Iterator[tuple[str, ...]]:
    """Divide a block: lines of one command are ways of their own, as are those with a comment that explains.

    Such a line is run after those that prepare it, and after no other way. The rest is one way, in its order.
    """
    lines = [line for line in lines if line.strip()]
    heads = {line.split()[0] for line in lines}
    alone = [
        line for line in lines if WAY.match(line) or (len(heads) == 1 and heads <= {"make", "cn", "cn-new"})
    ]
    if not alone:
        yield tuple(map(bare, lines))
    for line in alone:
        before = lines[: lines.index(line)]
        yield tuple(map(bare, [*(one for one in before if one not in alone), line]))


def parts(shown: Shown) -> Iterator[list[str]]:
    """Return the words of every command of the lines."""
    for line in shown.lines:
        for part in re.split(r"\s(?:&&|\|)\s", line):
            try:
                words = shlex.split(part)
            except ValueError:
                words = part.split()
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words:
                yield words
