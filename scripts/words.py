"""Find the banned words and phrases of words.toml in sources, documents and templates, and suggest others."""

import bisect
import fnmatch
import itertools
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".toml")
# The list itself, expected files of the examples, and files that tools write.
SKIPPED = (
    "scripts/words.toml",
    "tests/scripts/test_words.py",
    "tests/golden/0*",
    "requirements/*",
    "*requirements*.txt*",
    "*package-lock.json*",
    "*go.sum*",
    "*.lock",
    "LICENSE",
)
FOLDERS = (
    "generator",
    "pulumi_stacks",
    "scripts",
    "tests",
    "templates",
    "examples",
    "docs",
    ".github",
    ".ci",
)
# What a line begins with beside its words: comment signs, quotes, list and table marks.
_MARGIN = re.compile(r"""^\s*(?:#:?|//+|/?\*+|>|\{#-?|f?"{1,3}|f?'|[-|])*\s*|["'\\]*\s*$""")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[\s_]+|(?<=\w)['\u2019](?=s\b)|[*`]+")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A place where a banned word is right."""

    word: str
    reason: str
    file: str = "*"
    phrase: str = ""

    def covers(self, path: str, words: str, line: str) -> bool:
        """Return whether it allows the words found on that line of the file."""
        return (
            self.word.lower() in words.lower()
            and fnmatch.fnmatch(path, self.file)
            and self.phrase.lower() in line.lower()
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that are banned, at a line of a file."""

    path: str
    line: int
    words: str
    instead: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: "{self.words}" is banned; write "{self.instead}"'


@dataclass(frozen=True, slots=True)
class Words:
    """What words.toml holds: each banned phrase with what to write instead, and where one is allowed.

    Of a phrase there are two patterns: the first finds it also inside of words, in a tenth of the time.
    """

    banned: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]
    allowed: tuple[Allowed, ...]


def read_list(text: str) -> Words:
    """Parse the text of words.toml."""
    data = tomllib.loads(text)
    return Words(
        tuple(
            (re.compile(phrase), re.compile(rf"(?<![a-z])(?:{phrase})(?![a-z])"), instead)
            for phrase, instead in data["banned"].items()
        ),
        tuple(Allowed(**entry) for entry in data.get("allowed", ())),
    )


def banned_words(words: Words, path: str, text: str) -> Iterator[tuple[Finding, str]]:
    """Yield each banned phrase of a text, allowed or not, with the line that it begins on."""
    lines = text.splitlines()
    plain = [_GAP.sub(" ", _HUMP.sub(" ", _MARGIN.sub("", line))).strip() for line in lines]
    starts = list(itertools.accumulate((len(line) + 1 for line in plain), initial=0))
    joined = " ".join(plain)
    lower = joined.lower() if joined.isascii() else "".join(c.lower() if c.isascii() else c for c in joined)
    for rough, exact, instead in words.banned:
        if not rough.search(lower):
            continue
        for match in exact.finditer(lower):
            number = bisect.bisect_right(starts, match.start())
            yield (
                Finding(path, number, joined[match.start() : match.end()].strip(), instead),
                lines[number - 1],
            )


def check(words: Words, files: Iterable[tuple[str, str]]) -> list[str]:
    """Return the findings of files (path and text), and the entries of the allow-list that match nothing."""
    findings: list[Finding] = []
    used: set[Allowed] = set()
    for path, text in files:
        for finding, line in banned_words(words, path, text):
            covering = [entry for entry in words.allowed if entry.covers(path, finding.words, line)]
            used.update(covering)
            if not covering:
                findings.append(finding)
    return [str(finding) for finding in sorted(findings, key=lambda found: (found.path, found.line))] + [
        f'scripts/words.toml: allowed "{entry.word}" in {entry.file} matches nothing; remove it'
        for entry in words.allowed
        if entry not in used
    ]


def sources(root: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of every file that people read."""
    found = itertools.chain(root.glob("*"), *((root / folder).rglob("*") for folder in FOLDERS))
    for file in sorted(found):
        path = file.relative_to(root).as_posix()
        if file.is_file() and "__pycache__" not in path and not _skipped(path):
            yield path, file.read_text(encoding="utf-8", errors="replace")


def _skipped(path: str) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in SKIPPED)


def main() -> int:
    """Print the findings; return 1 if there are any."""
    findings = check(read_list(LIST.read_text(encoding="utf-8")), sources(ROOT))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
