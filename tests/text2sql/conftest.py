"""A small shop to sample from, as an SQLite file."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings

TABLES = (
    "CREATE TABLE author (author_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, birth_year INTEGER)",
    "CREATE TABLE book (book_id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES author (author_id), genre TEXT,"
    " pages INTEGER NOT NULL, price REAL NOT NULL, published DATE NOT NULL, isbn TEXT)",
    "CREATE TABLE sale (sale_id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES book (book_id), store TEXT NOT NULL, copies INTEGER NOT NULL,"
    " zip_code INTEGER, sold_on DATE NOT NULL)",
)
COUNTRIES = ("Norway", "Kenya", "Peru", "Japan", None)
GENRES = ("novel", "poetry", "history", "travel")
STORES = ("North", "South", "Harbour", "Station")


def write_books(path: Path) -> None:
    draws = random.Random(1)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in TABLES:
            connection.execute(statement)
        authors = [(number, f"Author {chr(64 + number)}", draws.choice(COUNTRIES), draws.randint(1920, 1990)) for number in range(1, 21)]
        connection.executemany("INSERT INTO author VALUES (?, ?, ?, ?)", authors)
        books = [
            (
                *(number, f"{draws.choice(('Red', 'Blue', 'Old', 'Lost'))} {draws.choice(('River', 'House', 'Road'))} {number}"),
                *(draws.randint(1, 15), draws.choice(GENRES), draws.randint(80, 900), round(draws.uniform(5, 60), 2)),
                *(f"{draws.randint(1990, 2020)}-{draws.randint(1, 12):02}-{draws.randint(1, 28):02}", f"97800{number:05}"),
            )
            for number in range(1, 101)
        ]
        connection.executemany("INSERT INTO book VALUES (?, ?, ?, ?, ?, ?, ?, ?)", books)
        sales = [
            (
                *(number, draws.choice([None, *range(1, 81)]), draws.choice(STORES), draws.randint(1, 30), draws.randint(10_000, 10_020)),
                f"{draws.randint(2015, 2023)}-{draws.randint(1, 12):02}-{draws.randint(1, 28):02}",
            )
            for number in range(1, 401)
        ]
        connection.executemany("INSERT INTO sale VALUES (?, ?, ?, ?, ?, ?)", sales)


@pytest.fixture(scope="session")
def books_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "books.sqlite"
    write_books(path)
    return path


@pytest.fixture(scope="session")
def books(books_file: Path) -> Iterator[Databases]:
    """Under the name "books"."""
    settings = DatabaseSettings(path=str(books_file), parallel=2)
    with Databases(settings.targets(), settings) as databases:
        yield databases
