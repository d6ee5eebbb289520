"""Chinook as a database, made of the rows of the data set where those were fetched."""

from __future__ import annotations

import pytest

from operators.databases.execution import Rows
from resources import datasets
from resources.databases import DatabaseSettings, open_databases
from resources.databases.carried import carried_database
from resources.databases.target import BadAddress


def test_it_has_its_tables_keys_and_rows() -> None:
    try:
        datasets.path("chinook")
    except datasets.DataSetMissing as missing:
        pytest.skip(str(missing))
    with open_databases(DatabaseSettings(path="dataset:chinook", parallel=2)) as databases:
        schema = databases.schema("chinook")
        assert {table.name: table.rows for table in schema.tables} == {
            "artist": 275,
            "genre": 25,
            "media_type": 5,
            "playlist": 18,
            "employee": 8,
            "customer": 59,
            "album": 347,
            "track": 3503,
            "invoice": 412,
            "invoice_line": 2240,
            "playlist_track": 8715,
        }
        for table in schema.tables:
            for key in table.foreign_keys:
                mine, theirs = key.columns[0], key.other_columns[0]
                lost = f"SELECT count(*) FROM {table.name} WHERE {mine} IS NOT NULL AND {mine} NOT IN (SELECT {theirs} FROM {key.other_table})"
                answer = databases.execute("chinook", lost)
                assert isinstance(answer, Rows)
                assert answer.rows == ((0,),), lost


def test_another_name_is_refused_with_the_closest() -> None:
    with pytest.raises(BadAddress, match=r'did you mean "chinook"\?'):
        carried_database("chinok")
