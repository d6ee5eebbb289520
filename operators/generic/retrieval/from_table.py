"""Passages found in another table of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.retrieval.corpus_index import By, index_of
from operators.core.operator import Need
from operators.engine.batch import Batch, Processed
from operators.engine.rows_reader import RowsReader
from operators.generic.retrieval.finding import FindsPassages
from operators.tables.errors import Problem, closest
from operators.tables.types import ROW_ID


class RetrieveFromTable(FindsPassages):
    """Add to each question the passages of a second table that fit it best: `found = retrieve(questions, chunks)`.

    By "words": BM25, in any script. By "meaning": the cosine of embeddings, compared with all of them. By "both": the two rankings made one by
    reciprocal rank fusion. The ids are the row ids of the second table; rows of it without a text are never found. The index of more than 2,000 rows
    is kept in the cache folder (DATAFLOW_INDEXES) under a hash of their content, mapped into memory, and made again only where the content changes.
    """

    source = "BM25 (Robertson and Zaragoza 2009); reciprocal rank fusion (Cormack et al. 2009)"
    asks = ("find the chunks that answer each question", "BM25 or vector search over another table", "hybrid retrieval for RAG")
    scope: ClassVar[Literal["row", "table"]] = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "corpus")
    example: ClassVar[Mapping[str, Any]] = {"corpus_text": "question"}

    by: By = Field("words", description="What a question and a passage have to share.")
    corpus_text: str = Field("text", description="The column of the second table that is searched.")
    embedding: str = Field("embedding", description='The resource that embeds, unless by="words".')

    @property
    def needs(self) -> tuple[Need, ...]:  # type: ignore[override]
        return () if self.by == "words" else ("embedding",)

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        corpus = tables[1]
        for parameter, column in (("corpus_text", self.corpus_text), *(("only", name) for name, _ in self.only)):
            if column not in corpus.names:
                listed = ("columns", ", ".join(corpus.names))
                what = f'{parameter}: column "{column}" does not exist in the corpus'
                found.append(Problem(what, details=(listed,), suggestion=closest(column, corpus.names)))
            elif parameter == "corpus_text" and not (
                pa.types.is_string(corpus.field(column).type) or pa.types.is_large_string(corpus.field(column).type)
            ):
                found.append(Problem(f'corpus_text: column "{column}" of the corpus is {corpus.field(column).type}, and only text is searched'))
        return found

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        lineage = super().column_lineage(*tables)
        made = self.output_columns()
        lineage[made["passages"]] = [*lineage[made["passages"]], (1, ROW_ID), (1, self.corpus_text)]
        lineage[made["ids"]] = [*lineage[made["ids"]], (1, ROW_ID)]
        return lineage

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        """Batch by batch: what is found is never in memory for all questions."""
        rows, corpus = tables
        index = index_of(corpus.storage, self.corpus_text, [name for name, _ in self.only])
        for batch in rows.storage.batches():
            yield self.found_for(Batch(batch), lambda queries: index.find(queries, self.top, self.by, resources.get("embedding")))
