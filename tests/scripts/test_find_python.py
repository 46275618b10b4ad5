import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "find-python"


def find(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPT, *words],
        env={"PATH": str(path), "HOME": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def fake(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version} {path}\n")
    path.chmod(0o755)
    return path


def test_the_newest_known_python_wins(tmp_path: Path) -> None:
    fake(tmp_path / "python3.11", "3.11")
    newest = fake(tmp_path / "python3.13", "3.13")
    fake(tmp_path / "python3", "3.14")
    assert find(tmp_path).stdout == f"{newest}\n"


def test_interpreters_of_pyenv_are_found_without_being_on_the_path(tmp_path: Path) -> None:
    kept = fake(tmp_path / ".pyenv" / "versions" / "3.12.9" / "bin" / "python", "3.12")
    assert find(tmp_path).stdout == f"{kept}\n"


def test_all_lists_each_version_once_newest_first(tmp_path: Path) -> None:
    newest = fake(tmp_path / "python3.13", "3.13")
    fake(tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin" / "python", "3.13")
    other = fake(tmp_path / "python3", "3.11")
    assert find(tmp_path, "--all").stdout == f"{newest}\n{other}\n"


def test_a_command_that_fails_is_passed_over(tmp_path: Path) -> None:
    broken = fake(tmp_path / "python3.13", "3.13")
    broken.write_text("#!/bin/sh\nexit 127\n")
    other = fake(tmp_path / "python3.11", "3.11")
    assert find(tmp_path).stdout == f"{other}\n"


def test_without_a_fitting_python_it_says_what_to_do(tmp_path: Path) -> None:
    fake(tmp_path / "python3", "3.10")
    done = find(tmp_path)
    assert done.returncode == 1
    assert "PYTHON=" in done.stderr


def test_the_running_interpreter_is_one_that_the_script_would_take() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)
