"""Tables for dedup filters, their vectors, and what became of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from operators import MemoryStorage
from operators.tables.storage import Storage

Vectors = np.ndarray[Any, np.dtype[np.float32]]


DIMENSIONS = 64


@cache
def _direction(word: str) -> Vectors:
    direction: Vectors = np.random.default_rng(list(word.encode())).standard_normal(DIMENSIONS).astype(np.float32)
    return direction


class BagOfWords:
    """Embeds a text by the words in it, each in a direction of its own (by the hash of the word), and notes the batches."""

    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(len(texts))
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row] += _direction(word)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors


def table(texts: Sequence[str | None], prefix: str = "", **columns: Sequence[Any]) -> MemoryStorage:
    ids = [f"{prefix}{row}" for row in range(len(texts))]
    return MemoryStorage(pa.table({"row_id": ids, "text": pa.array(texts, pa.string()), **columns}))


def run(operator: Any, *tables: Storage, **columns: str) -> tuple[list[str], dict[str, str]]:
    """The ids of the rows that stay, and the reasons of the others."""
    kept, rejected = MemoryStorage(), MemoryStorage()
    operator.run(*tables, into=kept, rejected=rejected, resources={"embedding": BagOfWords()}, **columns)
    aside = rejected.read().to_pylist()
    return kept.read()["row_id"].to_pylist(), {row["row_id"]: row["rejected_reason"] for row in aside}


class MeasuredStorage(Storage):
    """Texts made as they are read; notes which columns are asked for and how many bytes of Arrow are held at most, beyond those held before."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._held_before = pa.total_allocated_bytes()
        self.most_held = 0
        self.columns: set[str] = set()

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([("row_id", pa.string()), ("text", pa.string()), ("payload", pa.string())])

    def batches(self, columns: Sequence[str] | None = None, size: int = 100) -> Iterator[pa.RecordBatch]:
        self.columns |= set(columns or self.schema.names)
        for start in range(0, len(self._texts), 100):
            texts = self._texts[start : start + 100]
            rows = pa.record_batch({"row_id": [str(start + row) for row in range(len(texts))], "text": texts, "payload": texts})
            yield rows.select(list(columns)) if columns else rows
            del rows
            self.most_held = max(self.most_held, pa.total_allocated_bytes() - self._held_before)

    def writer(self, schema: pa.Schema) -> Any:
        raise NotImplementedError("only read")

    def count_rows(self) -> int:
        return len(self._texts)
