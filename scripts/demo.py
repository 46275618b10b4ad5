"""The demonstration behind `make demo` and `make demo-down`: examples/02-shop in build/shop, and running."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "examples" / "02-shop" / "cn.yaml"
SHOP = ROOT / "build" / "shop"
ENVIRONMENT = "dev"
KINDS = ("network", "volume")
SHOWN_DEPTH = 3
SHOWN_CHARACTERS = 200


def main(words: list[str]) -> int:
    """Run `up` or `down`; return the exit code."""
    if words not in (["up"], ["down"]):
        print("usage: demo.py up|down", file=sys.stderr)
        return 2
    return up() if words == ["up"] else down()


def up() -> int:
    """Render the example, print its tree, and run it if the tools are installed."""
    if (code := _render()) != 0:
        return code
    _say(f"{_short(SHOP)}/")
    print("\n".join(_tree_lines(SHOP)))
    faults = _missing_tools()
    if faults:
        _say(f"Not started: {'; '.join(faults)}. With a Docker engine and the Pulumi CLI, next:")
        _print_next()
        return 0
    if not _has_state() and (others := _remains()):
        _say(f"Not started: this engine already has a system named shop ({', '.join(others[:3])} …).")
        print("  Remove it first: make down ENV=dev DATA=delete in its folder")
        return 1
    _say(f"Starting it: make up ENV={ENVIRONMENT} in {_short(SHOP)}")
    code = _make("up")
    if code != 0:
        return code
    _say("It runs:")
    answers = [_call(url) for url in _urls()]
    print("\n".join(line for line, _ in answers))
    _say("Next:")
    _print_next()
    return 0 if answers and all(good for _, good in answers) else 1


def down() -> int:
    """Destroy the running system with its data, then remove the folder."""
    if not SHOP.exists():
        _say(f"{_short(SHOP)} does not exist: nothing to remove")
        return 0
    if _has_state():
        faults = _missing_tools()
        if faults:
            _say(f"Kept {_short(SHOP)}: it holds the state of a Pulumi stack, and {'; '.join(faults)}")
            return 1
        code = _make("down", "DATA=delete")
        if code != 0:
            _say(f"Kept {_short(SHOP)}: `make down` failed, and its state is needed to try again")
            return code
        if rest := _remains():
            _say(f"Kept {_short(SHOP)}: the system is not removed completely: {', '.join(rest)}")
            return 1
        _remove_images()
    shutil.rmtree(SHOP)
    _say(f"Removed {_short(SHOP)}")
    return 0


def _render() -> int:
    """Recreate build/shop, unless that would lose the state of a running system or edits of a user."""
    if SHOP.exists():
        reason = "it holds the state of a Pulumi stack" if _has_state() else _edits()
        if reason:
            _say(f"{_short(SHOP)} exists from an earlier demo and is kept: {reason}")
            return 0
        _say(f"{_short(SHOP)} exists from an earlier demo, unedited and not running: recreated")
        shutil.rmtree(SHOP)
    SHOP.parent.mkdir(exist_ok=True)
    words = ["shop", "--spec", _short(SPEC), "--into", _short(SHOP)]
    _say(" ".join(["cn-new", *words]))
    return _run_ours("main_new", *words, "--quiet").returncode


def _has_state() -> bool:
    state = SHOP / "infra" / ".pulumi-state"
    return any(state.rglob("*.json"))


def _edits() -> str:
    git = ("git", "-C", str(SHOP))
    if not (SHOP / ".git").exists() or not _output(*git, "rev-parse", "HEAD"):
        return "git cannot check whether it has edits"
    if _output(*git, "-c", "core.fsmonitor=false", "status", "--porcelain", "--untracked-files=normal"):
        return "it has edits"
    return "" if _output(*git, "rev-list", "--count", "HEAD").strip() == "1" else "it has commits of its own"


def _tree_lines(folder: Path, depth: int = 1) -> Iterator[str]:
    entries = [path for path in folder.iterdir() if path.name not in {".git", ".venv", ".pulumi-state"}]
    for path in sorted(entries, key=lambda path: (path.is_file(), path.name)):
        indent = "  " * depth
        if path.is_file():
            yield f"{indent}{path.name}"
        elif depth < SHOWN_DEPTH:
            yield f"{indent}{path.name}/"
            yield from _tree_lines(path, depth + 1)
        else:
            count = sum(inner.is_file() for inner in path.rglob("*"))
            yield f"{indent}{path.name}/ ({count} file{'s' * (count != 1)})"


def _missing_tools() -> list[str]:
    faults = []
    if shutil.which("docker") is None:
        faults.append("docker is not installed")
    elif subprocess.run(["docker", "version"], capture_output=True, check=False).returncode != 0:
        faults.append("no Docker engine responds")
    if shutil.which("pulumi") is None:
        faults.append("the Pulumi CLI is not installed")
    return faults


def _make(target: str, *words: str) -> int:
    # Variables of the make that runs us must not reach the make of the repository.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}
    }
    command = ["make", "-C", str(SHOP), target, f"ENV={ENVIRONMENT}", *words]
    return subprocess.run(command, env=environment, check=False).returncode


def _remains() -> list[str]:
    """List what the engine still has of the system: containers, networks and volumes."""
    labels = [f"--filter=label=cn-new.{key}" for key in ("project=shop", f"environment={ENVIRONMENT}")]
    lists = (["ps", "--all", "--format={{.Names}}"], *([kind, "ls", "--format={{.Name}}"] for kind in KINDS))
    return [name for words in lists for name in _output("docker", *words, *labels).split()]


def _remove_images() -> None:
    """Remove the images that were built; one that something else uses stays, and Docker's cache stays too."""
    context = _run_ours("main_cn", "context", "--spec", str(SHOP / "cn.yaml"), stdout=subprocess.PIPE)
    for image in re.findall(r"^ +image: \"?([^\"\s]+)", context.stdout or "", re.MULTILINE):
        _output("docker", "image", "rm", f"{image}:{ENVIRONMENT}")


def _run_ours(command: str, *words: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
    code = f"import sys; from generator.main import {command}; sys.exit({command}())"
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, stdout=stdout, text=True, check=False
    )


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _urls() -> list[str]:
    """Read the addresses of the routes from the outputs of the stack."""
    passphrase = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(SHOP / "infra" / ".passphrase")}
    chosen = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(os.environ)
    command = ["pulumi", "--cwd", str(SHOP / "infra"), "stack", "output", "--stack", ENVIRONMENT, "--json"]
    done = subprocess.run(
        command,
        env=os.environ | ({} if chosen else passphrase),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return []
    found = sorted(set(_addresses(json.loads(done.stdout))))
    # The gateway's own address leads nowhere: it is the beginning of those of the routes.
    return [url for url in found if not any(other.startswith(f"{url.rstrip('/')}/") for other in found)]


def _addresses(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("http"):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)


def _call(route: str) -> tuple[str, bool]:
    """Ask one service for what it surely has; return a line to print and whether the answer was good."""
    for path in ("/items", "/openapi.json"):
        url = route.rstrip("/") + path
        try:
            status, body = _get(url)
        except OSError as error:
            return f"  {url}  {error}", False
        if status != 404:  # a service without a database has no items
            break
    text = " ".join(body.split())
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return f"  {url}  {status}  {shown}", status < 400


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def _print_next() -> None:
    print(f"  cd {_short(SHOP)}")
    print("  make up ENV=dev            # start it, or bring it up to date after an edit")
    print("  make down ENV=dev          # stop it and keep its data")
    print("  cd - && make demo-down     # remove all of it, its data too")


def _short(path: Path) -> str:
    return (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix()


def _say(text: str) -> None:
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
