"""The schema that editors find in a generated repository is the one that `cn schema` prints."""

from pathlib import Path

import pytest

from generator import main as cli

CARRIED = Path(__file__).resolve().parents[2] / "templates/project/infra/cn.schema.json"


def test_the_carried_schema_is_what_cn_schema_prints(
    update_golden: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main_cn(["schema"]) == 0
    printed = capsys.readouterr().out
    if update_golden:
        CARRIED.write_text(printed, encoding="utf-8")
    assert CARRIED.read_text(encoding="utf-8") == printed, "make golden"
