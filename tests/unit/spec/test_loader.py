"""Loading a cn.yaml: the spec, or every fault with its position."""

import os
import time
from pathlib import Path

import pytest

from pulumi_stacks.spec.loader import SpecError, read_file
from pulumi_stacks.system import load

RUNTIMES = ("dockerfile", "go", "node", "python")
EXAMPLES = sorted(Path(__file__).parents[3].glob("examples/*/cn.yaml"))


def messages(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    try:
        load(data, "cn.yaml", RUNTIMES)
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def service(fields: str) -> str:
    return f"name: shop\nservices:\n  api: {{runtime: python{', ' if fields else ''}{fields}}}\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_is_sound(example):
    assert messages(example.read_bytes()) == []


def test_the_smallest_spec_is_a_name_and_one_service_with_a_runtime():
    spec = load(b"name: shop\nservices: {api: {runtime: go}}\n")
    assert list(spec.environments) == ["dev"]
    assert spec.services["api"].scale.min == 1


def test_all_faults_come_at_once_in_the_order_of_the_file():
    text = """\
name: a--b
servces: {}
services:
  api:
    runtime: pyton
    replcas: 3
    scale: {min: 0}
    calls: [web, api, wbe]
    environments: {dve: {}}
  web: {runtime: go, calls: [api]}
"""
    assert messages(text) == [
        (
            'cn.yaml:1:7: name: "a--b" is not a name (1 to 40 of a-z, 0-9 and single -, starting with a '
            "letter, not ending with -): it must not contain --; write a-b"
        ),
        (
            "cn.yaml:2:1: servces: unknown field; did you mean 'services'? (fields: ci, description, "
            "environments, name, owner, registry, services, spec)"
        ),
        (
            'cn.yaml:5:14: services.api.runtime: no runtime named "pyton"; '
            "choose from dockerfile, go, node, python; did you mean 'python'?"
        ),
        (
            "cn.yaml:6:5: services.api.replcas: unknown field (fields: body, calls, command, config, "
            "database, egress, environments, id, image, not_secret, port, ready, resources, route, runtime, "
            "scale, strip, tmpfs, user)"
        ),
        "cn.yaml:7:18: services.api.scale.min: 0 is not between 1 and 100",
        "cn.yaml:8:18: services.api.calls[1]: a service cannot call itself",
        "cn.yaml:8:23: services.api.calls[2]: no service named \"wbe\" (services: web); did you mean 'web'?",
        (
            "cn.yaml:9:20: services.api.environments.dve: no such environment (environments: dev); "
            "did you mean 'dev'?"
        ),
    ]


@pytest.mark.parametrize(
    "name",
    ["../x", "/abs", "C:\\\\x", "a/b", "-a", "a-", "a--b", "a_b", "A", "1a", "a" * 41, "", "a b", "a\\nb",
     "a.", "con", "nul", "com1", "localhost", "gateway", "database", "default", "kube-system", "true",
     "no"],
)  # fmt: skip
def test_a_name_that_cannot_be_a_folder_an_image_and_a_host_is_refused(name):
    [first, *_] = messages(f'name: "{name}"\nservices: {{api: {{runtime: go}}}}\n')
    assert first.startswith("cn.yaml:1:7: name: ")
    assert messages(f'name: shop\nservices: {{"{name}": {{runtime: go}}}}\n'), (
        "nor is it the name of a service"
    )


@pytest.mark.parametrize(
    ("name", "points"), [("c\u0430talog", "U+0430"), ("a\u200bb", "U+200B"), ("a\u202eb", "U+202E")]
)
def test_look_alikes_are_refused_and_shown_by_code_point(name, points):
    [message, *_] = messages(f"name: {name}\nservices: {{api: {{runtime: go}}}}\n")
    assert points in message
    assert message.isascii()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("route: orders", "is not a path"),
        ("route: /a/../b", "is not a path"),
        ("route: /a//b", "is not a path"),
        ("route: '/{x}'", "is not a path"),
        ("database: mysql", "is not one of: postgres"),
        ("database: {engine: postgres}", "not supported yet"),
        ("cache: valkey", "not supported yet"),
        ("kind: worker", "not supported yet"),
        ("publishes: [a]", "not supported yet"),
        ("subscribes: [a]", "not supported yet"),
        ("slo: {latency: 300ms}", "not supported yet"),
        ("secrets: [A]", "not supported yet"),
        ("scale: {max: 101}", "101 is not between 1 and 100"),
        ("scale: {min: 3, max: 2}", "services.api.scale.max: 2 is less than scale.min (3)"),
        ("scale: {cpu: 5}", "5 is not between 10 and 95"),
        ("scale: {min: 2.5}", "2.5 is not a whole number"),
        ("scale: {min: -1}", "-1 is not between 1 and 100"),
        ("scale: {min: 1000000000}", "is not between 1 and 100"),
        ("scale: {min: true}", "true is not a whole number"),
        ("scale: 3", "3 is not a mapping of fields"),
        ("scale: {min: 22:22}", "is not a whole number"),
        ("resources: {memory: 64}", "is not between 32Mi and 256Gi"),
        ("resources: {memory: 64Mb}", "is not an amount of memory"),
        ("resources: {memory: -1Gi}", "is not an amount of memory"),
        ("resources: {memory: 1e99Gi}", "is not an amount of memory"),
        ("resources: {cpu: 0}", "is not between 10m and 64"),
        ("resources: {cpu: lots}", "is not an amount of CPU"),
        ("calls: web", '"web" is not a list'),
        ("calls: [1]", 'quote it: "1"'),
        ("config: {VERSION: 1.10}", '1.10 is not a string; quote it: "1.10"'),
        ("config: {1A: x}", "is not a name of a variable"),
        ("config: {PORT: '1'}", "set by cn-new"),
        ("config: {A: \"x\\rUSER root\"}", "U+000D"),
        ("config: {PASSWORD: hunter2}", "looks like a secret"),
        ("config: {A: AKIAABCDEFGHIJKLMNOP}", "looks like a secret"),
        ("config: {A: 'ghp_abcdefghijklmnopqrstuvwxyz0123'}", "looks like a secret"),
        ("config: {A: 'postgres://me:pw@db/x'}", "looks like a secret"),
        ("id: Bad", "is not a name"),
        ("environments: {dev: {route: /x}}", "unknown field"),
    ],
)  # fmt: skip
def test_a_bad_field_of_a_service_is_refused(fields, words):
    found = messages(service(fields))
    assert len(found) == 1, found
    assert words in found[0]
    assert found[0].startswith("cn.yaml:3:")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spec: 2", "upgrade cn-new"),
        ("spec: '1'", "is not a format version"),
        ("owner: me", "is not an owner"),
        ('owner: "@."', "is not an owner"),
        (f"registry: {'a' * 300}", "characters long"),
        ("registry: 'https://ghcr.io/acme'", "is not a registry"),
        ("ci: jenkins", "is not one of: github, gitlab, none"),
        ("description: \"a\\nb\"", "U+000A"),
        ("description: [a]", "a list is not a string"),
        ("environments: {}", "requires at least one entry"),
        ("environments: {prod: {target: kubernetes}}", "a cluster pulls images from a registry"),
        ("environments: {prod: {target: nomad}}", '"nomad" is not one of: docker, kubernetes'),
        ("environments: {prod: {}}", "environments.prod.target: is required"),
        ("environments: {dev: {target: docker, domain: a.example}}", "requires target kubernetes"),
        ("environments: {dev: {target: docker, diagnostics: 1}}", "is not true or false"),
        ("unheard: 1", "unknown field"),
    ],
)  # fmt: skip
def test_a_bad_field_of_the_system_is_refused(text, words):
    found = messages(f"name: shop\n{text}\nservices: {{api: {{runtime: go}}}}\n")
    assert len(found) == 1, found
    assert words in found[0]
    assert found[0].startswith("cn.yaml:2:")


@pytest.mark.parametrize(
    ("services", "words"),
    [
        (
            "a: {runtime: go, route: /x}\n  b: {runtime: go, route: /x}",
            '"/x" is already the route of services.a',
        ),
        (
            "a: {runtime: go, route: /}\n  b: {runtime: go, route: /}",
            '"/" is already the route of services.a',
        ),
        ("a: {runtime: go, strip: false}", "services.a.strip: requires a route"),
        ("a: {runtime: go, route: /x, body: 0}", 'body: "0" is not between 1Ki and 10Gi'),
        ("a: {runtime: go, route: /x, body: 11Gi}", 'body: "11Gi" is not between 1Ki and 10Gi'),
        ("a: {runtime: go, route: /x, body: 50MB}", 'body: "50MB" is not a size (such as 50Mi)'),
        ("a: {runtime: go, config: {MAX_BODY_BYTES: '1'}}", "MAX_BODY_BYTES is set by cn-new"),
        (
            "a: {runtime: go, id: b}\n  b: {runtime: go}",
            'id "b" is already used by services.a; choose another id',
        ),
        ("a: {runtime: go, calls: [b, b]}\n  b: {runtime: go}", 'duplicate entry "b"'),
        (
            "a: {runtime: go, calls: [b], config: {B_URL: x}}\n  b: {runtime: go}",
            "is set by the platform to the URL of services.b",
        ),
    ],
)
def test_services_that_do_not_go_together_are_refused(services, words):
    found = messages(f"name: shop\nservices:\n  {services}\n")
    assert len(found) == 1, found
    assert words in found[0]


def test_routes_that_only_begin_alike_go_together():
    assert not messages("name: s\nservices:\n  a: {runtime: go, route: /x}\n  b: {runtime: go, route: /xy}\n")


def test_routes_below_one_another_go_together():
    services = "web: {runtime: go, route: /}\n  api: {runtime: go, route: /api, strip: false, body: 50Mi}"
    assert not messages(f"name: s\nservices:\n  {services}\n  v2: {{runtime: go, route: /api/v2}}\n")


def test_near_names_are_looked_up_for_the_first_faults_only_and_few_are_listed():
    services = [f"  s{n}: {{runtime: go, calls: [x{n}]}}" for n in range(200)]
    found = messages("name: shop\nservices:\n" + "\n".join(services) + "\n")
    assert len(found) == 200
    assert sum("(services: " in message for message in found) < 60
    assert max(map(len, found)) < 400


def test_names_in_messages_are_escaped():
    found = messages('name: shop\nservices: {a: {runtime: go, calls: [b]}, "\\e[31m": {runtime: go}}\n')
    assert found
    assert all(message.isprintable() and message.isascii() for message in found)


@pytest.mark.parametrize("version", ["true", "1.0", "'1'", "99999999999999999999999999"])
def test_only_the_number_of_a_format_is_one(version):
    [found] = messages(f"spec: {version}\nname: shop\nservices: {{api: {{runtime: go}}}}\n")
    assert found.startswith("cn.yaml:1:7: spec: ")
    assert "parse" not in found


def test_values_in_messages_are_short_and_escaped():
    [found] = messages(service('route: "' + "\u202e" + "x" * 500 + '"'))
    assert len(found) < 200
    assert found.isascii()


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    began = time.monotonic()
    no_file = "not a regular file"
    for path, words in [
        (pipe, no_file),
        (tmp_path, no_file),
        (Path("/dev/zero"), no_file),
        (tmp_path / "none", "no such file"),
    ]:
        with pytest.raises(SpecError) as caught:
            read_file(path)
        assert words in str(caught.value)
    assert time.monotonic() - began < 1


def test_a_word_of_any_length_is_shortened_where_a_fault_names_its_place() -> None:
    with pytest.raises(SpecError) as refused:
        load(f"name: s\nservices:\n  a: {{runtime: python, {'x' * 500}: 1}}\n".encode())
    [problem] = refused.value.problems
    assert str(problem).startswith('cn.yaml:3:24: services.a."xxx')
    assert len(str(problem)) < 400
