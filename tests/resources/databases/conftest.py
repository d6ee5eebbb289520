"""The same small shop on four engines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import Target, read_address
from tests import database_servers
from tests.database_servers import Server

ENGINES = ("sqlite", "duckdb", "postgres", "mysql")
SHOP = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, born DATE, city VARCHAR(40))",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total DECIMAL(8,2), note TEXT,"
    " FOREIGN KEY (customer_id) REFERENCES customers (id))",
    "CREATE TABLE visits (visit_no INTEGER, customer_id INTEGER, seconds REAL)",
    "INSERT INTO customers VALUES (1, 'Ada', '1815-12-10', 'London'), (2, 'Grace', '1906-12-09', 'New York'), (3, 'Edsger', NULL, 'London')",
    "INSERT INTO orders VALUES (10, 1, 12.50, 'a ''quoted'' word'), (11, 1, 7.25, NULL), (12, 2, 100, '')",
    "INSERT INTO visits VALUES (1, 1, 0.5), (2, 3, 1.5), (3, 3, 2.25)",
)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with database_servers.postgres() as server:
        server.run(*SHOP, "COMMENT ON TABLE customers IS 'who buys'", "COMMENT ON COLUMN customers.born IS 'date of birth'")
        server.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        yield server


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[Server]:
    with database_servers.mariadb() as server:
        server.run(*SHOP)
        yield server


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the layout of Spider, and a DuckDB file."""
    folder = tmp_path_factory.mktemp("databases")
    (folder / "shop").mkdir()
    with sqlite3.connect(folder / "shop" / "shop.sqlite") as connection:
        for statement in SHOP:
            connection.execute(statement)
    connection.close()
    with duckdb.connect(str(folder / "warehouse.duckdb")) as made:
        for statement in SHOP:
            made.execute(statement.replace(" REFERENCES customers (id), total", ", total"))
    return folder


def target_of(engine: str, request: pytest.FixtureRequest) -> Target:
    if engine in ("sqlite", "duckdb"):
        folder = request.getfixturevalue("files")
        return read_address(engine, str(folder / ("shop/shop.sqlite" if engine == "sqlite" else "warehouse.duckdb")))
    server = request.getfixturevalue(f"{engine}_server")
    return read_address(engine, server.url(), "secret words")


@pytest.fixture(scope="session", params=ENGINES)
def target(request: pytest.FixtureRequest) -> Target:
    return target_of(request.param, request)


@pytest.fixture(scope="session")
def shop(target: Target) -> Iterator[Databases]:
    """The shop on one engine, under the name "shop"."""
    with Databases({"shop": target}, DatabaseSettings(seconds=15, parallel=4, memory_megabytes=512, rows=1000)) as databases:
        yield databases
