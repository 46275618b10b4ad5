"""The whole command on machines that differ in what should not matter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.folders import read

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "02-shop" / "cn.yaml"
COMMAND = "import sys; from generator.main import main_new; sys.exit(main_new())"


def made(folder: Path, mask: str = "022", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Make the shop in a folder, with nothing in the environment but what is said."""
    command = [sys.executable, "-c", COMMAND, "shop", "--spec", str(SHOP), "--no-git", "--quiet"]
    return subprocess.run(
        ["sh", "-c", f'umask {mask}; exec "$0" "$@"', *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("mask", "variables"),
    [
        ("077", {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1"}),
        ("000", {"LC_ALL": "POSIX", "TZ": "nonsense", "PYTHONHASHSEED": "4294967295"}),
        ("777", {"HOME": "/nonexistent", "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "1", "USER": ""}),
        ("022", {"HOME": "", "TMPDIR": "/nonexistent", "SOURCE_DATE_EPOCH": "1", "LANG": "tr_TR.UTF-8"}),
        ("022", {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "ignore", "PYTHONDEVMODE": "1"}),
    ],
)
def test_the_same_command_makes_the_same_tree_on_every_machine(
    mask: str, variables: dict[str, str], tmp_path: Path
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    assert made(tmp_path / "one").returncode == 0
    done = made(tmp_path / "other", mask, **variables)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert read(tmp_path / "one" / "shop") == read(tmp_path / "other" / "shop")


@pytest.mark.parametrize(
    "name",
    [
        "with spaces",
        "with\nline",
        'it\'s "quoted"',
        "$HOME `id` $(id)",
        "-n",
        "\u00e9 \u65e5",
        "*?[",
        "\\",
        "#",
        "%s",
    ],
)
def test_a_strange_path_takes_a_project(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert made(folder).returncode == 0
    assert (folder / "shop" / "cn.yaml").read_bytes() == SHOP.read_bytes()


def test_a_path_of_four_thousand_characters_is_refused_or_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(19):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    done = made(Path())
    assert done.returncode in (0, 1, 2)
    assert b"Traceback" not in done.stderr
    assert not Path("shop").exists() or read(Path("shop"))["cn.yaml"].data == SHOP.read_bytes()
    os.chdir(tmp_path)
