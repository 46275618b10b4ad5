"""One browser for all tests of the page; each opens the page of a system from a file."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.graph.page import page
from pulumi_stacks.context.model import Context
from tests.browser.webdriver import BROWSERS, Browser, browser
from tests.conftest import require

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    require("chromedriver", *(() if any(map(shutil.which, BROWSERS)) else BROWSERS[:1]))
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def show(session: Browser, tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Return a function that opens a page; afterwards nothing was asked for and no error logged."""

    def opened(system: Context, width: int = 1280, height: int = 800, scheme: str = "light") -> Browser:
        path = tmp_path / "page.html"
        path.write_text(page(system), encoding="ascii")
        session.size(width, height, scheme)
        session.open(path.as_uri())
        return session

    yield opened
    assert [entry["message"] for entry in session.log("browser")] == []
    asked = [address for address in session.requests() if not address.startswith(("data:", "about:"))]
    assert {address.partition("#")[0] for address in asked} == {(tmp_path / "page.html").as_uri()}


@pytest.fixture(scope="session")
def command() -> Callable[..., str]:
    def run(*words: str) -> str:
        program = "import sys; from generator.main import main_cn; sys.exit(main_cn())"
        done = subprocess.run(
            [sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout

    return run
