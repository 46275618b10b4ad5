"""The baseline in a project's `.cn-new/`: the pristine tree of the last apply, the base of each merge."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator import __version__
from generator.errors import CommandError
from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, Tree
from generator.rendering.template import Template

FOLDER = ".cn-new"
LOCK = f"{FOLDER}/lock.json"
ARCHIVE = f"{FOLDER}/baseline.tar.xz"
_FORMAT = 1
_MAX_BYTES = 512 * 1024 * 1024
_PRESET = 1
_BLOCK = tarfile.BLOCKSIZE
# The offsets of the checksum and of the link name in a tar header.
_CHECKSUM, _LINKNAME = slice(148, 156), 157
_NOTES = {
    f"{FOLDER}/README.md": (
        "# The baseline of cn-new\n\ncn-new compares your files with it. Commit it unchanged.\n"
    ),
    f"{FOLDER}/.gitattributes": "* linguist-generated\n*.xz binary\n",
}
FILES = frozenset((*_NOTES, LOCK, ARCHIVE))


class BaselineError(CommandError):
    """A `.cn-new/` that is missing, corrupt or in another format; the message has the remedy."""


@dataclass(frozen=True)
class Lock:
    """The versions and services that a project was rendered from."""

    cn_new: str
    template: str
    template_digest: str
    context: int
    services: Mapping[str, str]
    tree: str


@dataclass(frozen=True)
class Baseline:
    """The lock of a project and the tree that was rendered, without `.cn-new/` itself."""

    lock: Lock
    tree: Tree


def lock_files(rendered: Tree, template: Template, answers: Mapping[str, Any]) -> Tree:
    """Return the files of `.cn-new/` for a rendered tree; the same tree gives the same files."""
    lock = Lock(
        cn_new=__version__,
        template=template.name,
        template_digest=template.digest,
        context=answers["context"],
        services={service["id"]: service["name"] for service in answers["services"]},
        tree=file_tree.digest(rendered),
    )
    texts = {**_NOTES, LOCK: json.dumps({"format": _FORMAT, **asdict(lock)}, indent=2) + "\n"}
    files = [(path, File(REGULAR, text.encode())) for path, text in texts.items()]
    return file_tree.build([*files, (ARCHIVE, File(REGULAR, _pack(rendered)))])


def read(project: Path) -> Baseline:
    """Read and verify the baseline of a project; BaselineError if it is missing or corrupt."""
    lock = _lock(_bytes(project, LOCK))
    packed = _bytes(project, ARCHIVE)
    try:
        rendered = _unpack(packed)
    except (lzma.LZMAError, tarfile.TarError, EOFError, ValueError, file_tree.TreeError) as error:
        raise BaselineError(f"{ARCHIVE}: corrupt file ({error}); restore it from version control") from None
    if file_tree.digest(rendered) != lock.tree:
        raise BaselineError(
            f"{ARCHIVE}: digest does not match {LOCK}; restore both files from the same commit"
        )
    return Baseline(lock, rendered)


def _bytes(project: Path, name: str) -> bytes:
    path = project / name
    if path.is_symlink() or path.parent.is_symlink() or (path.exists() and not path.is_file()):
        raise BaselineError(f"{name}: not a regular file; restore it from version control")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BaselineError(
            f"{name}: no such file; it is required to find your edits. Restore it from version control"
        ) from None
    except OSError as error:
        raise BaselineError(f"{name}: cannot read: {error.strerror}") from None


def _lock(data: bytes) -> Lock:
    corrupt = f"{LOCK}: corrupt file; restore it from version control"
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError):
        raise BaselineError(corrupt) from None
    if not isinstance(entries, dict) or not isinstance(entries.get("format"), int):
        raise BaselineError(corrupt)
    if (found := entries.pop("format")) != _FORMAT:
        raise BaselineError(
            f"{LOCK}: unsupported format {found}, expected {_FORMAT}; use the version of cn-new that wrote it"
        )
    wanted = {
        "cn_new": str,
        "template": str,
        "template_digest": str,
        "context": int,
        "services": dict,
        "tree": str,
    }
    if entries.keys() != wanted.keys() or not all(
        isinstance(entries[key], kind) for key, kind in wanted.items()
    ):
        raise BaselineError(corrupt)
    # They are printed next to a patch: a line break in them could add lines to the patch.
    texts = [entries["cn_new"], entries["template"], *entries["services"], *entries["services"].values()]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise BaselineError(corrupt)
    return Lock(**entries)


def _pack(rendered: Tree) -> bytes:
    """Return a tar archive; duplicate files, which services have many of, are hard links to the first."""
    packed = io.BytesIO()
    first: dict[File, str] = {}
    with lzma.open(packed, "wb", format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=_PRESET) as stream:
        for path, file in sorted(rendered.items()):
            if (known := first.setdefault(file, path)) != path:
                stream.write(_link(path, file.mode, known))
            else:
                entry = tarfile.TarInfo(path)
                entry.mode, entry.size = file.mode, len(file.data)
                stream.write(entry.tobuf(tarfile.GNU_FORMAT) + file.data + bytes(-entry.size % _BLOCK))
        stream.write(bytes(2 * _BLOCK))
    return packed.getvalue()


def _link(path: str, mode: int, known: str) -> bytes:
    """Return the header of a link, the same as tarfile's but faster: most entries are links."""
    name, target = path.encode(), known.encode()
    if max(len(name), len(target)) >= tarfile.LENGTH_NAME:
        return _header(path, mode, known)
    header = bytearray(_header("", mode, ""))
    header[: len(name)] = name
    header[_LINKNAME : _LINKNAME + len(target)] = target
    header[_CHECKSUM] = b" " * 8
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)


@lru_cache(maxsize=4)
def _header(path: str, mode: int, known: str) -> bytes:
    entry = tarfile.TarInfo(path)
    entry.mode, entry.type, entry.linkname = mode, tarfile.LNKTYPE, known
    return entry.tobuf(tarfile.GNU_FORMAT)


def _unpack(packed: bytes) -> Tree:
    """Read an untrusted archive in memory, with limits on its size."""
    decompressor = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=128 * 1024 * 1024)
    plain = decompressor.decompress(packed, max_length=_MAX_BYTES)
    if not decompressor.eof:
        raise EOFError("truncated or too large")
    files: dict[str, File] = {}
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for entry in archive:
            if entry.islnk() and entry.linkname in files:
                files[entry.name] = files[entry.linkname]
            elif entry.isreg() and not entry.issparse() and (content := archive.extractfile(entry)):
                mode = EXECUTABLE if entry.mode & 0o100 else REGULAR
                files[entry.name] = File(mode, content.read())
            else:
                raise tarfile.TarError(f"{entry.name!a} is not a regular file")
    return file_tree.build(files.items())
