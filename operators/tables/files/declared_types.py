"""The column types that a user declares: Python types, their names as text (for YAML and the command line), or Arrow types."""

from __future__ import annotations

import datetime
from typing import Any, TypeAlias

import pyarrow as pa

from operators.tables.errors import closest
from operators.tables.files.errors import FileFormatError
from operators.tables.types import arrow_type

DeclaredType: TypeAlias = "type | str | pa.DataType"

_NAMED: dict[str, Any] = {
    **{kind.__name__: kind for kind in (str, int, float, bool, bytes, dict, list, datetime.date, datetime.datetime)},
    "json": dict,
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}


def declared_type(column: str, declared: DeclaredType) -> pa.DataType:
    """The Arrow type of a declaration; `dict`, `list`, "json" and Any keep any JSON as it is. Raises FileFormatError for what is no type."""
    try:
        if not isinstance(declared, str):
            return arrow_type(declared) or pa.json_()
        return arrow_type(_NAMED[declared]) if declared in _NAMED else pa.type_for_alias(declared)
    except (TypeError, ValueError):
        near = closest(str(declared), _NAMED)
        raise FileFormatError(
            f'types: column "{column}" is declared as {declared!r}, which is no type. Use {", ".join(_NAMED)}, or a pyarrow type. {near}'.rstrip()
        ) from None
