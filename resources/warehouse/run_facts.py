"""What is known of the run that made a version: the table `run` of its file, of one row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from resources.warehouse.duckdb_files import name
from resources.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = {
    "fingerprint": "VARCHAR",
    "inputs": "JSON",  # table -> version that was read
    "rows_in": "BIGINT",
    "rows_out": "BIGINT",
    "rows_filtered": "BIGINT",
    "rows_failed": "BIGINT",
    "llm_calls": "BIGINT",
    "llm_cached": "BIGINT",
    "tokens_in": "BIGINT",
    "tokens_out": "BIGINT",
    "cost_usd": "DOUBLE",
    "seconds": "DOUBLE",
}
"""Facts with a column of their own, null where unknown. All others go as JSON into the column `details`."""

MEASURED = {
    "content_hash": "VARCHAR",
    "rejected_hash": "VARCHAR",
    "rows": "BIGINT",
    "rejected_rows": "BIGINT",
    "bytes": "BIGINT",  # of the rows in memory, as Arrow
    "started_at": "VARCHAR",  # ISO 8601, UTC
    "finished_at": "VARCHAR",
}
"""Facts that the warehouse finds itself."""

_PYTHON = {"VARCHAR": (str, "text"), "BIGINT": (int, "a whole number"), "DOUBLE": (int | float, "a number")}


_TYPES = {**COLUMNS, **MEASURED, "details": "JSON"}


def row(facts: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """The row of the table `run`; JSON as text. Raises WarehouseError for a fact of the wrong type, or that JSON cannot hold."""
    if taken := sorted(facts.keys() & {*MEASURED, "details"}):
        raise WarehouseError(f"run[{taken[0]!r}] is found by the warehouse itself; give the fact another name.")
    own = {key: _checked(key, kind, facts.get(key)) for key, kind in COLUMNS.items()}
    details = {key: value for key, value in facts.items() if key not in COLUMNS}
    return {**own, **{key: measured[key] for key in MEASURED}, "details": _json("details", details)}


def write(connection: DuckDBPyConnection, database: str, row: Mapping[str, Any]) -> None:
    columns = ", ".join(f"{name(key)} {kind}" for key, kind in _TYPES.items())
    connection.execute(f"CREATE TABLE {name(database)}.run ({columns})")
    connection.execute(f"INSERT INTO {name(database)}.run VALUES ({', '.join('?' * len(_TYPES))})", [row.get(key) for key in _TYPES])


def read(connection: DuckDBPyConnection, database: str) -> dict[str, Any]:
    """All facts of the version by name."""
    found = connection.execute(f"SELECT * FROM {name(database)}.run")
    names = [column[0] for column in found.description or []]
    return of_row(dict(zip(names, found.fetchall()[0], strict=True)))


def of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """All facts by name, of a row of the table `run`."""
    facts = {key: row.get(key) for key in (*COLUMNS, *MEASURED)}  # an older version lacks what was not told then
    facts["inputs"] = json.loads(facts["inputs"]) if facts["inputs"] else {}
    return {**facts, **json.loads(row["details"])}


def _checked(key: str, kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "JSON":
        return _json(key, value)
    python, wanted = _PYTHON[kind]
    if not isinstance(value, python) or isinstance(value, bool):
        raise WarehouseError(f"run[{key!r}] is {value!r}; it has to be {wanted}.")
    return value


def _json(key: str, value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise WarehouseError(f"run: {key} cannot be kept as JSON ({error}). Give text, numbers, lists and dicts.") from error
