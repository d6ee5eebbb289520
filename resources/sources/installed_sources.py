"""Source files that every installation has: Python's standard library, and what the installed packages bring along."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

from resources.sources.listed import ListedRows

_SUFFIXES = frozenset(
    ".py .pyi .pyx .pxd .c .h .cc .cpp .hpp .cu .cuh .f .f90 .rs .go .java .js .mjs .ts .tsx .jsx .css .scss .html .htm .xml .json .yaml .yml .toml "
    ".ini .cfg .sh .bash .ps1 .bat .sql .proto .md .rst .txt .tex .r .lua .rb .pl .m .jl .cmake .jinja .jinja2 .j2 .ipynb .svg "
    ".csv .vue .thrift".split()
)
_LARGEST_FILE = 1_000_000


class InstalledSources(ListedRows):
    """Programs, pages and data files of the standard library and of the installed packages: columns `text`, `filename` (its path in the package) and
    `package`. Files of over a megabyte, and those that are not UTF-8, are left out. The same installation gives the same rows.
    """

    columns = dict.fromkeys(("text", "filename", "package"), pa.string())

    def rows(self) -> Iterator[dict[str, Any]]:
        return source_files()


def source_files(suffixes: frozenset[str] = _SUFFIXES) -> Iterator[dict[str, Any]]:
    """One row a file, each file once, in an order that depends on names alone."""
    met: set[str] = set()
    for package, filename, path in _paths():
        if path.suffix.lower() not in suffixes or str(path) in met:
            continue
        met.add(str(path))
        text = _text_of(path)
        if text is not None:
            yield {"text": text, "filename": filename, "package": package}


def _paths() -> Iterator[tuple[str, str, Path]]:
    """(package, path in it, file) of the standard library, then of each distribution."""
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*")):
        inside = path.relative_to(library)
        if inside.parts[0] not in ("site-packages", "dist-packages") and "__pycache__" not in inside.parts:
            yield "python", inside.as_posix(), path
    for distribution in sorted(metadata.distributions(), key=lambda found: (found.metadata["Name"] or "").lower()):
        name = distribution.metadata["Name"] or "unknown"
        for file in sorted(distribution.files or (), key=str):
            if ".dist-info/" not in str(file):
                yield name, file.as_posix(), Path(str(file.locate()))


def _text_of(path: Path) -> str | None:
    """None for what is no file, too large, empty, or not UTF-8."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            return None
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if text.strip() and "\0" not in text else None
