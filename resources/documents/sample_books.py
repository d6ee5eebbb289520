"""A small textbook with exercises, tables and answers at its back, written for this project: to try `document_vqa` out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from resources.sources.listed import ListedRows

_FOLDER = Path(__file__).with_name("sample_books")


class SampleBooks(ListedRows):
    """The books as files: columns `path` (the name) and `content` (bytes)."""

    columns = {"path": pa.string(), "content": pa.binary()}

    def rows(self) -> Iterator[dict[str, Any]]:
        yield from ({"path": file.name, "content": file.read_bytes()} for file in sorted(_FOLDER.glob("*.md")))
