"""Small operators and tables that the tests of the core share. None is registered: they are defined where tests call `define`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output
from operators.tables.row_ids import with_row_ids
from operators.tables.storage import MemoryStorage
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD


class Length(Evaluate, abstract=True):
    """Characters of a text; the text "bad" raises."""

    input_text = Input(str)
    output_length = Output(int)

    def evaluate(self, text: str) -> int:
        if text == "bad":
            raise ValueError("a bad text")
        return len(text)


class LengthOfBatch(Evaluate, abstract=True):
    """The same, a batch at a time."""

    input_text = Input(str)
    output_length = Output(int)

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        if "bad" in text.to_pylist():
            raise ValueError("a bad text")
        return pa.compute.utf8_length(text)


class Upper(Refine, abstract=True):
    """Capital letters; the text "bad" raises."""

    input_text = Input(str)

    def refine(self, text: str) -> str:
        if text == "bad":
            raise ValueError("a bad text")
        return text.upper()


class ShortOnly(Filter, abstract=True):
    """Keep texts of at most `most` characters; the text "bad" raises."""

    input_text = Input(str)
    most: int = 3

    def keep(self, text: str) -> tuple[bool, str]:
        if text == "bad":
            raise ValueError("a bad text")
        return len(text) <= self.most, f"{len(text)} characters"


class Words(Generate, abstract=True):
    """A row for each word; the text "bad" raises."""

    adds_rows = True
    input_text = Input(str)
    output_word = Output(str)

    def generate(self, text: str) -> list[dict[str, Any]]:
        if text == "bad":
            raise ValueError("a bad text")
        return [{"word": word} for word in text.split()]


class FirstOfEach(Filter, abstract=True):
    """Keep the first row of each text: a whole-table filter."""

    scope = "table"
    input_text = Input(str)

    def keep_table(self, rows: Any) -> Verdict:
        import numpy as np

        seen: set[str] = set()
        keep = []
        for batch in rows.batches(["text"]):
            for text in batch.column("text").to_pylist():
                keep.append(text not in seen)
                seen.add(text)
        return Verdict(np.array(keep, dtype=bool))


class Pairs(Generate, abstract=True):
    """A row for each text that both tables have, made from both rows: a join."""

    scope = "table"
    adds_rows = True
    tables = ("rows", "other")
    carry: Any = "none"
    input_text = Input(str)
    output_pair = Output(str)

    def generate_table(self, rows: Any, other: Any) -> Iterator[pa.RecordBatch]:
        partners = {text: row_id for batch in other.batches() for row_id, text in zip(*batch.to_pydict().values(), strict=True)}
        for batch in rows.batches():
            found = [(text, [row_id, partners[text]]) for row_id, text in zip(*batch.to_pydict().values(), strict=True) if text in partners]
            yield pa.RecordBatch.from_arrays(
                [pa.array([text for text, _ in found], pa.string()), pa.array([ids for _, ids in found], PARENT_IDS_FIELD.type)],
                names=["pair", PARENT_IDS],
            )


def table(*texts: str | None, **columns: list[Any]) -> MemoryStorage:
    """A table with ids of texts and of further columns."""
    rows = pa.table({"text": pa.array(list(texts), pa.string()), **columns})
    batches = list(with_row_ids(rows.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]))
    return MemoryStorage(pa.Table.from_batches(batches))


def rows_of(storage: MemoryStorage) -> list[dict[str, Any]]:
    return list(storage.read().to_pylist())
