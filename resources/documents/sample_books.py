"""Two small books with exercises and answers at their backs, written for this project: to try `document_vqa` out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from resources.documents.registry import entry_for, what_is_missing
from resources.documents.sample_pdf import sample_pdf
from resources.sources.listed import ListedRows

_FOLDER: Final = Path(__file__).with_name("sample_books")
_WITH_FIGURES: Final = "garden_figures.pdf"


class SampleBooks(ListedRows):
    """The books as files: columns `path` (the name) and `content` (bytes). One has tables; the other, a PDF, figures.

    The PDF is there where PDFs can be read, that is with the extra [documents].
    """

    columns = {"path": pa.string(), "content": pa.binary()}

    def rows(self) -> Iterator[dict[str, Any]]:
        yield from ({"path": file.name, "content": file.read_bytes()} for file in sorted(_FOLDER.glob("*.md")))
        if what_is_missing(entry_for("pdf", {})) is None:
            yield {"path": _WITH_FIGURES, "content": sample_pdf()}
