"""What tests of what is asked of a cluster share."""

from pathlib import Path

import pytest

from tests.unit.fake_kubectl import FakeKubectl


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKubectl:
    """A kubectl that answers what the test says."""
    return FakeKubectl(tmp_path / "bin", monkeypatch)
