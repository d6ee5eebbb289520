"""Files and web pages to Markdown."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Generate
from operators.document_model.blocks import Block, Place
from operators.document_model.column import BLOCKS, rows_of_blocks
from operators.document_model.conversion import NOTHING_FOUND_OUT, Conversion, NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_writing import markdown_of
from operators.document_model.pictures import named_from
from operators.document_model.serving import DocumentServing
from operators.documents.parts import DocumentPart, without_parts
from operators.engine.batch import Batch, Outcome, Processed, Rejection
from operators.engine.calls import column_of
from operators.engine.nulls import present_inputs
from operators.tables.columns import Input, Output

_ARCHIVES: Final = ("docx", "pptx", "epub")
"""Formats whose pictures are parts of the file."""


class ConvertsDocuments(Generate, abstract=True):
    """Makes one document of the files that each row names. A row whose files cannot all be converted is set aside with the reason."""

    needs = ("documents",)

    output_text = Output(str, description="Markdown.")
    output_title = Output(str)
    output_pages = Output(int, description="Pages, slides or sheets; null where the format has none.")
    output_format = Output(str, "document_format", description="Told by the bytes: pdf, html, docx, ...")
    output_converter = Output(str, "converter", description="Which converter made the text, with its version.")
    output_notes = Output(list[str], "conversion_notes", description="What was left out, such as pages that are pictures.")
    output_blocks = Output(BLOCKS, "blocks", description="The parts of the document, with page and box.")

    documents: str = Field("documents", description="The resource that converts.")
    places: bool = Field(False, description="Write page and box of each block into the Markdown, as comments.")
    drop: tuple[DocumentPart, ...] = Field((), description="Parts that are left out, such as references and contents.")

    @abstractmethod
    def sources(self, batch: Batch) -> list[list[Source]]:
        """The files of each row; none for a row that names none."""

    @abstractmethod
    def document(self, sources: Sequence[Source], conversions: Sequence[Conversion]) -> Conversion:
        """What the conversions of a row's files come to."""

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        serving: DocumentServing = resources["documents"]
        of_rows = self.sources(batch)
        converted: Iterator[Conversion] = iter(serving.convert_all(source for sources in of_rows for source in sources))
        made: list[Document] = []
        good = np.zeros(len(batch), dtype=bool)
        aside: dict[Outcome, list[tuple[int, str]]] = defaultdict(list)
        for place, sources in enumerate(of_rows):
            conversions = list(islice(converted, len(sources)))
            conversion = self.document(sources, conversions) if sources else NotConverted("not found", "the row names no file")
            if isinstance(conversion, NotConverted):
                aside["failed" if conversion.cause in NOTHING_FOUND_OUT else "filtered"].append((place, str(conversion)))
            else:
                good[place] = True
                made.append(without_parts(conversion, self.drop))
        kept = batch.filter(good)
        schema = self.schema_out(batch.rows.schema)
        columns = self._columns(made)
        arrays = [columns[name] if name in columns else kept.column(name) for name in schema.names]
        rejections = [
            Rejection(batch.rows.take(pa.array([place for place, _ in told], pa.int64())), [why for _, why in told], self.name, outcome)
            for outcome, told in aside.items()
        ]
        return Processed(Batch(pa.RecordBatch.from_arrays(arrays, schema=schema)), rejections)

    def _columns(self, documents: Sequence[Document]) -> dict[str, pa.Array]:
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


class ConvertDocuments(ConvertsDocuments):
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

    input_path = Input(str, nulls="pass", description="Path below an allowed folder, or an address (http, https).")
    input_content = Input(bytes, optional=True, nulls="pass", description="The file itself.")

    def sources(self, batch: Batch) -> list[list[Source]]:
        present = present_inputs(self, batch.rows)
        paths = batch.column(present["path"]).to_pylist()
        contents = batch.column(present["content"]).to_pylist() if "content" in present else [None] * len(batch)
        pairs = zip(paths, contents, strict=True)
        return [[Source(path or "", content)] if path or content is not None else [] for path, content in pairs]

    def document(self, sources: Sequence[Source], conversions: Sequence[Conversion]) -> Conversion:
        return conversions[0]


class ConvertDocumentSets(ConvertsDocuments):
    """Convert the files of each row, such as a book of questions and its book of answers, and put them together to one document, in their order.

    `paths` is a list of paths or addresses. A file that cannot be converted sets the whole row aside, and the reason names it: a part that is
    missing is never left out. The `source` of each block is its file, and figures are named with it; pages are counted in each file.
    """

    covers = ("PDF_Merger",)
    asks = ("merge the question book and the answer book", "join several PDFs of one book into one document", "combine the parts of a document")

    input_paths = Input(list[str], description="Paths below an allowed folder, or addresses, in the order of the parts.")

    def sources(self, batch: Batch) -> list[list[Source]]:
        rows = batch.column(self.input_columns()["paths"]).to_pylist()
        return [[Source(path or "") for path in paths or ()] for paths in rows]

    def document(self, sources: Sequence[Source], conversions: Sequence[Conversion]) -> Conversion:
        parts: list[Document] = []
        for source, conversion in zip(sources, conversions, strict=True):
            if isinstance(conversion, NotConverted):
                return replace(conversion, message=f"{source.path}: {conversion.message}")
            parts.append(conversion)
        blocks = tuple(_of_file(block, source.path, part.kind) for source, part in zip(sources, parts, strict=True) for block in part.blocks)
        pages = sum(part.pages for part in parts if part.pages is not None) if any(part.pages is not None for part in parts) else None
        kinds, converters = (", ".join(dict.fromkeys(values)) for values in ([part.kind for part in parts], [part.converter for part in parts]))
        notes = tuple(f"{source.path}: {note}" for source, part in zip(sources, parts, strict=True) for note in part.notes)
        return Document(blocks, parts[0].heading(), pages, kinds, converters, notes)


def _of_file(block: Block, path: str, kind: str) -> Block:
    """The block as one of several files: its source is the file, and a figure is named from there."""
    target = named_from(path, block.target, inside=kind in _ARCHIVES)
    return replace(block, target=target, place=Place(block.place.page, block.place.box, path))
