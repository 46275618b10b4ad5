"""The README of a generated service names all that its code reads, and stays true to its Makefile."""

import ast
import re
import sys

from tests.repository.conftest import Repository


def fields(repository: Repository, folder: str) -> set[str]:
    """Return the variables of all fields of Environment and of the classes below it."""
    sources = [path for path in repository.tree if path.startswith(f"{folder}/app/") and path.endswith(".py")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(repository.text(path)))]
    bases = {
        node: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for node in nodes
        if isinstance(node, ast.ClassDef)
    }
    known = {"BaseSettings"}
    while more := {node.name for node, above in bases.items() if above & known} - known:
        known |= more
    return {
        line.target.id.upper()
        for node in bases
        if node.name in known
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


def test_every_variable_that_its_settings_read_is_in_the_table(repository: Repository) -> None:
    for service in repository.context.services:
        # Services are written for a newer Python than the oldest that this suite runs on.
        if service.runtime == "python" and sys.version_info >= (3, 12):
            read = fields(repository, service.folder)
            assert {"PORT", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_PROTOCOL"} <= read
            assert {call.variable for call in service.calls} <= read
            assert ("DATABASE_URL_FILE" in read) == bool(service.database)
            readme = repository.text(f"{service.folder}/README.md")
            assert read - set(re.findall(r"^\| `([A-Z_0-9]+)` \|", readme, re.MULTILINE)) == set()


def test_every_callee_has_an_address_of_its_own(repository: Repository) -> None:
    for service in repository.context.services:
        if service.runtime == "python":
            readme = repository.text(f"{service.folder}/README.md")
            ports = re.findall(r"^export \w+_URL=http://127\.0\.0\.1:(\d+) ", readme, re.MULTILINE)
            assert len(set(ports)) == len(ports) == len(service.calls)
