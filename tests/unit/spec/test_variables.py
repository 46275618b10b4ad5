"""Names and values of variables that real images want, and what each target takes of them."""

from __future__ import annotations

import pytest

from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load

CLUSTER = "registry: ghcr.io/acme\nenvironments: {dev: {target: docker}, prod: {target: kubernetes}}\n"


def messages(config: str, system: str = "") -> list[str]:
    try:
        load(f"{system}name: shop\nservices:\n  api:\n    image: a/b\n    config: {{{config}}}\n".encode())
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "name",
    ["discovery.type", "xpack.security.enabled", "ConnectionStrings__Default", "http_proxy", "NO_PROXY",
     "npm_config_loglevel", "_JAVA_OPTIONS", "Path", "bootstrap.memory_lock", "log4j2.formatMsgNoLookups",
     "spring.jpa.show-sql", "a", "TZ"],
)  # fmt: skip
def test_names_of_real_images_are_accepted_on_every_target(name: str) -> None:
    assert messages(f"{name}: 'a'") == []
    assert messages(f"{name}: 'a'", CLUSTER) == []


def test_what_a_cluster_does_not_take_is_refused_with_place_environment_and_advice() -> None:
    colon = '"Logging:LogLevel:Default": Information'
    assert messages(colon) == []
    [found] = messages(colon, CLUSTER)
    assert found == (
        'cn.yaml:7:14: services.api.config."Logging:LogLevel:Default": Kubernetes allows no : or / in a '
        "variable's name (environments.prod); write Logging__LogLevel__Default, which .NET reads as the same "
        "name"
    )
    slash = '"npm_config_//registry.example.com/:email": me@example.com'
    assert messages(slash) == []
    [found] = messages(slash, CLUSTER)
    assert "environments.prod" in found


@pytest.mark.parametrize(
    "name", ["", "1A", "A B", "A=B", "'A$B'", "A'", '"A\\n"', '"A\\u00e9"', ".a", "-a", "a" * 101]
)
def test_what_no_target_takes_is_refused(name: str) -> None:
    key = name if name[:1] in {"'", '"'} else f'"{name}"'
    [found] = messages(f"{key}: a")
    assert "is not a name of a variable" in found


@pytest.mark.parametrize("name", ["PATH", "PORT", "SERVICE_NAME", "DATABASE_URL"])
def test_what_the_platform_sets_stays_its_own(name: str) -> None:
    [found] = messages(f"{name}: a")
    assert "set by cn-new" in found
    assert messages(f"{name.lower()}: a") == [], "another variable, as Linux reads names"


@pytest.mark.parametrize("value", ["a\\nb", "\\n", "a:\\n\\tb\\n", "\\t"])
def test_a_value_may_have_several_lines_and_tabs(value: str) -> None:
    assert messages(f'A: "{value}"') == []


@pytest.mark.parametrize(
    ("value", "point"), [("a\\r\\nb", "U+000D"), ("a\\u0000", "U+0000"), ("\\e[31m", "U+001B")]
)
def test_other_marks_that_do_not_print_are_refused(value: str, point: str) -> None:
    [found] = messages(f'A: "{value}"')
    assert f"contains the unprintable character {point} (text, line breaks and tabs)" in found


def test_a_block_of_yaml_is_a_value_and_a_word_of_a_command() -> None:
    text = "name: s\nservices:\n  a:\n    image: a/b\n    config:\n      A: |\n        x\n        y\n"
    text += "    command:\n    - sh\n    - -c\n    - |\n      one\n      two\n"
    service = load(text.encode()).services["a"]
    assert service.config["A"] == "x\ny\n"
    assert service.command[2] == "one\ntwo\n"


def test_the_description_stays_one_line() -> None:
    with pytest.raises(SpecError, match="one line of text"):
        load(b'name: s\ndescription: "a\\nb"\nservices: {a: {image: a/b}}\n')
