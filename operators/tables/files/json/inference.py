"""Which Arrow type holds every value of a JSON column exactly. Nothing is guessed from a sample: every value is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.tables.files.errors import FileFormatError

MAX_FIELDS = 200
"""Objects with more keys than this are kept as JSON: their keys are data."""
MAX_DEPTH = 16
DECIMAL_DIGITS = 38
EXACT_IN_FLOAT = 2**53

_KIND_NAMES = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "an array", dict: "an object"}


class Doubtful(Exception):
    """What Arrow made of a column does not tell what stood in the file: the values have to be looked at one by one."""


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

    def observe(self, values: Sequence[Any], places: Sequence[str | int], path: str) -> None:
        """Take note of values and the lines they stand on."""
        kinds = dict.fromkeys(map(type, values))
        for kind in [kind for kind in kinds if kind not in self.first_lines and kind is not type(None)]:
            self.first_lines[kind] = f"{path}:{next(place for value, place in zip(values, places, strict=True) if type(value) is kind)}"
        if int in kinds:
            self._observe_integers(values if len(kinds) == 1 else [value for value in values if type(value) is int], values, places, path)
        if (list in kinds or dict in kinds) and not self.irregular:
            try:
                self._observe_nested(values, path)
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

    def _observe_nested(self, values: Sequence[Any], path: str) -> None:
        if self._depth >= MAX_DEPTH:
            raise Irregular
        if items := list(chain.from_iterable(value for value in values if type(value) is list)):
            if self.items is None:
                self.items = ColumnKinds(self._depth + 1)
            self.items.observe(items, [""] * len(items), path)
        objects = [value for value in values if type(value) is dict]
        if not objects:
            return
        fields = self._fields(list(objects[0]))
        keys = fields.keys()
        if any(value.keys() != keys for value in objects):
            raise Irregular
        for name, field in fields.items():
            field.observe([value[name] for value in objects], [""] * len(objects), path)

    def _fields(self, names: Sequence[str]) -> dict[str, ColumnKinds]:
        """Those of the objects seen before, or new ones of these names."""
        if self.fields is None:
            if not 0 < len(names) <= MAX_FIELDS or "" in names or len({name.lower() for name in names}) < len(names):
                raise Irregular
            self.fields = {name: ColumnKinds(self._depth + 1) for name in names}
        return self.fields

    def observe_array(self, array: pa.Array, place: str) -> None:
        """Take note of what Arrow's JSON reader made of values that begin at `place`. Raises Doubtful where it may have changed them."""
        type_ = array.type
        if len(array) == array.null_count:
            return
        if pa.types.is_string(type_) or pa.types.is_timestamp(type_):  # a text that looks like a time is one to Arrow
            self.first_lines.setdefault(str, place)
        elif pa.types.is_boolean(type_):
            self.first_lines.setdefault(bool, place)
        elif pa.types.is_int64(type_):
            self.first_lines.setdefault(int, place)
            self._observe_int64(array, place)
        elif pa.types.is_float64(type_):
            if not is_certain(array):
                raise Doubtful
            self.first_lines.setdefault(float, place)
        elif self._depth >= MAX_DEPTH or not pa.types.is_nested(type_):
            raise Doubtful
        elif pa.types.is_list(type_):
            self.first_lines.setdefault(list, place)
            if not self.irregular and len(items := array.flatten()):
                if self.items is None:
                    self.items = ColumnKinds(self._depth + 1)
                self.items.observe_array(items, place)
        else:
            self.first_lines.setdefault(dict, place)
            if not self.irregular:
                self._observe_structs(array.drop_null(), place)

    def _observe_int64(self, array: pa.Array, place: str) -> None:
        limits = pc.min_max(array)
        low, high = limits["min"].as_py(), limits["max"].as_py()
        self.smallest, self.largest = min(self.smallest, low), max(self.largest, high)
        if self.not_float is None and max(-low, high) > EXACT_IN_FLOAT:
            wrong = next((value for value in array.to_pylist() if value is not None and not _float_equals(value)), None)
            self.not_float = None if wrong is None else (wrong, place)

    def _observe_structs(self, array: pa.StructArray, place: str) -> None:
        names = [field.name for field in array.type]
        children = array.flatten()
        # a key that an object lacks is a null to Arrow
        if any(child.null_count for child in children):
            raise Doubtful
        try:
            fields = self._fields(names)
        except Irregular:
            raise Doubtful from None
        if fields.keys() != set(names):
            raise Doubtful
        for name, child in zip(names, children, strict=True):
            fields[name].observe_array(child, place)

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


def is_certain(floats: pa.Array) -> bool:
    """Whether the numbers that Arrow read are those of the file: large ones may have been integers, and a zero below zero the integer "-0"."""
    values = floats.drop_null().to_numpy(zero_copy_only=False)
    return not (np.abs(values) >= EXACT_IN_FLOAT).any() and not np.signbit(values[values == 0]).any()


def _float_equals(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
