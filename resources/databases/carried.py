"""Databases that a data set of the store carries, made into SQLite files beside it: `dataset:chinook`."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import orjson

from operators.tables.errors import closest
from resources import datasets
from resources.databases.target import BadAddress
from resources.fetching.errors import FetchFailed
from resources.fetching.files import locked, publish

Fields = Mapping[str, str]
CHINOOK: Final[Mapping[str, tuple[str, Sequence[str], Fields]]] = {
    "artist": ("artist", ["artist_id INTEGER PRIMARY KEY", "name VARCHAR(120)"], {}),
    "genre": ("genre", ["genre_id INTEGER PRIMARY KEY", "name VARCHAR(120)"], {}),
    "mediatype": ("media_type", ["media_type_id INTEGER PRIMARY KEY", "name VARCHAR(120)"], {}),
    "playlist": ("playlist", ["playlist_id INTEGER PRIMARY KEY", "name VARCHAR(120)"], {}),
    "employee": (
        "employee",
        [
            *("employee_id INTEGER PRIMARY KEY", "last_name VARCHAR(20) NOT NULL", "first_name VARCHAR(20) NOT NULL", "title VARCHAR(30)"),
            *("reports_to INTEGER REFERENCES employee (employee_id)", "birth_date DATE", "hire_date DATE", "address VARCHAR(70)"),
            *("city VARCHAR(40)", "state VARCHAR(40)", "country VARCHAR(40)", "postal_code VARCHAR(10)", "phone VARCHAR(24)", "fax VARCHAR(24)"),
            "email VARCHAR(60)",
        ],
        {"last_name": "lastname", "first_name": "firstname", "birth_date": "birthdate", "hire_date": "hiredate", "postal_code": "postalcode"},
    ),
    "customer": (
        "customer",
        [
            *("customer_id INTEGER PRIMARY KEY", "first_name VARCHAR(40) NOT NULL", "last_name VARCHAR(20) NOT NULL", "company VARCHAR(80)"),
            *("address VARCHAR(70)", "city VARCHAR(40)", "state VARCHAR(40)", "country VARCHAR(40)", "postal_code VARCHAR(10)", "phone VARCHAR(24)"),
            *("fax VARCHAR(24)", "email VARCHAR(60) NOT NULL", "support_rep_id INTEGER REFERENCES employee (employee_id)"),
        ],
        {"last_name": "lastname", "first_name": "firstname", "postal_code": "postalcode", "support_rep_id": "support_rep"},
    ),
    "album": (
        "album",
        ["album_id INTEGER PRIMARY KEY", "title VARCHAR(160) NOT NULL", "artist_id INTEGER NOT NULL REFERENCES artist (artist_id)"],
        {"artist_id": "artist"},
    ),
    "track": (
        "track",
        [
            *("track_id INTEGER PRIMARY KEY", "name VARCHAR(200) NOT NULL", "album_id INTEGER REFERENCES album (album_id)"),
            *("media_type_id INTEGER NOT NULL REFERENCES media_type (media_type_id)", "genre_id INTEGER REFERENCES genre (genre_id)"),
            *("composer VARCHAR(220)", "milliseconds INTEGER NOT NULL", "bytes INTEGER", "unit_price NUMERIC(10,2) NOT NULL"),
        ],
        {"album_id": "album", "media_type_id": "mediatype", "genre_id": "genre"},
    ),
    "invoice": (
        "invoice",
        [
            *("invoice_id INTEGER PRIMARY KEY", "customer_id INTEGER NOT NULL REFERENCES customer (customer_id)", "invoice_date DATE NOT NULL"),
            *("billing_address VARCHAR(70)", "billing_city VARCHAR(40)", "billing_state VARCHAR(40)", "billing_country VARCHAR(40)"),
            *("billing_postal_code VARCHAR(10)", "total NUMERIC(10,2) NOT NULL"),
        ],
        {
            "customer_id": "customer",
            "invoice_date": "invoicedate",
            "billing_address": "billingaddress",
            "billing_city": "billingcity",
            "billing_state": "billingstate",
            "billing_country": "billingcountry",
            "billing_postal_code": "billingpostalcode",
        },
    ),
    "invoiceline": (
        "invoice_line",
        [
            *("invoice_line_id INTEGER PRIMARY KEY", "invoice_id INTEGER NOT NULL REFERENCES invoice (invoice_id)"),
            *("track_id INTEGER NOT NULL REFERENCES track (track_id)", "unit_price NUMERIC(10,2) NOT NULL", "quantity INTEGER NOT NULL"),
        ],
        {"invoice_id": "invoice", "track_id": "track"},
    ),
    "playlisttrack": (
        "playlist_track",
        [
            *("playlist_id INTEGER NOT NULL REFERENCES playlist (playlist_id)", "track_id INTEGER NOT NULL REFERENCES track (track_id)"),
            "PRIMARY KEY (playlist_id, track_id)",
        ],
        {"playlist_id": "playlist", "track_id": "track"},
    ),
}
"""Model of the data set -> its table, the columns of it, and what those are called in the data set where that is another name."""

DATABASES: Final = {"chinook": CHINOOK}


def carried_database(name: str) -> Path:
    """The SQLite file of a data set that is a database, made of its rows if it is not there.

    Raises:
        BadAddress: there is none of that name, its rows were not fetched, or it cannot be written beside them.
    """
    if name not in DATABASES:
        raise BadAddress(f'no data set that is a database is called "{name}"; there are {", ".join(DATABASES)}. {closest(name, DATABASES)}'.strip())
    try:
        rows = datasets.path(name)
    except datasets.DataSetError as error:
        raise BadAddress(str(error)) from None
    target = rows.with_suffix(".sqlite")
    if not target.is_file():
        try:
            with locked(target, lambda _: None):
                if not target.is_file():
                    _make(DATABASES[name], rows, target)
        except FetchFailed as error:
            raise BadAddress(str(error)) from error
    return target


def _make(tables: Mapping[str, tuple[str, Sequence[str], Fields]], rows: Path, target: Path) -> None:
    """Made whole under another name, then moved: a process that is killed leaves no half of it."""
    by_model: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in rows.read_bytes().splitlines():
        record = orjson.loads(line)
        by_model[record["model"].rpartition(".")[2]].append(record)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        made = Path(folder) / target.name
        with closing(sqlite3.connect(made)) as connection, connection:
            for model, (table, columns, fields) in tables.items():
                connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
                names = [column.split()[0] for column in columns if not column.startswith("PRIMARY KEY")]
                marks = ", ".join("?" * len(names))
                values = ([_value(record, name, f"{table}_id", fields) for name in names] for record in by_model[model])
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        publish(made, target)


def _value(record: Mapping[str, Any], column: str, key: str, fields: Fields) -> Any:
    """The data set writes days as "2007-01-01T00:00:00Z"."""
    value = record["pk"] if column == key else record["fields"][fields.get(column, column)]
    return value[:10] if column.endswith("_date") and isinstance(value, str) else value
