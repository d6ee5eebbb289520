"""The documents of a folder as rows, without reading more of them than is needed to tell them apart."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from resources.documents.archives import kind_of_archive
from resources.documents.kinds import kind_of
from resources.documents.options import Options
from resources.documents.settings import FOLDERS_VARIABLE, DocumentSettings
from resources.documents.stopped import Stopped
from resources.sources.listed import ListedRows

_START: Final = 64_000
_PIECE: Final = 1 << 20


class DocumentFolder(ListedRows):
    """Every ordinary file below the folders of documents (DATAFLOW_DOCUMENTS), in the order of their names: columns `path` (below its folder), `kind`
    (told by its bytes; "" where nobody reads it), `size` in bytes and `content_hash` (SHA-256).

    Links, hidden files and what is no file are left out. A row changes when its file does, so that what was made of the others stays.
    """

    columns = {"path": pa.string(), "kind": pa.string(), "size": pa.int64(), "content_hash": pa.string()}

    def __init__(self, folder: str = "", kinds: Sequence[str] = ()) -> None:
        """Args:
            folder: only this folder, which has to be one of those of the resource or stand below one.
            kinds: only files of these kinds: ("pdf", "docx").

        Raises:
            ValueError: no folder is named, it is not there, or it is not among those that may be read.
        """
        self._roots = DocumentSettings.from_environment().roots()
        self._kinds = frozenset(kinds)
        if not self._roots:
            raise ValueError(f"no folder of documents is named: set {FOLDERS_VARIABLE} to the folder below which files may be read")
        self._below = [Path(folder).expanduser().resolve()] if folder else self._roots
        outside = [below for below in self._below if not any(below.is_relative_to(root) for root in self._roots)]
        if outside or not all(below.is_dir() for below in self._below):
            raise ValueError(f"{folder} is no folder below {', '.join(map(str, self._roots))} ({FOLDERS_VARIABLE})")

    def rows(self) -> Iterator[dict[str, Any]]:
        met: set[tuple[int, int]] = set()
        for below in self._below:
            root = next(root for root in self._roots if below.is_relative_to(root))
            for path in _files(below):
                state = path.stat(follow_symlinks=False)
                if (state.st_dev, state.st_ino) in met:
                    continue
                met.add((state.st_dev, state.st_ino))
                try:
                    kind, digest = _looked_at(path)
                except OSError:
                    kind, digest = "", ""  # it cannot be read: converting it says why
                if not self._kinds or kind in self._kinds:
                    name = os.fsencode(path.relative_to(root)).decode("utf-8", "replace")
                    yield {"path": name, "kind": kind, "size": state.st_size, "content_hash": digest}


def _files(folder: Path) -> Iterator[Path]:
    """Ordinary files that are not hidden, by name."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _looked_at(path: Path) -> tuple[str, str]:
    """Kind and digest."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        start = file.read(_START)
        digest.update(start)
        while piece := file.read(_PIECE):
            digest.update(piece)
    try:
        kind = kind_of(start, path.name)
        kind = kind_of_archive(path.read_bytes(), Options()) if kind == "zip" else kind
    except Stopped:
        kind = ""
    return kind, digest.hexdigest()


class InstalledDocuments(ListedRows):
    """Documents that every installation has: the Markdown, reStructuredText, HTML and text files of the installed packages, as files: columns `path`,
    `content` (bytes) and `package`. Files of less than 500 bytes are left out.
    """

    _SUFFIXES: Final = frozenset((".md", ".rst", ".html", ".htm", ".txt"))
    _SMALLEST: Final = 500

    columns = {"path": pa.string(), "content": pa.binary(), "package": pa.string()}

    def rows(self) -> Iterator[dict[str, Any]]:
        from resources.sources.installed_sources import source_files

        for file in source_files(self._SUFFIXES):
            content = file["text"].encode()
            if len(content) >= self._SMALLEST:
                yield {"path": f"pkg:pypi/{file['package']}#{file['filename']}", "content": content, "package": file["package"]}
