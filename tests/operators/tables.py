"""Tables for any operator: the columns that it reads with ordinary, odd, huge and missing values, and columns that it must leave alone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from operators.core.operator import Operator
from operators.tables.row_ids import with_row_ids
from operators.tables.storage import MemoryStorage
from operators.tables.types import ROW_ID, arrow_type

ODD_TEXTS = (
    "",
    " ",
    "\n\n\t ",
    "The quick brown fox jumps over the lazy dog. It does so every day, and nobody knows why.",
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

texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))


def values(type_: pa.DataType | None) -> st.SearchStrategy[Any]:
    """Values of a column of this type."""
    if type_ is None or pa.types.is_string(type_):
        return texts
    if pa.types.is_integer(type_):
        return st.integers(-(2**40), 2**40)
    if pa.types.is_floating(type_):
        return st.floats(width=64)
    if pa.types.is_boolean(type_):
        return st.booleans()
    if pa.types.is_list(type_):
        return st.lists(values(type_.value_type), max_size=4)
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries({field.name: values(field.type) for field in type_})
    if type_ == pa.json_():
        return st.just('{"a": [1, "b", null]}')
    raise AssertionError(f"write a strategy for {type_}")


@st.composite
def inputs_of(draw: st.DrawFn, operator: Operator) -> list[MemoryStorage]:
    """One table for each that the operator takes. A second table has the columns to take, of some of the same rows and of others; or the columns
    of the first, with other rows."""
    read = {operator.input_columns()[short]: arrow_type(declared.type) or pa.string() for short, declared in operator.inputs().items()}
    first = [*(pa.field(name, type_) for name, type_ in read.items()), pa.field("untouched", pa.string()), pa.field("untouched_number", pa.int64())]
    tables = [draw(rows_with_ids(first))]
    taken = getattr(operator, "take", ())
    for _ in operator.tables[1:]:
        fields = [pa.field(name, pa.float64()) for name in taken] or first
        other = _with_other_ids(draw(rows_with_ids(fields)))
        tables.append(_with_some_ids_of(tables[0], other, draw(st.integers(0, 3))) if taken else other)
    return [MemoryStorage(table) for table in tables]


@st.composite
def rows_with_ids(draw: st.DrawFn, fields: list[pa.Field]) -> pa.Table:
    """Up to six rows of these columns, with nulls, and now and then an equal row."""
    rows = [{field.name: draw(st.none() | values(field.type)) for field in fields} for _ in range(draw(st.integers(0, 6)))]
    if rows and draw(st.booleans()):
        rows.append(dict(rows[0]))
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    batches = table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    return pa.Table.from_batches(list(with_row_ids(batches)))


def _with_some_ids_of(first: pa.Table, other: pa.Table, shared: int) -> pa.Table:
    shared = min(shared, first.num_rows, other.num_rows)
    ids = [*first.column(ROW_ID).to_pylist()[:shared], *other.column(ROW_ID).to_pylist()[shared:]]
    return other.set_column(0, other.schema.field(0), pa.array(ids, pa.string()))


def _with_other_ids(table: pa.Table) -> pa.Table:
    ids = pa.array([f"other-{row_id}" for row_id in table.column(ROW_ID).to_pylist()], pa.string())
    return table.set_column(0, table.schema.field(0), ids)
