"""Generated repositories as their readers find them: of each example and of awkward specs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.rendering.file_tree import Tree
from generator.rendering.template import Template, open_template
from generator.repository import writer
from generator.repository.build import build
from pulumi_stacks.context.model import Context
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
# None of the template's runtimes: a ready image, and your own Dockerfile.
BROUGHT: dict[str, Any] = {
    "name": "brought",
    "owner": "@someone",
    "services": {
        "page": {"image": "caddy:2", "port": 80, "ready": "none", "route": "/page", "calls": ["own"]},
        "own": {"runtime": "dockerfile", "ready": "none"},
    },
}
AWKWARD_SPECS = {"awkward": AWKWARD, "keywords": KEYWORDS, "brought": BROUGHT}
SPECS = {
    **EXAMPLES,
    **{name: json.dumps(spec, ensure_ascii=False).encode() for name, spec in AWKWARD_SPECS.items()},
}


@dataclass(frozen=True)
class Repository:
    """One generated repository, in memory."""

    context: Context
    tree: Tree

    def text(self, path: str) -> str:
        return self.tree[path].data.decode()


@pytest.fixture(scope="session")
def template() -> Template:
    return open_template()


@pytest.fixture(scope="session")
def repositories(template: Template) -> dict[str, Repository]:
    projects = {name: build(data, "cn.yaml", template) for name, data in SPECS.items()}
    return {name: Repository(project.context, project.tree) for name, project in projects.items()}


@pytest.fixture(params=SPECS)
def repository(request: pytest.FixtureRequest, repositories: dict[str, Repository]) -> Repository:
    return repositories[request.param]


@pytest.fixture
def shop(repositories: dict[str, Repository]) -> Repository:
    return repositories["02-shop"]


@pytest.fixture(scope="session")
def written() -> dict[str, Path]:
    """The repositories that are on disk by now."""
    return {}


@pytest.fixture
def folder(
    repository: Repository, written: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The repository on disk; to be read only."""
    name = repository.context.name
    if name not in written:
        written[name] = tmp_path_factory.mktemp("repository") / name
        writer.create(written[name], repository.tree)
    return written[name]
