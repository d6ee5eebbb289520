"""Whether a question leads to the document that it is about, among all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.implausible_answers import as_said
from operators.bases.retrieval.corpus_index import index_of
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.retrieval.passages import NotRetrieved, Query, Retrieved
from operators.tables.columns import Input
from operators.tables.errors import Problem, closest


class FindableQuestionFilter(Filter):
    """Keep questions by which a search finds a document that they need: `findable(questions, chunks)`.

    "Which version of the library was released?" could be asked of many documents, and finds others. One of `document_ids`, row ids of the second
    table, or a copy of one of `documents`, has to be among the `first` passages found there by words (BM25, in any script). No model is asked. Of
    questions that lead from one document to the next, the one that they begin with is enough.
    """

    source = "round-trip retrieval of generated questions, as in Promptagator (Dai et al. 2023)"
    asks = (
        "drop questions that could be about any document",
        "does the question retrieve its own passage",
        "round trip filter for synthetic queries",
    )
    scope = "table"
    tables: ClassVar[tuple[str, ...]] = ("rows", "corpus")
    example: ClassVar[Mapping[str, Any]] = {"corpus_text": "question"}

    input_question = Input(str)
    input_document_ids = Input(list[str])
    input_documents = Input(list[str], "documents", optional=True, nulls="pass", description="their texts")

    corpus_text: str = Field("text", description="The column of the second table that is searched.")
    first: int = Field(1, ge=1, le=1000, description="Of the passages found, so many are looked at, the best first.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if not found and self.corpus_text not in tables[1].names:
            listed = ("columns", ", ".join(tables[1].names))
            what = f'corpus_text: column "{self.corpus_text}" does not exist in the corpus'
            found.append(Problem(what, details=(listed,), suggestion=closest(self.corpus_text, tables[1].names)))
        return found

    def keep_table(self, rows: RowsReader, corpus: RowsReader) -> Verdict:
        index = index_of(corpus.storage, self.corpus_text)
        reasons: list[str | None] = []
        for batch in rows.batches(["question", "document_ids", "documents"]):
            questions, needed = batch.column("question").to_pylist(), batch.column("document_ids").to_pylist()
            texts = batch.column("documents").to_pylist() if "documents" in batch.schema.names else [None] * batch.num_rows
            found = index.find([Query(question, {}) for question in questions], self.first, "words", None)
            reasons += [self._reason(*one) for one in zip(found, needed, texts, strict=True)]
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)

    def _reason(self, found: Retrieved, needed: list[str | None], texts: list[str | None] | None) -> str | None:
        if isinstance(found, NotRetrieved):
            return f"{self.name}: {found.reason}"
        said = {as_said(text) for text in texts or () if text}
        if any(passage.id in needed or as_said(passage.text) in said for passage in found):
            return None
        return f"{self.name}: a search finds {'others first, such as ' + found[0].id if found else 'nothing'}"
