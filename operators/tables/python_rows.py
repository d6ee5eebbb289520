"""Rows as Python has them: a list of texts or of dicts, a dict of columns. They get the types that the same rows in a JSON file would have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from operators.tables.errors import ColumnError, Problem
from operators.tables.files.conversion import declared_array
from operators.tables.files.errors import FileFormatError
from operators.tables.files.json.inference import ColumnKinds

TEXT = "text"
FEW = 10_000
_JSON = {type(None), bool, int, float, str, list, dict}


def table_of_columns(columns: Mapping[str, Iterable[Any]]) -> pa.Table:
    """Column name -> its values. Raises ColumnError: a column is one value, they are not equally many, or a column mixes types."""
    single = [str(name) for name, column in columns.items() if isinstance(column, str | bytes | Mapping) or not isinstance(column, Iterable)]
    if single:
        what = f"a dict holds columns, and {', '.join(single)} {'is' if len(single) == 1 else 'are'} no list of values"
        raise ColumnError([Problem(what, suggestion='one row is given as [{"text": "..."}], a column as {"text": ["..."]}')])
    values = {str(name): list(column) for name, column in columns.items()}
    counts = {name: len(column) for name, column in values.items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise ColumnError([Problem("the columns have different numbers of values", details=(("values", listed),))])
    return _table(values)


def table_of_rows(rows: Sequence[Any]) -> pa.Table:
    """Texts as the column "text"; dicts with the columns that any of them has, null where one lacks it. No row at all is no text.

    Raises:
        ColumnError: a row is neither a text nor a dict, or a column mixes types.
    """
    if all(row is None or isinstance(row, str) for row in rows):
        return pa.table({TEXT: _texts(rows)})
    for place, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            kinds = sorted({type(other).__name__ for other in rows})
            what = f"rows are all dicts or all texts, and row {place} is {type(row).__name__}"
            raise ColumnError([Problem(what, details=(("rows", ", ".join(kinds)),), suggestion='give dicts: {"text": "..."}')])
    names = dict.fromkeys(name for row in rows for name in row)
    return _table({str(name): [row.get(name) for row in rows] for name in names})


def _texts(rows: Sequence[str | None]) -> pa.Array:
    """pyarrow imports pandas when it first makes an array of a list: that takes longer than all else that is done with a few texts."""
    if len(rows) > FEW:
        return pa.array(rows, pa.string())
    builder = pa.lib.StringBuilder()
    builder.append_values(rows)
    return builder.finish()


def _table(columns: Mapping[str, list[Any]]) -> pa.Table:
    problems, arrays = [], {}
    for name, values in columns.items():
        try:
            arrays[name] = _array(name, values)
        except (FileFormatError, pa.ArrowException, OverflowError, TypeError, ValueError) as error:
            arrow = isinstance(error, pa.ArrowException | OverflowError)
            what = f'column "{name}" has no one type: {str(error).partition(chr(10))[0]}' if arrow else str(error).partition(" Declare it")[0]
            problems.append(Problem(what, suggestion="make its values one type, such as text, or give a pyarrow Table, which says the type"))
    if problems:
        raise ColumnError(problems)
    return pa.table(arrays)


def _array(name: str, values: list[Any]) -> pa.Array:
    if not _is_json(values):
        return pa.array(values, from_pandas=False)
    kinds = ColumnKinds()
    kinds.observe(values, range(1, len(values) + 1), "row")
    type_ = kinds.arrow_type(name)
    array, mistakes = declared_array(values, type_)
    if mistakes:
        place, why = next(iter(mistakes.items()))
        raise ValueError(f'column "{name}": the value of row {place + 1} {why}')
    return array


def _is_json(values: Iterable[Any]) -> bool:
    """Whether JSON knows every value, at any depth."""
    for value in values:
        if type(value) not in _JSON:
            return False
        if type(value) is list and not _is_json(value):
            return False
        if type(value) is dict and not (all(isinstance(key, str) for key in value) and _is_json(value.values())):
            return False
    return True
