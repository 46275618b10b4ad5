"""The values of --service and --env: parsing, formatting, and their errors."""

import argparse
import shlex

import pytest

from generator.authoring import flags
from generator.authoring.draft import Draft, EnvironmentDraft, ServiceDraft, to_document
from generator.authoring.flags import DraftError
from generator.authoring.spec_writer import write
from generator.cli import parsers


def test_a_service_is_read_with_all_its_settings():
    read = flags.parse_service(
        "orders:python,database=postgres,route=/orders,calls=billing+mail,replicas=3,port=80,ready=/up"
    )
    calls = ("billing", "mail")
    wanted = ServiceDraft("orders", "python", "/orders", "postgres", calls, port=80, ready="/up", replicas=3)
    assert read == wanted


def test_a_prebuilt_image_replaces_a_runtime():
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
        "a:go,replicas=1-6",
        "a:go,replicas=2-2",
    ],
)
def test_a_service_is_written_as_the_flag_that_reads_back_to_it(text):
    assert flags.parse_service(flags.service_flag(flags.parse_service(text))) == flags.parse_service(text)


def test_an_environment_has_all_settings_of_a_cluster():
    settings = {key: f"some-{key}" for key in flags.ENVIRONMENT_SETTINGS}
    text = ",".join(["prod=kubernetes", *(f"{key}={value}" for key, value in settings.items())])
    lists = {key: [f"some-{key}"] for key in ("metrics_from", "sources")}
    read = flags.parse_environment(text)
    assert (read.name, read.target, read.kept) == ("prod", "kubernetes", settings | lists)
    assert flags.environment_flag(read) == text


def test_what_is_true_or_false_of_a_cluster_is_so_in_the_file():
    text = "prod=kubernetes,namespace=true,state=s3://b?region=x,protected=false"
    read = flags.parse_environment(text)
    assert read.kept == {"namespace": "true", "state": "s3://b?region=x", "protected": False}
    assert flags.environment_flag(read) == text


def test_several_values_of_a_cluster_are_joined_by_a_plus():
    text = "prod=kubernetes,metrics_from=monitoring+kube-system,sources=203.0.113.0/24,client_address=true"
    read = flags.parse_environment(text)
    assert read.kept == {
        "metrics_from": ["monitoring", "kube-system"],
        "sources": ["203.0.113.0/24"],
        "client_address": True,
    }
    assert flags.environment_flag(read) == text


@pytest.mark.parametrize(
    ("text", "span"), [("2", (2, 0)), ("2-6", (2, 6)), ("2 - 6", (2, 6)), ("6-2", (6, 2))]
)
def test_replicas_are_one_number_or_two(text, span):
    assert flags.parse_range(text) == span


@pytest.mark.parametrize("text", ["", "-", "2-", "-2", "2-6-8", "2-0", "two", "2..6", "2-1000000000", "²"])
def test_an_invalid_number_of_replicas_is_invalid(text):
    assert flags.parse_range(text) is None


def test_all_faults_of_the_flags_come_at_once():
    values = ["orders", "a:go,speed=high", "b:go,route", "c:go", "c:go", "d:,image=x", "e:go,port=-1"]
    values.append("f:go,replicas=2-")
    cluster = "p=kubernetes"
    environments = ["dev", f"{cluster},domain", f"{cluster},size=2", f"{cluster},domain=a.b,domain=a.b"]
    settings = ", ".join(flags.ENVIRONMENT_SETTINGS)
    form_of_environment = f"{flags.ENVIRONMENT_FORM} (such as dev=docker)"
    form = f"{flags.FORM} or NAME,image=IMAGE[,port=80][,ready=/up]"
    with pytest.raises(DraftError) as caught:
        flags.parse([*environments, "x=docker", "x=docker"], values)
    assert str(caught.value).splitlines() == [
        f'--env "dev": invalid environment; use {form_of_environment}',
        f'--env "p=kubernetes,domain": invalid environment; use {form_of_environment}',
        f'--env "p=kubernetes,size=2": unknown setting "size"; choose from {settings}',
        '--env "p=kubernetes,domain=a.b,domain=a.b": duplicate setting "domain"',
        f'--service "orders": invalid service; use {form}',
        f'--service "a:go,speed=high": unknown setting "speed"; choose from {", ".join(flags.SETTINGS)}',
        f'--service "b:go,route": invalid service; use {form}',
        f'--service "d:,image=x": invalid service; use {form}',
        '--service "e:go,port=-1": port=-1 is not a whole number',
        '--service "f:go,replicas=2-": replicas=2- is not a number or a range (use 2 or 2-6)',
        "--env x: duplicate name; use each name once",
        "--service c: duplicate name; use each name once",
    ]


def message(words: list[str]) -> argparse.Namespace:
    return parsers.new_parser().parse_args(shlex.split(shlex.join(words)))


def test_the_arguments_of_a_draft_are_complete():
    draft = Draft(
        name="shop",
        description='-- it\'s "new" $HOME',
        owner="@acme/shop",
        registry="127.0.0.1:5000",
        ci="gitlab",
        environments=(
            EnvironmentDraft("qa", "docker"),
            EnvironmentDraft("prod", "kubernetes", {"gateway": "ingress", "domain": "shop.example.com"}),
        ),
        services=(
            ServiceDraft("orders", "python", "/orders", "postgres", ("site",), replicas=2, most=6),
            ServiceDraft("site", image="caddy:2", port=80, ready="none"),
        ),
    )
    read = message(flags.words(draft) or [])
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
def test_what_flags_cannot_express_has_no_arguments(service):
    assert flags.words(Draft("shop", services=(service,))) is None


def test_annotations_are_in_the_file_alone():
    prod = EnvironmentDraft("prod", "kubernetes", {"annotations": {"a": "b"}})
    assert flags.words(Draft("shop", environments=(prod,))) is None
    with pytest.raises(DraftError, match='unknown setting "annotations"'):
        flags.parse_environment("prod=kubernetes,annotations=a")
