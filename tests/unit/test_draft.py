import pytest
import yaml

from generator import draft
from generator.draft import Draft, DraftError, ServiceDraft
from pulumi_stacks.load import load


def test_a_service_is_read_with_all_its_settings():
    read = draft.parse_service("orders:python,database=postgres,route=/orders,calls=billing+mail")
    assert read == ServiceDraft("orders", "python", "/orders", "postgres", ("billing", "mail"))


@pytest.mark.parametrize(
    "text",
    ["orders:python", "a:go,calls=b", "a:go,database=postgres,route=/x/y", "x:python,route=/,calls=b+c"],
)
def test_a_service_is_written_as_the_flag_that_reads_back_to_it(text):
    assert draft.parse_service(draft.service_flag(draft.parse_service(text))) == draft.parse_service(text)


def test_all_faults_of_the_flags_come_at_once():
    with pytest.raises(DraftError) as caught:
        draft.parse(
            ["dev", "x=docker", "x=docker"], ["orders", "a:go,speed=high", "b:go,route", "c:go", "c:go"]
        )
    assert str(caught.value).splitlines() == [
        '--env "dev": is not NAME=TARGET (such as dev=docker)',
        '--service "orders": is not NAME:RUNTIME[,database=postgres][,route=/path][,calls=a+b]',
        '--service "a:go,speed=high": no setting named "speed"; choose from calls, database, route',
        '--service "b:go,route": is not NAME:RUNTIME[,database=postgres][,route=/path][,calls=a+b]',
        "--env x: stands there twice",
        "--service c: stands there twice",
    ]


def test_the_file_says_what_the_draft_says():
    wanted = Draft(
        name="shop",
        description='# it\'s {{ a }} "shop": \\ caf\u00e9 \U0001f6d2 \U0001f469\u200d\U0001f4bb',
        owner="@acme/shop",
        registry="127.0.0.1:5000",
        ci="github",
        environments=(("dev", "docker"), ("qa", "docker")),
        services=(
            ServiceDraft("orders", "python", "/orders", "postgres", ("billing",)),
            ServiceDraft("billing", "python"),
        ),
    )
    spec = load(draft.write(wanted))
    assert (spec.name, spec.description, spec.owner) == (wanted.name, wanted.description, wanted.owner)
    assert (spec.registry, spec.ci, list(spec.environments)) == ("127.0.0.1:5000", "github", ["dev", "qa"])
    assert spec.services["orders"].calls == ("billing",)
    assert spec.services["billing"].route is None


@pytest.mark.parametrize(
    "text", ["no", "1.10", "22:22", "a: b", "- x", "#", "'", '"', "\\", "~", "null", "*a", "&a", "@x"]
)
def test_any_text_reads_back_as_itself_in_both_versions_of_yaml(text):
    written = draft.write(Draft(name="shop", description=text, services=(ServiceDraft("a", "go"),)))
    assert yaml.safe_load(written)["description"] == text
    assert load(written).description == text
