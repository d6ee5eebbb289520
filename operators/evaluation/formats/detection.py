"""Which format a table is of: the one that asks most of its columns and is met."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from operators.evaluation.formats.choices import CHOICE_FORMATS
from operators.evaluation.formats.declaration import Format, of_family
from operators.evaluation.formats.programs import PROGRAM_FORMATS
from operators.evaluation.formats.questions import QUESTION_FORMATS
from operators.tables.errors import Problem
from operators.tables.types import PARENT_IDS, ROW_ID

FORMATS: Final[dict[str, Format]] = {one.name: one for one in (*QUESTION_FORMATS, *CHOICE_FORMATS, *PROGRAM_FORMATS)}


def chosen_format(schema: pa.Schema) -> Format | None:
    """The format with the most columns of those that a table meets; of equals, the one with fewer columns of nulls, then with the more exact types.

    A format of open questions is not told for a table that has options: the questions would be asked without them. None where none is met.
    """

    def exactness(one: Format) -> tuple[int, int, int]:
        not_null = sum(not pa.types.is_null(schema.field(name).type) for name in one.columns)
        return len(one.columns), not_null, sum(family != "any" for family in one.columns.values())

    return max((one for one in _fitting(schema) if not one.unmet(schema)), key=exactness, default=None)


def _fitting(schema: pa.Schema) -> list[Format]:
    """The formats that read the columns "options" and "choices", where there are some in them; else all."""
    types = {name: schema.field(name).type for name in ("options", "choices") if name in schema.names}
    given = {name for name, type_ in types.items() if not pa.types.is_null(type_) and (of_family(type_, "list") or of_family(type_, "struct"))}
    return [one for one in FORMATS.values() if given <= set(one.columns)] or list(FORMATS.values())


def column_problems_of(schema: pa.Schema) -> list[Problem]:
    """What is wrong with a table of which no format is known; nothing where its columns are not known yet."""
    columns = [name for name in schema.names if name not in (ROW_ID, PARENT_IDS)]
    if not columns or chosen_format(schema) is not None:
        return []
    near = min(_fitting(schema), key=lambda one: (len(one.unmet(schema)) - 2 * sum(name in schema.names for name in one.columns), len(one.columns)))
    details = (("columns", ", ".join(columns)), ("formats", "; ".join(f"{one.name} ({', '.join(one.columns)})" for one in FORMATS.values())))
    remedy = f"nearest is {near.name}: {' and '.join(near.unmet(schema))}; rename columns, or say format=..."
    return [Problem("the table is of no known format of a benchmark", details=details, suggestion=remedy)]
