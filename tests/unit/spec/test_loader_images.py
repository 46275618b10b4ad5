"""Custom images in cn.yaml: their fields, and every fault."""

import pytest

from pulumi_stacks.system import load
from tests.unit.spec.test_loader import RUNTIMES, messages


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("", "services.api.runtime: is required, unless image is set"),
        ("runtime: go, image: x:1", "services.api.image: cannot be set with runtime; remove one of them"),
        (
            "runtime: go, port: 80",
            'port: cannot be set with runtime "go"; it is for image and runtime: dockerfile',
        ),
        ("image: x:1, port: 0", "services.api.port: 0 is not between 1 and 65535"),
        ("image: x:1, port: 65536", "services.api.port: 65536 is not between 1 and 65535"),
        ("image: 'X y'", 'image: "X y" is not an image (such as caddy:2 or ghcr.io/acme/web:1.4)'),
        ("image: x:1, ready: up", 'ready: "up" is not a path that starts with / (such as /readyz), or none'),
        (
            "image: x:1, user: 0",
            '"0" is not a user id (such as 10001 or 10001:10001, not root)',
        ),
        ("image: x:1, user: '1:0'", "root is not allowed"),
        ("image: x:1, user: root", "root is not allowed"),
        ("image: x:1, tmpfs: [tmp]", 'tmpfs[0]: "tmp" is not an absolute path of a folder'),
        ("image: x:1, tmpfs: [/a/../b]", "is not an absolute path of a folder"),
        ("image: x:1, tmpfs: /tmp", "is not a list"),
        ("image: x:1, command: [a, 1]", 'command[1]: 1 is not a string; quote it: "1"'),
    ],
)
def test_faults_of_images_of_ones_own(fields: str, said: str):
    assert any(said in message for message in messages(f"name: s\nservices: {{api: {{{fields}}}}}\n"))


@pytest.mark.parametrize(
    "field", ["port: 8080", "ready: /readyz", "user: 10001", "tmpfs: [/tmp]", "command: [serve]"]
)
def test_a_runtime_of_the_template_says_these_itself(field: str):
    found = messages(f"name: s\nservices: {{api: {{runtime: go, {field}}}}}\n")
    assert [message.partition(": cannot be set with runtime ")[0] for message in found] == [
        f"cn.yaml:2:{33 + len(field.partition(':')[0])}: services.api.{field.partition(':')[0]}"
    ]
    assert not messages(f"name: s\nservices: {{api: {{image: x:1, {field}}}}}\n")
    [message] = messages(f"name: s\nservices: {{api: {{runtime: xyz, {field}}}}}\n")
    assert "no runtime named" in message


@pytest.mark.parametrize("folder", ["/dev", "/proc", "/sys", "/proc/self", "/"])
def test_folders_of_the_kernel_are_not_a_place_to_write(folder: str):
    [message] = messages(f"name: s\nservices: {{api: {{image: x:1, tmpfs: [{folder}]}}}}\n")
    assert "tmpfs[0]" in message


@pytest.mark.parametrize("image", ["a..b/c", "a//b", "-a", "a:", "a@sha256:12", "A/b", "a/B", "a:b:c", "a b"])
def test_what_is_not_a_reference_of_an_image(image: str):
    assert messages(f"name: s\nservices: {{api: {{image: '{image}'}}}}\n")


@pytest.mark.parametrize("ready", ["//evil.example/x", "/a//b", "/a?b", "/a b", ""])
def test_what_is_not_a_path_to_ask(ready: str):
    assert messages(f"name: s\nservices: {{api: {{image: x, ready: '{ready}'}}}}\n")


def test_what_an_image_of_ones_own_may_say():
    spec = load(
        b"name: s\nservices:\n"
        b"  a: {image: 'ghcr.io/acme/x:1.2@sha256:"
        + b"0"
        * 64
        + b"', port: 65535, ready: none, user: 1000}\n"
        b"  b: {runtime: dockerfile, ready: /a/b.c, user: '7:8', tmpfs: [/var/x], command: [run, '--x=1']}\n"
        b"  c: {image: 'localhost:5000/x'}\n",
        "cn.yaml",
        RUNTIMES,
    )
    assert (spec.services["a"].user, spec.services["b"].command) == ("1000", ("run", "--x=1"))
