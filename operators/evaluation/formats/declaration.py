"""What a format of benchmark rows is: the columns that tell it, and how a row of it is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from operators.evaluation.items import Item
from operators.tables.types import type_name

Row: TypeAlias = Mapping[str, Any]
Reads: TypeAlias = Callable[[Row, int], Iterator[Item]]
"""The items of a row, given the number that its first option is called by where options are called by numbers."""
Family: TypeAlias = Literal["text", "integer", "list", "struct", "any"]


@dataclass(frozen=True)
class Format:
    """`columns` have to be there, in a type of their family; `optional` ones are read where they are there."""

    name: str
    about: str
    columns: Mapping[str, Family]
    read: Reads
    optional: Mapping[str, Family] = field(default_factory=dict)

    def items(self, row: Row, first: int) -> Iterator[Item]:
        """The items of a row, each with what the row gives to read with it."""
        for item in self.read(row, first):
            asked = item.shape != "text" and item.measure != "tests"
            yield replace(item, context=_passage(row)) if asked and item.context is None else item

    def unmet(self, schema: pa.Schema) -> list[str]:
        """What a table lacks to be of this format, in words; empty where it is."""
        said = []
        for name, family in self.columns.items():
            if name not in schema.names:
                said.append(f'it has no column "{name}"')
            elif not of_family(schema.field(name).type, family):
                said.append(f'its column "{name}" is {type_name(schema.field(name).type)}, not {_WORDS[family]}')
        return said


_PASSAGES = ("context", "passage", "article")
_WORDS: Mapping[Family, str] = {"text": "text", "integer": "a whole number", "list": "a list", "struct": "a struct", "any": "anything"}


def of_family(type_: pa.DataType, family: Family) -> bool:
    """Whether a column of this type can be read as one of a family. A column of nulls is of every family."""
    if family == "any" or pa.types.is_null(type_):
        return True
    if family == "text":
        return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))
    if family == "integer":
        return bool(pa.types.is_integer(type_))
    is_list = pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)
    if family == "list":
        return bool(is_list)
    return bool(pa.types.is_struct(type_)) or type_ == pa.json_()


def text(row: Row, column: str) -> str | None:
    """A cell as text, a number with all of its digits; None for null, NaN, a blank text and where the column is not there."""
    value = row.get(column)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    said = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return said if said.strip() else None


def _passage(row: Row) -> str | None:
    given = (row.get(column) for column in _PASSAGES)
    return next((passage for passage in given if isinstance(passage, str) and passage.strip()), None)


def needed(row: Row, column: str) -> str:
    """A cell that the item cannot do without.

    Raises:
        ValueError: it is null or blank.
    """
    found = text(row, column)
    if found is None:
        raise ValueError(f'the column "{column}" is empty')
    return found
