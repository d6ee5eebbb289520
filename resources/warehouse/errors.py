"""What can be wrong with a warehouse."""

from __future__ import annotations


class WarehouseError(RuntimeError):
    """A table cannot be read, written or found; the message says which, why, and what to do."""


class TableNotFound(WarehouseError):
    """The table was never written, or has no such version."""


class UnstorableColumn(WarehouseError):
    """A column has a type that a DuckDB file cannot hold without loss."""


CHOOSE = "Choose another folder: --warehouse, or the environment variable DATAFLOW_WAREHOUSE."
