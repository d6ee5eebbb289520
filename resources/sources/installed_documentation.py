"""Real, noisy documents that every installation has: what the installed Python packages say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

_DOCUMENT_NAMES = re.compile(
    r"(^|/)(readme|license|licence|copying|notice|changes|changelog|history|authors|contributing|security)[^/]*\.(md|rst|txt)$", re.IGNORECASE
)
_LARGEST_FILE = 200_000


class InstalledDocumentation(Storage):
    """The long descriptions (READMEs) of the installed packages, the text files that they bring along (licences, changelogs, READMEs) and
    Python's own help topics. A few hundred documents full of HTML, badges and near-duplicates, with columns `text`, `url` and `package`.
    """

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([("text", pa.string()), ("url", pa.string()), ("package", pa.string())])

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        rows = pa.Table.from_pylist(list(_documents()), schema=self.schema)
        yield from (rows if columns is None else rows.select(list(columns))).to_batches(max_chunksize=size)

    def count_rows(self) -> int:
        return sum(1 for _ in _documents())

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise TypeError("the documentation of the installed packages can only be read")


def _documents() -> Iterator[dict[str, str]]:
    """In an order that depends on names alone, so that the same installation gives the same table."""
    for distribution in sorted(metadata.distributions(), key=lambda found: (found.metadata["Name"] or "").lower()):
        name = distribution.metadata["Name"] or "unknown"
        description = distribution.metadata.get_payload()  # type: ignore[attr-defined]
        if not isinstance(description, str) or not description.strip():
            description = distribution.metadata["Description"] or ""
        if description.strip():
            yield {"text": description, "url": distribution.metadata["Home-page"] or f"pkg:pypi/{name}", "package": name}
        yield from _files_of(distribution, name)
    yield from _help_topics()


def _files_of(distribution: metadata.Distribution, name: str) -> Iterator[dict[str, str]]:
    for file in sorted(distribution.files or (), key=str):
        if not _DOCUMENT_NAMES.search(str(file)):
            continue
        path = Path(str(file.locate()))
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
            text = path.read_bytes().decode("utf-8", errors="replace").replace("\0", "")
            if text.strip():
                yield {"text": text, "url": f"pkg:pypi/{name}#{file}", "package": name}


def _help_topics() -> Iterator[dict[str, str]]:
    from pydoc_data.topics import topics

    for topic in sorted(topics):
        yield {"text": topics[topic], "url": f"pydoc:{topic}", "package": "python"}
