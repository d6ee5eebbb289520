"""The figures and tables of documents as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Generate
from operators.document_model.blocks import Block
from operators.document_model.column import BLOCKS, blocks_of_rows
from operators.document_model.conversion import NotConverted, Source
from operators.document_model.pictures import Picture, PictureResult, name_of, named_within
from operators.document_model.serving import DocumentServing
from operators.documents.cutting import CutsPictures
from operators.documents.figure_rows import FIGURE, NO_PICTURE, PICTURE
from operators.engine.nulls import present_inputs
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID

_DOCUMENTS_AT_ONCE: Final = 4
_ROWS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class _Figure:
    """A block with a picture: by which name, in which file, and where in it."""

    block: Block
    name: str
    path: str
    target: str
    caption: str


class FigureExtractor(CutsPictures, Generate):
    """Make a row of each figure of a document, with its picture; with `include_tables`, of each table of a PDF too.

    Places of PDF pages are drawn; pictures of DOCX, PPTX and EPUB are parts of the file; those of HTML and Markdown are files below the folder of the
    document. Nothing is fetched. `figure` is the name by which the Markdown of the document calls it. A figure whose picture cannot be had is a row
    too: `picture` is null and `no_picture` says why. Give it the table that ConvertDocuments or ConvertDocumentSets made.
    """

    asks = ("cut the figures out of PDFs as images", "extract pictures from papers and slides", "crop tables and charts for a vision model")
    scope: ClassVar[Literal["row", "table"]] = "table"
    adds_rows: ClassVar[bool] = True
    reason_of_unused: ClassVar[str] = "the document has no figures"

    input_blocks = Input(BLOCKS)
    input_path = Input(str, optional=True, nulls="pass", description="the file; without this column the source of each block names it")
    input_content = Input(bytes, optional=True, nulls="pass", description="the file itself")
    output_figure = Output(str, FIGURE, description="its name in the document")
    output_kind = Output(str, "figure_kind", description='"figure" or "table"')
    output_page = Output(int, "figure_page", description="null where the format has none")
    output_caption = Output(str, "figure_caption", description="below or above it; empty where there is none")
    output_picture = Output(bytes, PICTURE, description="a PNG where a page was drawn, else the file; null where there is none")
    output_no_picture = Output(str, NO_PICTURE, description="why there is no picture; null where there is one")

    include_tables: bool = Field(False, description="Tables of PDF pages as well.")
    max_figures: int = Field(2000, ge=1, description="Figures of one document; of further ones no picture is made, and they say so.")

    def _carried(self, schema: pa.Schema) -> list[str]:
        """Not the document itself."""
        whole = {column for short, column in self.input_columns().items() if short != "path"}
        return [name for name in super()._carried(schema) if name not in whole]

    def generate_table(self, rows: RowsReader, documents: DocumentServing) -> Iterator[pa.RecordBatch]:
        schema = self.schema_out(rows.storage.schema)
        columns = present_inputs(self, rows.storage.schema)
        wanted = [name for name in rows.storage.schema.names if name in (ROW_ID, *columns.values()) or name in schema.names]
        for batch in rows.storage.batches(wanted, size=_DOCUMENTS_AT_ONCE):
            for place in range(batch.num_rows):
                row = batch.slice(place, 1)
                known = {short: row.column(column)[0].as_py() for short, column in columns.items()}
                if known["blocks"]:
                    made = self._rows(known, "path" in columns, documents)
                    while some := list(islice(made, _ROWS_AT_ONCE)):
                        yield self._batch(row, some, schema)

    def _rows(self, known: dict[str, Any], has_path: bool, serving: DocumentServing) -> Iterator[dict[str, Any]]:
        figures = list(_figures(blocks_of_rows(known["blocks"]), (known.get("path") or "") if has_path else None, self.include_tables))
        cut = self._pictures(figures[: self.max_figures], known.get("content"), serving)
        too_many = NotConverted("size limit", f"the document has {len(figures):,} figures, more than max_figures={self.max_figures}")
        for place, one in enumerate(figures):
            result = next(cut) if place < self.max_figures else too_many
            yield {
                "figure": one.name,
                "kind": one.block.kind,
                "page": one.block.place.page,
                "caption": one.caption,
                "picture": result.content if isinstance(result, Picture) else None,
                "no_picture": None if isinstance(result, Picture) else str(result),
            }

    def _pictures(self, figures: Sequence[_Figure], content: bytes | None, serving: DocumentServing) -> Iterator[PictureResult]:
        for path, some in groupby(figures, lambda one: one.path):
            yield from self.cut(serving, Source(path, content), [one.target for one in some])

    def _batch(self, row: pa.RecordBatch, made: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
        fields = self._output_fields()
        new = {field.name: pa.array([one[short] for one in made], field.type) for short, field in fields.items()}
        new[PARENT_IDS] = pa.array([[row.column(ROW_ID)[0].as_py()]] * len(made), PARENT_IDS_FIELD.type)
        parent = pa.array([0] * len(made), pa.int64())
        kept = [field for field in schema if field.name != ROW_ID]
        arrays = [new[field.name] if field.name in new else row.column(field.name).take(parent) for field in kept]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(kept))


def _figures(blocks: Sequence[Block], path: str | None, tables: bool) -> Iterator[_Figure]:
    """The blocks that have a picture, each name once. Without a path, the source of each block is its file."""
    names: set[str] = set()
    for place, block in enumerate(blocks):
        name = name_of(block) if block.kind == "figure" or tables else ""
        if not name or name in names:
            continue
        names.add(name)
        if path is None:
            yield _Figure(block, name, block.place.source, named_within(block.place.source, name), _caption(blocks, place))
        else:
            yield _Figure(block, name, path, name, _caption(blocks, place))


def _caption(blocks: Sequence[Block], place: int) -> str:
    """The caption that follows, or else the one before."""
    around = [*blocks[place + 1 : place + 2], *blocks[max(0, place - 1) : place]]
    return next((block.text for block in around if block.kind == "caption"), "")
