"""What the README of a generated repository tells a newcomer is so."""

import re
import shlex

import pytest

from generator.graph.mermaid import readme_flowchart
from generator.rendering.template import open_template
from tests import quick_yaml
from tests.repository.conftest import Repository

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What `make secrets`, `make up` and `pip` write, and `.env` with them; and what `make manifests` does.
WRITTEN_LATER = {".env", "infra/.passphrase", ".passphrase"}
MANIFESTS = "infra/manifests/"
NODE = re.compile(r'  (\w+)(?:\["([\w-]+)"\]|\(\["([\w-]+)"\]\)|\[\("([\w-]+)"\)\])')
NOTHING = "\N{EN DASH}"
EDGE = re.compile(r'  (\w+) -->(?:\|"([^"|]+)"\|)? (\w+)')


def blocks(text: str, language: str) -> list[str]:
    return [body for fence, body in FENCE.findall(text) if fence == language]


def documents(repository: Repository) -> dict[str, str]:
    """The pages about the whole system."""
    return {path: repository.text(path) for path in ("README.md", "SECURITY.md")}


def commands(text: str) -> list[list[str]]:
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    lines += [words for words in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)) if words.startswith("make ")]
    return [shlex.split(part, comments=True) for line in lines for part in line.split("&&")]


def make_targets(repository: Repository) -> set[str]:
    makefile = repository.text("Makefile")
    named = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    built = {service.name for service in repository.context.services if service.folder}
    return named | {f"test-{name}" for name in built}


def test_every_make_target_exists(repository: Repository) -> None:
    known = make_targets(repository)
    for path, text in documents(repository).items():
        for words in commands(text):
            if words[:1] == ["make"]:
                targets = [word for word in words[1:] if "=" not in word]
                assert set(targets) <= known, f"{path}: {words}"


def test_every_variable_of_make_is_known_to_the_makefile(repository: Repository) -> None:
    makefile = repository.text("Makefile")
    for text in documents(repository).values():
        for words in commands(text):
            if words[:1] == ["make"]:
                variables = [word.split("=")[0] for word in words[1:] if "=" in word]
                assert all(re.search(rf"^{name} :=", makefile, re.MULTILINE) for name in variables), words


def test_every_environment_that_is_named_exists(repository: Repository) -> None:
    known = {environment.name for environment in repository.context.environments}
    text = "\n".join(documents(repository).values())
    assert set(re.findall(r"(?:ENV=|--stack |stack init )([a-z0-9-]+)", text)) <= known
    assert set(re.findall(r"Pulumi\.([a-z0-9-]+)\.yaml", text)) <= known


def test_every_path_that_is_named_exists(repository: Repository) -> None:
    for document, text in documents(repository).items():
        named = re.findall(r"`(\.?[\w./-]+/[\w./-]*|[\w.-]+\.(?:md|ya?ml|json|env)|\.[a-z][\w.-]+)`", text)
        named += re.findall(r"(?<!\\)\]\(([^)#:]+)\)", text)
        routes = {"/", *(service.route for service in repository.context.services)}
        paths = {path for path in named if not path.startswith("/") and path not in routes | WRITTEN_LATER}
        lacking = {
            path
            for path in paths
            if path not in repository.tree
            and not path.startswith(MANIFESTS)
            and not any(one.startswith(f"{path.rstrip('/')}/") for one in repository.tree)
        }
        assert not lacking, document


def test_every_entry_of_the_top_folder_is_explained(repository: Repository) -> None:
    entries = {path.split("/")[0] for path in repository.tree}
    # Read by editors and git without anyone's help; the page itself.
    silent = {".editorconfig", ".gitattributes", ".gitignore", ".vscode", "README.md"}
    text = repository.text("README.md")
    assert {entry for entry in entries - silent if f"`{entry}" not in text} == set()


def test_every_address_is_that_of_compose_or_an_environment(repository: Repository) -> None:
    context = repository.context
    ports = {context.local.port, *(one.port for one in context.environments if one.port)}
    ports.add(context.local.port + 100)  # a second copy, by `make secrets COPY=2`
    routes = tuple(f"{service.route.rstrip('/')}/" for service in context.services if service.route)
    # A registry may be on this machine too.
    text = repository.text("README.md").replace(f"login {context.registry.split('/')[0]}", "")
    for port, path in re.findall(r"127\.0\.0\.1:(\d+)(/\S*)?", text):
        assert int(port) in ports
        assert not path or path.startswith(routes)
    assert f"curl http://127.0.0.1:{context.local.port}/" in repository.text("README.md") or not routes


def test_the_port_of_compose_is_the_one_in_compose_yaml(repository: Repository) -> None:
    gateway = quick_yaml.load(repository.text("compose.yaml"))["services"]["gateway"]
    assert f"${{GATEWAY_PORT:-{repository.context.local.port}}}" in str(gateway["ports"])


def test_every_service_has_a_row_that_leads_to_its_folder(repository: Repository) -> None:
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", repository.text("README.md"), re.M
    )
    table = {row[0]: row for row in rows}
    runtimes = open_template().runtimes
    for service in repository.context.services:
        row = table[f"[{service.name}]({service.folder})" if service.folder else service.name]
        made_from = runtimes[service.runtime]["title"] if service.runtime else f"the image `{service.image}`"
        calls = ", ".join(call.service for call in service.calls)
        route = f"`{service.route}`" if service.route else "internal"
        assert row[1:] == (made_from, route, service.database or NOTHING, calls or NOTHING)


def test_the_graph_shows_every_edge_and_no_other(repository: Repository) -> None:
    (graph,) = blocks(repository.text("README.md"), "mermaid")
    head, *lines = graph.splitlines()
    assert head == "flowchart LR"
    nodes: dict[str, str] = {}
    edges = set()
    for line in lines:
        if node := NODE.fullmatch(line):
            nodes[node[1]] = node[2] or node[3] or node[4]
        else:
            edge = EDGE.fullmatch(line)
            assert edge, line
            edges.add((edge[1], edge[3], edge[2] or ""))
    # A bare word of Mermaid (end, class, style …) as the name of a node breaks the whole flowchart.
    assert all(re.fullmatch(r"gateway|(service|database)_[a-z0-9_]+", name) for name in nodes)
    called = {name: f"service_{name.replace('-', '_')}" for name in nodes.values()}
    services = repository.context.services
    assert edges == {
        *(("gateway", called[service.name], service.route) for service in services if service.route),
        *((called[one.name], called[call.service], "") for one in services for call in one.calls),
        *(
            (called[one.name], called[one.name].replace("service_", "database_", 1), "")
            for one in services
            if one.database
        ),
    }
    assert {end for edge in edges for end in edge[:2]} <= nodes.keys()
    assert {service.name for service in services} <= set(nodes.values())


def test_the_graph_is_the_one_that_cn_graph_prints(repository: Repository) -> None:
    assert blocks(repository.text("README.md"), "mermaid") == [readme_flowchart(repository.context) + "\n"]


def test_the_change_to_try_is_one_place_of_one_line(repository: Repository) -> None:
    runtimes = open_template().runtimes
    for service in repository.context.services:
        if service.runtime and runtimes[service.runtime]["contract"]:
            change = runtimes[service.runtime]["change"]
            assert repository.text(f"{service.folder}/{change['file']}").count(change["old"]) == 1


@pytest.mark.parametrize("example", ["02-shop"])
def test_a_change_is_shown_on_the_first_service_with_a_route(
    example: str, repositories: dict[str, Repository]
) -> None:
    text = repositories[example].text("README.md")
    assert "In `services/orders/app/health.py`, replace `service=NAME` with `service=NAME.upper()`" in text


def test_clusters_are_described_if_there_are_some(repository: Repository) -> None:
    pages = documents(repository)
    names = [environment.name for environment in repository.context.environments if not environment.port]
    assert [f"make push up ENV={name}" for name in names[:1]] == re.findall(
        r"^make push up .*$", pages["README.md"], re.MULTILINE
    )
    for text in pages.values():
        assert bool(names) == ("On a cluster" in text)
        # Beside the services' own words, no page mentions clusters if there are none.
        assert names or not re.search(r"kubectl|Kubernetes|namespace|egress", text)


def test_the_owner_is_named_if_there_is_one(repository: Repository) -> None:
    owner = repository.context.owner
    assert ("owns this repository" in repository.text("README.md")) == bool(owner)
    assert ("CODEOWNERS" in repository.tree) == bool(owner)


def test_the_workflow_is_described_if_there_is_one(repository: Repository) -> None:
    held = any(path.startswith(".github/workflows/") for path in repository.tree)
    assert held == (repository.context.ci == "github")
    assert ("`.github/workflows/`" in repository.text("README.md")) == held


def test_passwords_and_databases_are_described_if_there_are_some(repository: Repository) -> None:
    stored = any(service.database for service in repository.context.services)
    pages = documents(repository)
    assert ("make secrets\n" in pages["README.md"]) == stored
    assert ("starts databases, services" in pages["README.md"]) == stored
    assert ("| Compose | `.env`" in pages["SECURITY.md"]) == stored


def test_the_test_command_is_described_if_services_are_built(repository: Repository) -> None:
    built = any(service.folder for service in repository.context.services)
    text = repository.text("README.md")
    assert ("lints and tests every service" in text) == built == ("| `services/` |" in text)
    assert ("There is no service to test" in text) != built


def test_readiness_containers_are_described_if_compose_has_some(repository: Repository) -> None:
    names = quick_yaml.load(repository.text("compose.yaml"))["services"]
    assert ("`<name>_ready`" in repository.text("README.md")) == any(one.endswith("_ready") for one in names)


def test_the_settings_that_are_shown_fit_the_file_of_the_environment(repository: Repository) -> None:
    (shown,) = (quick_yaml.load(block) for block in blocks(repository.text("README.md"), "yaml"))
    name = repository.context.environments[0].name
    held = quick_yaml.load(repository.text(f"infra/Pulumi.{name}.yaml"))
    assert shown.keys() == held.keys() == {"config"}
    assert held["config"].keys() <= shown["config"].keys()
    assert shown["config"]["cn:images"].keys() == {repository.context.services[0].name}


def test_the_files_that_are_said_to_name_images_do(repository: Repository) -> None:
    security = re.search(
        r"those of databases and the gateway are in `(.+?)` and\n`(.+?)`",
        documents(repository)["SECURITY.md"],
    )
    renovate = re.search(r"Its images are those of (\S+),", repository.text("renovate.json"))
    assert security
    assert renovate
    for path in (*security.groups(), renovate[1]):
        assert "caddy:2" in repository.text(path), path


def test_an_owner_that_no_catalog_knows_is_pointed_out(repository: Repository) -> None:
    said = "Change the owner" in repository.text("catalog-info.yaml")
    assert said != bool(repository.context.owner)


def test_no_heading_of_what_git_ignores_stands_alone(repository: Repository) -> None:
    for part in repository.text(".gitignore").strip().split("\n\n"):
        assert len(part.splitlines()) > 1, part
