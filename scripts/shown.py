"""Output of `cn plan` and `cn diff` for a small system, for the documents; rendered by the code itself."""

from __future__ import annotations

from collections.abc import Callable

from generator.rendering.file_tree import REGULAR, File, Tree
from generator.rendering.template import open_template
from generator.repository import plan_document, plan_text, text_merge, three_way
from generator.repository.build import build
from pulumi_stacks.diff import run as diff
from pulumi_stacks.diff.git_revisions import Source

BEFORE = """\
name: shop
services:
  orders: {runtime: dockerfile, route: /orders, database: postgres}
  site: {image: "caddy:2", route: /site, port: 2080}
  old: {runtime: dockerfile}
"""
AFTER = """\
name: shop
services:
  orders: {runtime: dockerfile, route: /orders, calls: [audit], config: {PAGE_SIZE: "20"}}
  site: {image: "caddy:2", route: /pages, port: 2080, resources: {memory: 512Mi}}
  audit: {runtime: dockerfile}
"""


def part(which: str) -> str:
    """Return one of the outputs, as a block of Markdown."""
    parts: dict[str, Callable[[], str]] = {"specs": _specs, "plan": _plan, "diff": _diff}
    return parts[which]()


def _specs() -> str:
    return f"```yaml\n{BEFORE}```\n\n```yaml\n{AFTER}```"


def _plan() -> str:
    """Return the plan of a repository that was edited."""
    base, new = (_rendered(text) for text in (BEFORE, AFTER))
    mine = File(REGULAR, b"mine\n")
    disk = {**base, "services/old/Makefile": mine, "services/audit/Dockerfile": mine}
    disk["compose.yaml"] = File(REGULAR, b"# mine\n" + base["compose.yaml"].data)
    disk = {path: file for path, file in disk.items() if path != "README.md"}
    added = ["services/old/notes.txt"]
    found = three_way.compare(
        base, new, disk, text_merge.merge, leftovers=added, added={"old": 1, "orders": 2}
    )
    plan = plan_document.document("shop", found, base, new, (), diffs=False)
    return f"```text\n{plan_text.text(plan, '')}\n```"


def _rendered(text: str) -> Tree:
    tree = build(text.encode(), "cn.yaml", open_template()).tree
    return {
        path: file for path, file in tree.items() if path != "cn.yaml" and not path.startswith(".cn-new/")
    }


def _diff() -> str:
    before, after = (
        Source(f"{name}:cn.yaml", text.encode()) for name, text in (("main", BEFORE), ("HEAD", AFTER))
    )
    return f"```text\n{diff.render(diff.changes(before, after), 'text')}\n```"
