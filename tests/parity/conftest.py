"""One copy of the template for all tests of parity."""

from pathlib import Path

import pytest

from tests.parity.oracle import copy_template


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    copy_template(folder)
    return folder
