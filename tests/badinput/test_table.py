"""The table of invalid inputs: every case, and that the table is complete."""

import ast
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from tests.badinput import prepare
from tests.badinput.cases import TABLE, Answer, Case, Row, rows, run, snapshot

ROOT = Path(__file__).resolve().parents[2]
ROWS = rows()
CASES = [case for row in ROWS for case in row.cases]
WAITS = [(case, words) for row in ROWS for _, case, words in row.waits]
# A second on a machine of its own; many a machine has others at work.
CPU = 4
MEMORY = 400 * 2**20  # of addresses; what is resident is far less
HEAVY = {17, 18, 20}
COMMAND = "import sys; from generator.main import main_new; sys.exit(main_new())"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(case: Case) -> None:
    for name, data in case.files.items():
        Path(name).write_bytes(data)
    if case.prepare:
        getattr(prepare, case.prepare)()


def answered(case: Case, here: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Run a case, which must write nothing and be done soon."""
    made(case)
    before = snapshot(here)
    answer = run(case, monkeypatch)
    assert snapshot(here) == before
    assert "Traceback" not in answer.err
    assert answer.cpu < CPU
    return answer


def message(answer: Answer, here: Path) -> str:
    """Return the errors of a command, without the usage and the list of runtimes."""
    _, mark, error = answer.err.rpartition(": error: ")
    first = next(iter(open_template().runtimes))
    known = ", ".join(sorted(open_template().runtimes))
    text = f"cn-new{mark}{error}" if mark else answer.err
    text = text.replace(f"api:{first},database=postgres,route=/api", "{default}")
    return text.replace(os.fspath(here), "{here}").replace(known, "{runtimes}")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_invalid_input_has_this_error_and_nothing_is_written(
    case: Case, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answered(case, here, monkeypatch)
    assert answer.code == case.code, answer.err
    assert message(answer, here) == case.says
    assert answer.err.replace("\n", "").isprintable()
    assert answer.err.isascii()
    if case.code != 0:
        assert answer.out == ""
        assert max(map(len, answer.err.splitlines())) < 300
    assert [text for text in case.prints if text not in answer.out] == []


@pytest.mark.parametrize(("case", "words"), WAITS, ids=[f"row-{case.row}" for case, _ in WAITS])
def test_a_row_still_waits_for_what_it_names(
    case: Case, words: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answered(case, here, monkeypatch)
    assert answer.code == 2
    assert words in answer.err, "it is there now: write the cases of this row"


def test_the_table_has_forty_rows_and_each_shows_something() -> None:
    assert [row.number for row in ROWS] == list(range(1, 41))
    assert [row.number for row in ROWS if not (row.cases or row.shown or row.waits)] == []
    assert len(CASES) > 120


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row-{row.number}")
def test_the_tests_that_a_row_names_exist(row: Row) -> None:
    for place in row.shown:
        file, _, name = place.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, place


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))


def command(*words: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    """Run cn-new in a process of its own, with little memory and little time."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=stdin,
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("case", [case for case in CASES if case.row in HEAVY and case.prepare], ids=str)
def test_a_bomb_stays_within_little_memory_and_time(case: Case, here: Path) -> None:
    made(case)
    done = command(*case.command[1:])
    assert (done.returncode, done.stderr) == (2, case.says)
    assert not (here / "shop").exists()


def test_a_file_of_many_faults_is_answered_soon_and_at_length_only_at_first(here: Path) -> None:
    text = "".join(f"unknwn{number}: 1\n" for number in range(49_000))
    (here / "cn.yaml").write_text(text)
    done = command("shop", "--spec", "cn.yaml")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 1001
    assert lines[-1] == "... and 48002 more"


def test_names_that_are_nearly_right_are_looked_up_for_the_first_faults_only(here: Path) -> None:
    environments = "".join(f"  dev{number}: {{target: docker}}\n" for number in range(1000))
    service = "  s{0}: {{runtime: python, environments: {{dve{0}: {{}}}}}}\n"
    services = "".join(service.format(number) for number in range(10_000))
    (here / "cn.yaml").write_text(f"name: shop\nenvironments:\n{environments}services:\n{services}")
    done = command("shop", "--spec", "cn.yaml")
    assert done.returncode == 2
    assert "did you mean" in done.stderr.splitlines()[0]


@pytest.mark.parametrize("flag", ["--description", "--owner", "--registry", "--env", "--service", "--into"])
def test_the_error_of_a_huge_flag_is_one_line(flag: str) -> None:
    done = command("shop", "--defaults", flag, "x" * 120_000)  # Linux takes no longer word
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 400 or flag == "--into"


def test_standard_input_without_end_is_read_only_so_far() -> None:
    zero = os.open("/dev/zero", os.O_RDONLY)
    try:
        done = command("shop", "--spec", "-", stdin=zero)
    finally:
        os.close(zero)
    assert (done.returncode, done.stderr) == (
        2,
        "standard input:1:1: file is 2097153 bytes long (at most 2097152)\n",
    )


def test_the_table_reads_as_it_is_written() -> None:
    """A case that is written wrongly would show nothing."""
    words = {"name", "service", "system", "services", "spec", "image", "command", "code", "says"}
    words |= {"prepare", "stdin", "prints", "for", "has"}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        key = line.removeprefix("    - ") if line.startswith("    - ") else line.removeprefix("      ")
        if key != line and key[:1].isalpha() and not key.startswith("tests/"):
            assert key.partition(":")[0] in words, line
