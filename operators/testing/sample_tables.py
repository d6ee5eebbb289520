"""Tables for any operator: the columns that it reads, with ordinary, odd, huge and missing values, and columns that it must leave alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from operators.core.operator import Operator
from operators.tables.row_ids import with_row_ids
from operators.tables.storage import MemoryStorage
from operators.tables.types import ROW_ID, arrow_type

ORDINARY_TEXTS = (
    "The quick brown fox jumps over the lazy dog. It does so every day, and nobody knows why.",
    "The ferry leaves the harbour at six in the morning and comes back with the last light of the day.",
    "A good bread needs flour, water, salt and time; most of all it needs time, which is why we start the evening before.",
    "She asked him what the capital of the country was, and he answered without looking up from his newspaper.",
)
ODD_TEXTS = (
    "",
    " ",
    "\n\n\t ",
    ORDINARY_TEXTS[0],
    "这是一个中文句子。它没有空格！真的吗？",
    "これは日本語の文章です。とても短いです。",
    "هذا نص عربي قصير. شكرا!",
    "ภาษาไทยไม่มีช่องว่าง",
    "emoji 👩‍👩‍👧‍👦 and flags 🇫🇷 and e\u0301 combining",
    "\u200b\u200e\ufeff zero widths \u2028 line separator \x0b\x0c \x85 next line",
    "<p>Some <b>HTML</b> &amp; an <a href='http://x.org'>link</a></p><script>var javascript = 1;</script>",
    "a < b and c > d; if (x) { y(); } // code",
    "null\x01control\x1fcharacters\x7f",
    "word " * 3000,
    "x" * 20_000,
    "no punctuation at all " * 40,
    "line\n" * 500,
    "- item one\n- item two\n• item three\n* four",
    "lorem ipsum dolor sit amet:",
    "ﬀ ligature ① ½ ＡＢＣ full width ： colon：",
    "\U0010ffff\ue000 private use",
    "The quick brown fox jumps over the lazy dog. It does so every day, and nobody knows why!",
)
UNTOUCHED = (pa.field("untouched", pa.string()), pa.field("untouched_number", pa.int64()))
"""Columns that no operator knows."""


def columns_read(operator: Operator, optional: bool = True) -> list[pa.Field]:
    """The columns that an operator reads from its first table, as a table would have them, but for row_id; and others, that it must leave alone."""
    bound = operator.input_columns()
    declared_inputs = {short: declared for short, declared in operator.inputs().items() if optional or not declared.optional}
    read = {bound[short]: arrow_type(declared.type) or pa.string() for short, declared in declared_inputs.items()}
    return [*(pa.field(name, type_) for name, type_ in read.items() if name != ROW_ID), *UNTOUCHED]


def sample_inputs(operator: Operator) -> dict[str, list[MemoryStorage]]:
    """What it is -> the input tables of an operator, one for each of `operator.tables`. The same on every call."""
    fields, required = columns_read(operator), columns_read(operator, optional=False)
    ordinary = [_row(fields, place, ORDINARY_TEXTS) for place in range(len(fields) + 1)]
    rows: dict[str, list[dict[str, Any]]] = {
        "no rows": [],
        "ordinary rows": ordinary,
        "odd rows": [_row(fields, place, ODD_TEXTS) for place in range(len(ODD_TEXTS))],
        "rows of nulls": [_without(row, place) for place, row in enumerate(ordinary)],
    }
    samples = {what: _inputs(operator, fields, of_it) for what, of_it in rows.items()}
    if required == fields:
        return samples
    return {**samples, "rows without optional columns": _inputs(operator, required, [_row(required, place, ORDINARY_TEXTS) for place in range(3)])}


def with_ids(rows: Sequence[Mapping[str, Any]], fields: Sequence[pa.Field]) -> pa.Table:
    """Rows as a table of these columns, with `row_id`."""
    table = pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
    batches = table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    return pa.Table.from_batches(list(with_row_ids(batches)))


def other_tables(operator: Operator, first: pa.Table, others: Sequence[pa.Table], shared: int) -> list[MemoryStorage]:
    """The first table and the others, which have ids of their own; where columns are taken from them, `shared` ids of the first."""
    tables = [first]
    for other in others:
        own = _with_ids(other, [f"other-{row_id}" for row_id in other.column(ROW_ID).to_pylist()])
        count = min(shared, first.num_rows, own.num_rows)
        ids = [*first.column(ROW_ID).to_pylist()[:count], *own.column(ROW_ID).to_pylist()[count:]]
        tables.append(_with_ids(own, ids) if columns_taken(operator) else own)
    return [MemoryStorage(table) for table in tables]


def columns_taken(operator: Operator) -> list[pa.Field]:
    """The columns that an operator takes from its second table, or looks up there; none where that has the columns of the first."""
    if looked_up := getattr(operator, "looked_up", ()):
        return list(looked_up)
    return [pa.field(name, pa.float64()) for name in getattr(operator, "take", ())]


def _inputs(operator: Operator, fields: Sequence[pa.Field], rows: Sequence[Mapping[str, Any]]) -> list[MemoryStorage]:
    first = with_ids(rows, fields)
    taken = columns_taken(operator) or fields
    other = with_ids([_row(taken, place, ORDINARY_TEXTS) for place in range(min(len(rows), 3))], taken)
    return other_tables(operator, first, [other] * (len(operator.tables) - 1), shared=2)


def _row(fields: Sequence[pa.Field], place: int, texts: Sequence[str]) -> dict[str, Any]:
    return {field.name: sample_value(field.type, place + number, texts) for number, field in enumerate(fields)}


def _without(row: dict[str, Any], place: int) -> dict[str, Any]:
    """The row with a null in one column, or, after the last, in all."""
    return {name: None if number == place or place == len(row) else value for number, (name, value) in enumerate(row.items())}


def sample_value(type_: pa.DataType, place: int, texts: Sequence[str]) -> Any:
    """A value of a column of this type."""
    if pa.types.is_string(type_):
        return texts[place % len(texts)]
    if pa.types.is_integer(type_):
        return place
    if pa.types.is_floating(type_):
        return place / 4
    if pa.types.is_boolean(type_):
        return place % 2 == 0
    if pa.types.is_list(type_):
        return [sample_value(type_.value_type, place + item, texts) for item in range(1 + place % 3)]
    if pa.types.is_struct(type_):
        return {field.name: sample_value(field.type, place, texts) for field in type_}
    if type_ == pa.json_():
        return '{"a": [1, "b", null]}'
    if pa.types.is_binary(type_):
        return texts[place % len(texts)].encode()
    raise NotImplementedError(f"there is no sample value of type {type_}: give check_operator tables of your own, inputs=[...]")


def _with_ids(table: pa.Table, ids: Sequence[str]) -> pa.Table:
    return table.set_column(0, table.schema.field(0), pa.array(ids, pa.string()))
