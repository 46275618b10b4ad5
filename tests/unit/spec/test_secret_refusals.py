"""How a spec with what looks like a secret is refused, and how its author answers."""

import pytest
import yaml

from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load
from tests.unit.spec.test_secret_detection import TOKENS


def messages(fields: str, system: str = "") -> list[str]:
    try:
        load(f"name: shop\n{system}services:\n  api: {{image: a/b, {fields}}}\n".encode())
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_fault_names_the_reason_and_the_answer() -> None:
    [found] = messages("config: {DSN: 'Server=db;User Id=sa;Password=Passw0rd!'}")
    assert found == (
        "cn.yaml:3:30: services.api.config.DSN: looks like a secret (a password in a connection string); "
        "remove it, as cn.yaml is committed; if it is not a secret, write not_secret: [DSN]"
    )
    [found] = messages(
        "config: {API_KEY: abc, MAX_TOKENS: '1', LEVEL: info}, not_secret: [OTHER]".replace(
            ", not_secret: [OTHER]", ""
        )
    )
    assert "(its name ends in API_KEY)" in found
    assert "write not_secret: [API_KEY]" in found


def test_a_second_answer_goes_beside_the_first() -> None:
    [found] = messages("config: {API_KEY: abc, TOKEN: abc}, not_secret: [TOKEN]")
    assert "write not_secret: [TOKEN, API_KEY]" in found


def test_what_the_user_answers_is_accepted() -> None:
    fields = (
        f"config: {{API_KEY: abc, DSN: 'a://b:c@d', KEY: '{TOKENS[0]}'}}, not_secret: [API_KEY, DSN, KEY]"
    )
    assert messages(fields) == []
    assert messages("config: {LEVEL: info}, not_secret: [LEVEL]") == [], "an answer may be more than is asked"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            "config: {API_KEY: abc}, not_secret: [API_KYE]",
            "no variable named \"API_KYE\" in config; did you mean 'API_KEY'?",
        ),
        ("not_secret: [API_KEY]", 'no variable named "API_KEY" in config'),
        ("config: {TOKEN: abc}, not_secret: [TOKEN, TOKEN]", 'duplicate entry "TOKEN"'),
        ("config: {TOKEN: abc}, not_secret: TOKEN", '"TOKEN" is not a list'),
        ("not_secret: [command]", "the service has no command"),
    ],
)
def test_an_answer_to_nothing_is_refused(fields: str, words: str) -> None:
    assert any(words in found for found in messages(fields)), messages(fields)


@pytest.mark.parametrize(
    "command",
    [
        '["--url=postgres://me:pw@db/x"]',
        "[--password=hunter2]",
        "[redis-server, --requirepass, hunter2]",
        "[--api-key, abc]",
        '[sh, -c, "export DB_PASSWORD=hunter2; run"]',
        "[env, DB_PASSWORD=hunter2, run]",
    ],
)
def test_a_secret_in_a_command_is_refused_and_answered(command: str) -> None:
    [found] = messages(f"command: {command}")
    assert "services.api.command[" in found
    assert "write not_secret: [command]" in found
    assert messages(f"command: {command}, not_secret: [command]") == []


@pytest.mark.parametrize(
    "command",
    [
        "[--password-file=/run/secrets/x, --max-tokens, '20']",
        "[--password-file, /run/secrets/x, --token-ttl=15m, run]",
        "[serve, --token, --verbose]",
        '[sh, -c, "run --password=$DB_PASSWORD"]',
        "[password]",
    ],
)
def test_a_command_that_only_names_where_a_secret_is_has_none(command: str) -> None:
    assert messages(f"command: {command}") == []


def test_a_secret_in_the_description_is_refused_with_the_way_to_write_it() -> None:
    [found] = messages("port: 1", "description: call https://me:pw@host/\n")
    assert "a password in a URL" in found
    assert "write *** instead" in found
    assert messages("port: 1", "description: 'call https://me:***@host/; tokens and passwords'\n") == []


def test_a_field_named_as_a_secret_is_unknown_with_the_reason() -> None:
    [found] = messages("apiPassword: x")
    assert "unknown field; never write a secret to cn.yaml, which is committed" in found
    [found] = messages("tokenizer: x")
    assert "secret" not in found.replace("not_secret", "")


@pytest.mark.parametrize("answers", [0, 1, 10])
def test_a_refusal_stays_short_whatever_names_are_long(answers: int) -> None:
    names = [f"V{number}_{'x' * 90}" for number in range(answers + 1)]
    config = dict.fromkeys(names, "postgres://u:hunter2abc@h/db")
    service = {"image": "a/b", "config": config, "not_secret": names[:-1]}
    spec = yaml.safe_dump({"name": "s", "services": {"a": service}}, width=10**6)
    with pytest.raises(SpecError) as refused:
        load(spec.encode(), "cn.yaml")
    [problem] = refused.value.problems
    assert len(str(problem)) < 500
    assert names[-1] in str(problem)
