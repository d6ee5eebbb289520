"""Databases that a data set of the store carries, made into SQLite files beside it: `dataset:chinook`."""

from __future__ import annotations

from pathlib import Path


def carried_database(name: str) -> Path:
    """The SQLite file of a data set that is a database. Raises BadAddress: there is none of that name, or it was not fetched."""
    raise NotImplementedError
