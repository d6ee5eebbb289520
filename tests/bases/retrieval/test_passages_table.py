"""The content of a corpus has one hash, however it is cut into batches, and another when anything in it changes."""

from __future__ import annotations

import pyarrow as pa

from operators.bases.retrieval.passages_table import Passages, hash_of, passages_schema, read_passages
from operators.tables.storage import MemoryStorage

ROWS = [
    {"row_id": "1", "text": "one", "section": ["A", "B"]},
    {"row_id": "2", "text": None, "section": ["A"]},
    {"row_id": "3", "text": "three", "section": None},
]


SCHEMA = pa.schema([("row_id", pa.string()), ("text", pa.string()), ("section", pa.list_(pa.string()))])


def corpus(rows: list[dict[str, object]] = ROWS) -> MemoryStorage:
    return MemoryStorage(pa.Table.from_pylist(rows, schema=SCHEMA))


def hashed(storage: MemoryStorage, fields: tuple[str, ...] = ("section",), size: int = 100) -> str:
    class Cut(MemoryStorage):
        def batches(self, columns=None, _size=0):  # type: ignore[no-untyped-def]
            return super().batches(columns, size)

    return hash_of(read_passages(Cut(storage.read()), "text", fields))


def test_batches_do_not_change_the_hash_and_content_order_and_fields_do() -> None:
    whole = hashed(corpus())
    assert whole == hashed(corpus(), size=1) == hashed(corpus(), size=2)
    others = [hashed(corpus(list(reversed(ROWS)))), hashed(corpus(), ()), *(hashed(corpus([{**ROWS[0], **change}, *ROWS[1:]])) for change in CHANGES)]
    assert len({whole, *others}) == len(others) + 1


CHANGES: list[dict[str, object]] = [{"row_id": "9"}, {"text": "onE"}, {"text": "one1"}, {"section": ["A"]}, {"section": ["A, B"]}]


def test_a_row_has_a_value_when_one_of_its_list_is_that() -> None:
    batches = read_passages(corpus(), "text", ["section"])
    passages = Passages(pa.Table.from_batches(batches, schema=passages_schema(corpus().schema, ["section"])))
    masks = [passages.allowed({"section": value}) for value in ("A", "B", "C")]
    assert [mask.tolist() for mask in masks if mask is not None] == [[True, False], [True, False], [False, False]]
    assert passages.allowed({}) is None
