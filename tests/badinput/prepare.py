"""Prepares the current folder of a case, where the table cannot describe it."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path()
SPEC = b"name: shop\nservices: {api: {runtime: python}}\n"


def alias_bomb() -> None:
    """Ten million values in 500 bytes."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]" for a, b in zip("abcdef", "bcdefg", strict=True)]
    (HERE / "cn.yaml").write_text("\n".join(lines) + "\n")


def many_aliases() -> None:
    (HERE / "cn.yaml").write_text("a: &a x\nb: [" + "*a," * 101 + "]\n")


def many_values() -> None:
    (HERE / "cn.yaml").write_text("a: [" + "x," * 100_001 + "]\n")


def brackets() -> None:
    (HERE / "cn.yaml").write_text("[" * 3_000)


def more_brackets() -> None:
    (HERE / "cn.yaml").write_text("a: " + "[" * 100_000)


def braces() -> None:
    (HERE / "cn.yaml").write_text("{a: " * 100_000)


def question_marks() -> None:
    (HERE / "cn.yaml").write_text("? " * 100_000)


def hundred_megabytes() -> None:
    with (HERE / "cn.yaml").open("wb") as file:
        file.write(SPEC)
        file.truncate(100 * 10**6)


def pipe() -> None:
    os.mkfifo("cn.yaml")


def folder() -> None:
    (HERE / "cn.yaml").mkdir()


def link_to_itself() -> None:
    (HERE / "cn.yaml").symlink_to("cn.yaml")


def only_faults() -> None:
    """As many faults as a file can hold."""
    (HERE / "cn.yaml").write_text("".join(f"unknwn{n}: 1\n" for n in range(49_000)))


def destination_with_content() -> None:
    (HERE / "shop").mkdir()
    (HERE / "shop" / "mine").write_text("mine")


def destination_file() -> None:
    (HERE / "shop").write_text("mine")


def destination_link_home() -> None:
    (HERE / "home").mkdir()
    (HERE / "shop").symlink_to("home")


def destination_dead_link() -> None:
    (HERE / "shop").symlink_to("nowhere")


def destination_with_planted_link() -> None:
    (HERE / "shop").mkdir()
    (HERE / "shop" / "services").symlink_to("/etc")


def parent_file() -> None:
    (HERE / "file").write_text("mine")


def parent_dead_link() -> None:
    (HERE / "link").symlink_to("nowhere")


def git_repository() -> None:
    (HERE / "shop" / ".git").mkdir(parents=True)
