"""The committed openapi.json matches the code. Run as a module (make openapi), this updates it."""

import json
from pathlib import Path

from app.main import create_app
from app.settings import Settings

COMMITTED = Path(__file__).parent.parent / "openapi.json"


def current() -> str:
    """The description of the routes, as text."""
    document = create_app(Settings.model_construct()).openapi()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def test_committed_description_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == current(), "run: make openapi"


if __name__ == "__main__":
    COMMITTED.write_text(current(), encoding="utf-8")
