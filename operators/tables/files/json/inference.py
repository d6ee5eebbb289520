"""Which Arrow type holds every value of a JSON column exactly. Nothing is guessed from a sample: every value is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from operators.tables.files.errors import FileFormatError
from operators.tables.files.json.text import HUGE

MAX_FIELDS = 200
"""Objects with more keys than this are kept as JSON: their keys are data."""
MAX_DEPTH = 16
DECIMAL_DIGITS = 38
EXACT_IN_FLOAT = 2**53

_KIND_NAMES = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "an array", dict: "an object"}


class RoundedInteger(Exception):
    """A float that may be an integer which orjson rounded: the file must be read again with every digit kept."""


class Irregular(Exception):
    """Nested values of no common shape; only JSON text keeps them."""


class ColumnKinds:
    """What the values of one column are, and on which line each kind came first."""

    def __init__(self, depth: int = 0) -> None:
        self.first_lines: dict[type, str] = {}
        self.smallest = 0
        self.largest = 0
        self.not_float: tuple[int, str] | None = None  # an integer that no float equals, and its line
        self.items: ColumnKinds | None = None
        self.fields: dict[str, ColumnKinds] | None = None
        self.irregular = False
        self._depth = depth

    def observe(self, values: Sequence[Any], places: Sequence[str | int], path: str, exact: bool) -> None:
        """Take note of values and the lines they stand on. `exact` says that they were parsed with every digit kept."""
        kinds = set(map(type, values))
        for kind in kinds - self.first_lines.keys() - {type(None)}:
            self.first_lines[kind] = f"{path}:{next(place for value, place in zip(values, places, strict=True) if type(value) is kind)}"
        if float in kinds and not exact and any(abs(value) >= HUGE for value in values if type(value) is float):
            raise RoundedInteger
        if int in kinds:
            self._observe_integers(values if len(kinds) == 1 else [value for value in values if type(value) is int], values, places, path)
        if (list in kinds or dict in kinds) and not self.irregular:
            try:
                self._observe_nested(values, path, exact)
            except Irregular:
                self.irregular, self.items, self.fields = True, None, None

    def _observe_integers(self, integers: Sequence[int], values: Sequence[Any], places: Sequence[str | int], path: str) -> None:
        low, high = min(integers), max(integers)
        self.smallest, self.largest = min(self.smallest, low), max(self.largest, high)
        if self.not_float is None and max(-low, high) > EXACT_IN_FLOAT:
            for value, place in zip(values, places, strict=True):
                if type(value) is int and not _float_equals(value):
                    self.not_float = (value, f"{path}:{place}")
                    break

    def _observe_nested(self, values: Sequence[Any], path: str, exact: bool) -> None:
        if self._depth >= MAX_DEPTH:
            raise Irregular
        if items := list(chain.from_iterable(value for value in values if type(value) is list)):
            if self.items is None:
                self.items = ColumnKinds(self._depth + 1)
            self.items.observe(items, [""] * len(items), path, exact)
        objects = [value for value in values if type(value) is dict]
        if not objects:
            return
        if self.fields is None:
            names = list(objects[0])
            if not 0 < len(names) <= MAX_FIELDS or "" in names or len({name.lower() for name in names}) < len(names):
                raise Irregular
            self.fields = {name: ColumnKinds(self._depth + 1) for name in names}
        keys = self.fields.keys()
        if any(value.keys() != keys for value in objects):
            raise Irregular
        for name, field in self.fields.items():
            field.observe([value[name] for value in objects], [""] * len(objects), path, exact)

    def arrow_type(self, column: str) -> pa.DataType:
        """The type of the whole column; text if it has no value but null. Raises FileFormatError for kinds that do not mix."""
        if self.first_lines.keys() <= {list, dict} and self.first_lines:
            try:
                return self._type()
            except Irregular:
                return pa.json_()
        try:
            return self._type()
        except Irregular:
            raise FileFormatError(self._explain(column)) from None

    def _type(self) -> pa.DataType:
        kinds = set(self.first_lines)
        if self.irregular:
            raise Irregular
        if kinds <= {str}:
            return pa.string()
        if kinds == {bool}:
            return pa.bool_()
        if kinds == {int}:
            return self._integer_type()
        if kinds == {float} or (kinds == {int, float} and self.not_float is None and (self._depth == 0 or self._small())):
            return pa.float64()
        if kinds == {list}:
            return pa.list_(self.items._type() if self.items else pa.string())
        if kinds == {dict} and self.fields:
            return pa.struct([pa.field(name, field._type()) for name, field in self.fields.items()])
        raise Irregular

    def _small(self) -> bool:
        return max(-self.smallest, self.largest) <= EXACT_IN_FLOAT

    def _integer_type(self) -> pa.DataType:
        if self.smallest >= -(2**63) and self.largest < 2**63:
            return pa.int64()
        if self.smallest >= 0 and self.largest < 2**64:
            return pa.uint64()
        if max(-self.smallest, self.largest) < 10**DECIMAL_DIGITS and self._depth == 0:
            return pa.decimal128(DECIMAL_DIGITS, 0)
        raise Irregular

    def _explain(self, column: str) -> str:
        declare = f'Declare it as text, types={{"{column}": str}} (values that are not text keep their JSON text), or mend the file.'
        if set(self.first_lines) == {int}:
            return f'column "{column}" holds integers of more than {DECIMAL_DIGITS} digits. {declare}'
        if set(self.first_lines) == {int, float} and self.not_float:
            value, place = self.not_float
            return f'column "{column}" mixes fractions with integers that no float holds exactly ({value} at {place}). {declare}'
        by_name: dict[str, str] = {}
        for kind, place in self.first_lines.items():
            by_name.setdefault(_KIND_NAMES[kind], place)
        return f'column "{column}" mixes {" and ".join(f"{name} ({place})" for name, place in by_name.items())}. {declare}'


def _float_equals(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
