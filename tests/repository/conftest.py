"""Generated repositories as their readers find them: of each example, and of specs that are awkward to print."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator import disk
from generator.project import build
from generator.template import open_template
from generator.tree import Tree
from pulumi_stacks.context import Context
from tests.property.specs import AWKWARD

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {path.parent.name: path.read_bytes() for path in sorted(ROOT.glob("examples/*/cn.yaml"))}
# Names that begin or end something in Mermaid, or look like a number or a flag elsewhere.
WORDS = ("end", "graph", "subgraph", "class", "click", "style", "default-x", "o", "x", "v1-0", "e1", "self")
KEYWORDS: dict[str, Any] = {
    "name": "flowchart",
    "owner": "some.one+shop@acme.example",
    "ci": "github",
    "services": {
        name: {
            "runtime": "python",
            "route": f"/{name}",
            "database": "postgres",
            "calls": list(WORDS[index + 1 : index + 3]),
        }
        for index, name in enumerate(WORDS)
    },
}
SPECS = {**EXAMPLES, "awkward": json.dumps(AWKWARD).encode(), "keywords": json.dumps(KEYWORDS).encode()}


@dataclass(frozen=True)
class Repository:
    """One generated repository, in memory."""

    context: Context
    tree: Tree

    def text(self, path: str) -> str:
        return self.tree[path].data.decode()


@pytest.fixture(scope="session")
def repositories() -> dict[str, Repository]:
    template = open_template()
    projects = {name: build(data, "cn.yaml", template) for name, data in SPECS.items()}
    return {name: Repository(project.context, project.tree) for name, project in projects.items()}


@pytest.fixture(params=SPECS)
def repository(request: pytest.FixtureRequest, repositories: dict[str, Repository]) -> Repository:
    return repositories[request.param]


@pytest.fixture
def shop(repositories: dict[str, Repository]) -> Repository:
    return repositories["02-shop"]


@pytest.fixture
def folder(repository: Repository, tmp_path: Path) -> Path:
    """The repository on disk."""
    disk.create(tmp_path / "made", repository.tree)
    return tmp_path / "made"
