"""SQLite files as they lie about: with a writer at work, a writer that was killed, views of what is gone, and virtual tables."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from operators.databases.execution import NotExecuted, Rows
from resources.databases import DatabaseSettings, open_databases

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute(sys.argv[2])
connection.execute("UPDATE account SET money = 0")
print("written", flush=True)
sys.stdin.read()
"""
TOTAL = "SELECT count(*), sum(money) FROM account"


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "bank.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE account (owner TEXT, money INTEGER)")
        connection.executemany("INSERT INTO account VALUES (?, 100)", [("x" * 200,)] * 3000)
    return path


@contextmanager
def writing(path: Path, begin: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has begun to write, and has not ended its transaction."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path), begin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        try:
            yield process
        finally:
            process.kill()


def asked(folder: Path, name: str, *queries: str) -> list[Rows | NotExecuted]:
    with open_databases(DatabaseSettings(path=str(folder), seconds=20)) as databases:
        return [databases.execute(name, query) for query in queries]


def test_an_unfinished_transaction_is_not_read_as_the_truth(accounts: Path) -> None:
    left = accounts.parent / "left"
    left.mkdir()
    with writing(accounts, "BEGIN"):
        for path in (accounts, accounts.with_name("bank.sqlite-journal")):
            shutil.copy(path, left)
    (told,) = asked(left, "bank", TOTAL)
    assert isinstance(told, NotExecuted)
    assert "unfinished transaction in bank.sqlite-journal" in told.message
    with closing(sqlite3.connect(left / "bank.sqlite")) as connection:
        assert connection.execute(TOTAL).fetchone() == (3000, 300000)
    (found,) = asked(left, "bank", TOTAL)
    assert isinstance(found, Rows)
    assert found.rows == ((3000, 300000),)


def test_a_file_that_another_process_locks_is_said_to_be_and_is_read_as_it_is_afterwards(accounts: Path) -> None:
    with open_databases(DatabaseSettings(path=str(accounts.parent), seconds=20)) as databases:
        with writing(accounts, "BEGIN EXCLUSIVE"):
            told = databases.execute("bank", TOTAL)
            assert isinstance(told, NotExecuted)
            assert "locked by another process" in told.message
        with closing(sqlite3.connect(accounts)) as connection, connection:
            connection.execute("INSERT INTO account VALUES ('late', 1)")
        found = databases.execute("bank", TOTAL)
        assert isinstance(found, Rows)
        assert found.rows == ((3001, 300001),)


def test_a_view_of_a_table_that_is_gone_is_left_out_and_the_rest_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection:
        connection.executescript("CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT); CREATE VIEW old AS SELECT * FROM dropped;")
    with open_databases(DatabaseSettings(path=str(tmp_path), seconds=20)) as databases:
        assert [table.name for table in databases.schema("shop").tables] == ["singer"]
    assert 'view "old" is left out of the schema: no such table: main.dropped' in capfd.readouterr().err, "said by the process that reads"


def test_virtual_tables_are_read_and_the_tables_behind_them_are_not_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.sqlite")) as connection:
        connection.executescript(
            "CREATE VIRTUAL TABLE note USING fts5(body); INSERT INTO note VALUES ('hello world'), ('good bye');"
            "CREATE TABLE bag (items TEXT); INSERT INTO bag VALUES ('[1, 2]');"
        )
    searched, listed, written = asked(
        tmp_path,
        "notes",
        "SELECT body FROM note WHERE note MATCH 'hello'",
        "SELECT value FROM bag, json_each(bag.items)",
        "INSERT INTO note VALUES ('more')",
    )
    assert isinstance(searched, Rows)
    assert searched.rows == (("hello world",),)
    assert isinstance(listed, Rows)
    assert listed.rows == ((1,), (2,))
    assert isinstance(written, NotExecuted)
    assert written.cause == "refused"
    with open_databases(DatabaseSettings(path=str(tmp_path), seconds=20)) as databases:
        assert {table.name for table in databases.schema("notes").tables} == {"note", "bag"}


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_file_in_a_folder_where_nothing_can_be_written_is_read(accounts: Path, mode: str) -> None:
    with closing(sqlite3.connect(accounts)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    accounts.parent.chmod(0o555)
    accounts.chmod(0o444)
    try:
        (found,) = asked(accounts.parent, "bank", TOTAL)
    finally:
        accounts.parent.chmod(0o755)
    assert isinstance(found, Rows)
    assert found.rows == ((3000, 300000),)
