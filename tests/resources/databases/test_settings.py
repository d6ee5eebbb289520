"""Which databases there are, and that passwords stay where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from operators.tables.errors import ParameterError
from resources.databases import DatabaseSettings, open_databases, why_not
from resources.databases.target import BadAddress, read_address


def test_a_folder_is_its_files_by_name(files: Path) -> None:
    targets = DatabaseSettings(path=str(files)).targets()
    assert {name: target.engine for name, target in targets.items()} == {"shop": "sqlite", "warehouse": "duckdb"}


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.sqlite").touch()
    (tmp_path / "notes.db").write_text("not a database at all")
    assert list(DatabaseSettings(path=str(tmp_path)).targets()) == ["a/x", "b/x"]


def test_a_password_in_an_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        DatabaseSettings(urls={"shop": "postgresql://reader:hushhush@localhost/shop"})
    assert "DATAFLOW_DATABASE_PASSWORD_SHOP" in str(refused.value)
    assert "hushhush" not in str(refused.value)
    monkeypatch.setenv("DATAFLOW_DATABASES", "shop=mysql://reader:hushhush@localhost/shop")
    assert "DATAFLOW_DATABASE_PASSWORD_SHOP" in why_not()
    assert "hushhush" not in why_not()


@pytest.mark.parametrize(
    "address",
    [
        "postgres//reader:hushhush@host/shop",
        "reader:hushhush@host/shop",
        "postgresql://host/shop?user=reader&password=hushhush",
        "mysql://reader@host/shop?passwd=hushhush",
        "host=db user=reader password=hushhush dbname=shop",
        "jdbc:postgresql://host/shop?user=reader&password=hushhush",
    ],
)
def test_a_password_is_shown_by_no_message(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", address)
    said = []
    for given in (address, f"shop={address}", "env:SHOP_URL"):
        monkeypatch.setenv("DATAFLOW_DATABASES", given)
        said.append(why_not())
    try:
        said.append(repr(DatabaseSettings(url_variables={"shop": "SHOP_URL"}).targets()))
    except BadAddress as error:
        said.append(str(error))
    assert "hushhush" not in " ".join(said)


def test_user_and_password_may_be_options_of_an_address() -> None:
    target = read_address("shop", "postgresql://host/shop?user=reader&password=p%40ss&sslmode=require", password_in_address=True)
    assert (target.user, target.password, target.options) == ("reader", "p@ss", (("sslmode", "require"),))


def test_passwords_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_DATABASE_PASSWORD", "for all")
    monkeypatch.setenv("DATAFLOW_DATABASE_PASSWORD_B_1", "for b")
    monkeypatch.setenv("OWN", "for c")
    urls = {name: f"mysql://reader@host/{name[0]}" for name in ("a", "b-1", "c")}
    targets = DatabaseSettings(urls=urls, password_variables={"c": "OWN"}).targets()
    assert [target.password for target in targets.values()] == ["for all", "for b", "for c"]
    assert not [target for target in targets.values() if "for" in repr(target) + target.shown]
    monkeypatch.delenv("OWN")
    with pytest.raises(BadAddress, match="OWN"):
        DatabaseSettings(urls=urls, password_variables={"c": "OWN"}).targets()


def test_the_environment_names_databases(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    monkeypatch.setenv("DATAFLOW_DATABASES", str(files))
    assert set(DatabaseSettings.from_environment().targets()) == {"shop", "warehouse"}
    monkeypatch.setenv("DATAFLOW_DATABASES", f"one=postgresql://reader@host:99/db?sslmode=require,two={files}/shop/shop.sqlite")
    targets = DatabaseSettings.from_environment().targets()
    assert (targets["one"].port, targets["one"].database, targets["one"].options) == (99, "db", (("sslmode", "require"),))
    assert targets["two"].engine == "sqlite"
    monkeypatch.delenv("DATAFLOW_DATABASES")
    with pytest.raises(ParameterError, match="no database is named"):
        open_databases()
    assert "DATAFLOW_DATABASES" in why_not()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("oracle://x@y/z", "no kind of database"),
        ("postgresql://localhost/shop", "user"),
        ("postgresql://reader@localhost", "database"),
        ("postgresql://reader@localhost:port/shop", "cannot be read"),
        ("/nowhere/at/all.sqlite", "cannot be read"),
    ],
)
def test_an_address_that_says_too_little_is_refused(address: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says):
        read_address("shop", address)


def test_a_damaged_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    settings = DatabaseSettings(path=str(tmp_path / "x.sqlite"))
    with open_databases(settings) as databases:
        answer = databases.execute("x", "SELECT 1 FROM sqlite_master")
    assert "cannot be opened" in str(answer)
