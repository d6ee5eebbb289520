"""Files and web pages to Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Generate
from operators.document_model.column import BLOCKS, rows_of_blocks
from operators.document_model.conversion import NOTHING_FOUND_OUT, NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_writing import markdown_of
from operators.document_model.serving import DocumentServing
from operators.engine.batch import Batch, Outcome, Processed, Rejection
from operators.engine.calls import column_of
from operators.engine.nulls import present_inputs
from operators.tables.columns import Input, Output


class ConvertDocuments(Generate):
    """Convert the file of each row (PDF, HTML, DOCX, PPTX, XLSX, EPUB, Markdown, RST, CSV, plain text in any encoding, scans with OCR) to Markdown.

    The column `path` holds paths below a folder that the documents resource allows, or addresses of the web; the column `content` holds the bytes
    themselves, where the table has it, and then the path is only their name. The format is told by the bytes. `blocks` are the parts of the
    document with page and box. A row whose file cannot be converted is set aside with the reason; its text is never an error message.
    """

    covers = (
        "FileOrURLToMarkdownConverterAPI",
        "FileOrURLToMarkdownConverterLocal",
        "FileOrURLToMarkdownConverterFlash",
        "MinerU2LLMInputOperator",
    )
    asks = (
        "turn PDFs and office files into Markdown",
        "extract the text of my documents",
        "read web pages, papers and books as text",
        "parse files with layout, pages and boxes",
    )
    needs = ("documents",)

    input_path = Input(str, nulls="pass", description="Path below an allowed folder, or an address (http, https).")
    input_content = Input(bytes, optional=True, nulls="pass", description="The file itself.")
    output_text = Output(str, description="Markdown.")
    output_title = Output(str)
    output_pages = Output(int, description="Pages, slides or sheets; null where the format has none.")
    output_format = Output(str, "document_format", description="Told by the bytes: pdf, html, docx, ...")
    output_converter = Output(str, "converter", description="Which converter made the text, with its version.")
    output_notes = Output(list[str], "conversion_notes", description="What was left out, such as pages that are pictures.")
    output_blocks = Output(BLOCKS, "blocks", description="The parts of the document, with page and box.")

    documents: str = Field("documents", description="The resource that converts.")
    places: bool = Field(False, description="Write page and box of each block into the Markdown, as comments.")

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        serving: DocumentServing = resources["documents"]
        present = present_inputs(self, batch.rows)
        paths = batch.column(present["path"]).to_pylist()
        contents = batch.column(present["content"]).to_pylist() if "content" in present else [None] * len(batch)
        sources = [Source(path or "", content) for path, content in zip(paths, contents, strict=True)]
        asked = [place for place, source in enumerate(sources) if source.path or source.content is not None]
        converted = dict(zip(asked, serving.convert_all(sources[place] for place in asked), strict=True))
        made: list[Document] = []
        good = np.zeros(len(batch), dtype=bool)
        aside: dict[Outcome, list[tuple[int, str]]] = defaultdict(list)
        for place in range(len(batch)):
            conversion = converted.get(place, NotConverted("not found", "the row names no file"))
            if isinstance(conversion, NotConverted):
                outcome: Outcome = "failed" if conversion.cause in NOTHING_FOUND_OUT else "filtered"
                aside[outcome].append((place, str(conversion)))
            else:
                good[place] = True
                made.append(conversion)
        kept = batch.filter(good)
        schema = self.schema_out(batch.rows.schema)
        columns = self._columns(made)
        arrays = [columns[name] if name in columns else kept.column(name) for name in schema.names]
        rejections = [
            Rejection(batch.rows.take(pa.array([place for place, _ in told], pa.int64())), [why for _, why in told], self.name, outcome)
            for outcome, told in aside.items()
        ]
        return Processed(Batch(pa.RecordBatch.from_arrays(arrays, schema=schema)), rejections)

    def _columns(self, documents: list[Document]) -> dict[str, pa.Array]:
        values: dict[str, list[Any]] = {
            "text": [markdown_of(document.blocks, self.places) for document in documents],
            "title": [document.heading() for document in documents],
            "pages": [document.pages for document in documents],
            "format": [document.kind for document in documents],
            "converter": [document.converter for document in documents],
            "notes": [list(document.notes) for document in documents],
            "blocks": [rows_of_blocks(document.blocks) for document in documents],
        }
        return {field.name: column_of(values[short], field.type) for short, field in self._output_fields().items()}
