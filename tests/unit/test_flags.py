import argparse
import shlex

import pytest

from generator import arguments, flags
from generator.draft import Draft, EnvironmentDraft, ServiceDraft, to_document
from generator.flags import DraftError
from generator.specfile import write


def test_a_service_is_read_with_all_its_settings():
    read = flags.parse_service(
        "orders:python,database=postgres,route=/orders,calls=billing+mail,replicas=3,port=80,ready=/up"
    )
    calls = ("billing", "mail")
    wanted = ServiceDraft("orders", "python", "/orders", "postgres", calls, port=80, ready="/up", replicas=3)
    assert read == wanted


def test_a_ready_image_stands_in_place_of_a_runtime():
    read = flags.parse_service("site,image=ghcr.io/acme/site:1.4@sha256:0,port=2080")
    assert (read.name, read.runtime, read.image, read.port) == (
        "site",
        "",
        "ghcr.io/acme/site:1.4@sha256:0",
        2080,
    )


@pytest.mark.parametrize(
    "text",
    [
        "orders:python",
        "a:go,calls=b",
        "a:go,database=postgres,route=/x/y",
        "x:python,route=/,calls=b+c,replicas=2",
        "site,image=caddy:2,port=80,ready=none",
    ],
)
def test_a_service_is_written_as_the_flag_that_reads_back_to_it(text):
    assert flags.parse_service(flags.service_flag(flags.parse_service(text))) == flags.parse_service(text)


def test_all_faults_of_the_flags_come_at_once():
    values = ["orders", "a:go,speed=high", "b:go,route", "c:go", "c:go", "d:,image=x", "e:go,port=-1"]
    form = f"{flags.FORM} or NAME,image=IMAGE[,port=80][,ready=/up]"
    with pytest.raises(DraftError) as caught:
        flags.parse(["dev", "x=docker", "x=docker"], values)
    assert str(caught.value).splitlines() == [
        '--env "dev": is not NAME=TARGET (such as dev=docker)',
        f'--service "orders": is not {form}',
        f'--service "a:go,speed=high": no setting named "speed"; choose from {", ".join(flags.SETTINGS)}',
        f'--service "b:go,route": is not {form}',
        f'--service "d:,image=x": is not {form}',
        '--service "e:go,port=-1": port=-1 is not a whole number',
        "--env x: stands there twice",
        "--service c: stands there twice",
    ]


def said(words: list[str]) -> argparse.Namespace:
    return arguments.new_parser().parse_args(shlex.split(shlex.join(words)))


def test_the_words_of_a_draft_say_all_of_it():
    draft = Draft(
        name="shop",
        description='-- it\'s "new" $HOME',
        owner="@acme/shop",
        registry="127.0.0.1:5000",
        ci="gitlab",
        environments=(EnvironmentDraft("qa", "docker"),),
        services=(
            ServiceDraft("orders", "python", "/orders", "postgres", ("site",), replicas=2),
            ServiceDraft("site", image="caddy:2", port=80, ready="none"),
        ),
    )
    read = said(flags.words(draft) or [])
    environments, services = flags.parse(read.env, read.service)
    again = Draft(read.name, read.description, read.owner, read.registry, read.ci, environments, services)
    assert write(to_document(again)) == write(to_document(draft))


@pytest.mark.parametrize(
    "service",
    [
        ServiceDraft("a", "python", kept={"runtime": "python", "config": {"A": "1"}}),
        ServiceDraft("a", "python", route="/x,y=z"),
    ],
)
def test_what_flags_cannot_say_has_no_words(service):
    assert flags.words(Draft("shop", services=(service,))) is None
