"""The Markdown of a generated repository passes a linter, and its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

# Tables are wider than any line should be. The rest are the linter's defaults.
RULES = ("--disable", "MD013", "--no-cache", "--isolated")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    rumdl = Path(sys.executable).with_name("rumdl")
    command = [str(rumdl), "check", *RULES, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_linter_finds_nothing(folder: Path) -> None:
    done = lint(folder)
    assert done.returncode == 0, done.stdout


def test_the_linter_finds_a_fault(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# One\n### Three\n")
    assert lint(tmp_path).returncode == 1


def test_every_link_inside_the_repository_leads_somewhere(folder: Path) -> None:
    for page in folder.rglob("*.md"):
        for link in re.findall(r"(?<!\\)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if not re.match(r"https?://", link):
                path, _, anchor = link.partition("#")
                target = page.parent / path if path else page
                assert target.exists(), f"{page.relative_to(folder)}: {link}"
                if anchor:
                    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                    names = [re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings]
                    assert anchor in names, f"{page.relative_to(folder)}: {link}"
