"""Source files that every installation has: Python's standard library, and what the installed packages bring along."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

_SUFFIXES = frozenset(
    ".py .pyi .pyx .pxd .c .h .cc .cpp .hpp .cu .cuh .f .f90 .rs .go .java .js .mjs .ts .tsx .jsx .css .scss .html .htm .xml .json .yaml .yml .toml "
    ".ini .cfg .sh .bash .ps1 .bat .sql .proto .md .rst .txt .tex .r .lua .rb .pl .m .jl .cmake .jinja .jinja2 .j2 .ipynb .svg "
    ".csv .vue .thrift".split()
)
_LARGEST_FILE = 1_000_000


class InstalledSources(Storage):
    """Programs, pages and data files of the standard library and of the installed packages: columns `text`, `filename` (its path in the package) and
    `package`. Files of over a megabyte, and those that are not UTF-8, are left out. The same installation gives the same rows.
    """

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([("text", pa.string()), ("filename", pa.string()), ("package", pa.string())])

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        files = source_files()
        while rows := list(islice(files, size)):
            batch = pa.RecordBatch.from_pylist(rows, schema=self.schema)
            yield batch if columns is None else batch.select(list(columns))

    def count_rows(self) -> int:
        return sum(1 for _ in source_files())

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise TypeError("the sources of the installed packages can only be read")


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
