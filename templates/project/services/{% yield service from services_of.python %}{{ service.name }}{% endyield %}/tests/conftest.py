"""What several tests need."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings

# One acceptable value per variable that must be set; nothing listens there.
VALUES = {"DATABASE_URL": "postgresql://user:s3cret@127.0.0.1:1/name"}
ANY_URL = "http://127.0.0.1:1"


def required() -> dict[str, str]:
    """Every variable that this service needs, with a value."""
    names = [name.upper() for name, field in Settings.model_fields.items() if field.is_required()]
    return {name: VALUES.get(name, ANY_URL) for name in names}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The required variables, set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in required().items():
        monkeypatch.setenv(name, value)
    return required()


@pytest.fixture
def app(environment: dict[str, str]) -> FastAPI:
    """The application, as the server makes it."""
    return create_app(Settings())


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the started application."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
