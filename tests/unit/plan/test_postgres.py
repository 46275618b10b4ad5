"""Which Postgres can read the data of another version."""

import pytest

from pulumi_stacks.plan.postgres import another_major, major


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("postgres:17", "17"),
        ("postgres:17.6-alpine@sha256:18", "17"),
        ("mirror.example:5000/library/postgres:18-bookworm", "18"),
        ("mirror.example:5000/postgres", ""),
        ("postgres@sha256:18", ""),
        ("postgres:latest", ""),
        ("pgvector/pgvector:pg17", "17"),
        ("mirror.example/pgvector:0.8.0-pg17", "17"),
        ("timescaledb:2.17.0-pg16", "16"),
        ("own/postgresql:20250901", ""),
    ],
)
def test_the_major_version_is_that_of_the_tag(reference: str, version: str) -> None:
    assert major(reference) == version


def test_another_major_is_refused_with_the_image_that_may_stay() -> None:
    said = another_major(["postgres:17.5", "postgres:17.5"], "postgres:18")
    assert said.startswith("cn:base_images.postgres: postgres:18 cannot read the databases of Postgres 17;")
    assert "such as postgres:17.5" in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["postgres:17.5"], "postgres:17.6"),
        ([], "postgres:18"),
        (["own:latest"], "postgres:18"),
        (["postgres:17"], "own@sha256:1"),
    ],
)
def test_what_is_not_known_to_be_another_one_is_taken(before: list[str], after: str) -> None:
    assert another_major(before, after) == ""
