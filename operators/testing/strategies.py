"""Tables of any content, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.testing.sample_tables import ODD_TEXTS, columns_read, columns_taken, other_tables, with_ids

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError("tables are drawn by hypothesis, which is not installed: pip install hypothesis, or check_operator(..., examples=0)") from error

texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
"""Odd texts, and texts of any characters that a text can have."""


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
    if pa.types.is_binary(type_):
        return st.binary(max_size=20)
    raise NotImplementedError(f"there is no strategy for values of type {type_}: use check_operator(..., examples=0, inputs=[...])")


@st.composite
def inputs_of(draw: st.DrawFn, operator: Operator) -> list[MemoryStorage]:
    """One table for each that the operator takes. A second table has the columns to take, of some of the same rows and of others; or the columns
    of the first, with other rows."""
    fields = columns_read(operator)
    first = draw(rows_with_ids(fields))
    others = [draw(rows_with_ids(columns_taken(operator) or fields)) for _ in operator.tables[1:]]
    return other_tables(operator, first, others, draw(st.integers(0, 3)) if others else 0)


@st.composite
def rows_with_ids(draw: st.DrawFn, fields: Sequence[pa.Field]) -> pa.Table:
    """Up to six rows of these columns, with nulls, and now and then an equal row."""
    rows = [{field.name: draw(st.none() | values(field.type)) for field in fields} for _ in range(draw(st.integers(0, 6)))]
    equal = draw(st.booleans())
    if rows and equal:
        rows.append(dict(rows[0]))
    return with_ids(rows, fields)


def on_drawn_inputs(operator: Operator, examples: int, check: Callable[[list[MemoryStorage]], None]) -> None:
    """Call `check` on so many draws of `inputs_of(operator)`. What it raises is raised for the smallest inputs that were found to raise it."""

    @settings(deadline=None, max_examples=examples, database=None, report_multiple_bugs=False, suppress_health_check=list(HealthCheck))
    @given(tables=inputs_of(operator))
    def checked(tables: list[MemoryStorage]) -> None:
        check(tables)

    checked()
