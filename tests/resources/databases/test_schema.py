"""What is told of a database: the same of all four engines."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from operators.databases.execution import Rows
from operators.databases.schema_text import schema_text
from operators.databases.serving import DatabaseUnavailable
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.target import BadAddress, read_address
from tests.database_servers import Server


def test_tables_columns_and_keys_are_found(shop: Databases) -> None:
    schema = shop.schema("shop")
    assert {table.name for table in schema.tables} == {"customers", "orders", "visits"}
    customers, orders = schema.table("customers"), schema.table("ORDERS")
    assert [column.name for column in customers.columns] == ["id", "name", "born", "city"]
    assert [column.type_class for column in customers.columns] == ["integer", "text", "date", "text"]
    assert customers.primary_key is not None
    assert (customers.primary_key.columns, customers.primary_key.inferred) == (("id",), False)
    assert not customers.column("name").nullable
    declared = {(key.columns, key.other_table, key.other_columns) for key in orders.foreign_keys if not key.inferred}
    assert declared == {(("customer_id",), "customers", ("id",))}


def test_keys_that_are_not_declared_are_inferred_and_marked(shop: Databases) -> None:
    visits = shop.schema("shop").table("visits")
    assert visits.primary_key is not None
    assert (visits.primary_key.columns, visits.primary_key.inferred) == (("visit_no",), True)
    assert [(key.columns, key.other_table, key.inferred) for key in visits.foreign_keys] == [(("customer_id",), "customers", True)]


def test_values_are_counted(shop: Databases) -> None:
    customers = shop.schema("shop").table("customers")
    assert customers.rows == 3
    city, born = customers.column("city").statistics, customers.column("born").statistics
    assert city is not None
    assert born is not None
    assert (city.distinct, city.nulls, city.frequent[0]) == (2, 0, ("London", 2))
    assert born.nulls == 1
    assert born.complete


def test_comments_are_read_where_the_engine_has_them(shop: Databases) -> None:
    schema = shop.schema("shop")
    if schema.dialect == "postgres":
        assert schema.table("customers").comment == "who buys"
        assert schema.table("customers").column("born").comment == "date of birth"


ODD_POSTGRES = (
    "CREATE SCHEMA sales",
    'CREATE SCHEMA "My Sales"',
    "CREATE TABLE sales.t (id INT PRIMARY KEY)",
    'CREATE TABLE "My Sales".t (id INT PRIMARY KEY)',
    "CREATE TYPE mood AS ENUM ('sad', 'time')",
    'CREATE TABLE "CustomerOrders" ("CustomerId" INT PRIMARY KEY, "order" mood, flags BOOLEAN[], span INT4RANGE, place POINT, n NUMERIC, day DATE,'
    " seen TIMESTAMPTZ, j JSONB, other INT REFERENCES sales.t (id))",
    """INSERT INTO "CustomerOrders" VALUES (1, 'sad', '{t}', '[1,3)', '(1,2)', 'NaN', 'infinity', 'infinity', '{"a": "it''s"}', NULL),"""
    " (2, 'sad', '{t}', '[1,3)', '(1,2)', 2, '0044-03-15 BC', '2020-01-01', NULL, NULL)",
    "CREATE TABLE paid (id INT PRIMARY KEY, name TEXT, salary INT)",
    "INSERT INTO paid VALUES (1, 'Ada', 5)",
    'GRANT SELECT ON "CustomerOrders" TO reader',
    "GRANT SELECT (id, name) ON paid TO reader",
    'GRANT USAGE ON SCHEMA sales, "My Sales" TO reader',
    'GRANT SELECT ON sales.t, "My Sales".t TO reader',
)


@pytest.fixture(scope="module")
def odd_postgres(postgres_server: Server) -> Server:
    postgres_server.run("CREATE DATABASE odd", database="postgres")
    postgres_server.run(*ODD_POSTGRES, database="odd")
    return postgres_server


def test_what_a_role_may_read_of_postgres_is_told_whatever_it_holds(odd_postgres: Server) -> None:
    with Databases({"odd": read_address("odd", odd_postgres.url(database="odd"), "secret words")}, DatabaseSettings(parallel=2)) as databases:
        schema = databases.schema("odd")
        days = databases.execute("odd", 'SELECT day FROM "CustomerOrders" ORDER BY "CustomerId"')
    orders, paid = schema.table("CustomerOrders"), schema.table("paid")
    assert [column.name for column in paid.columns] == ["id", "name"]
    assert paid.rows == 1
    classes = {column.name: column.type_class for column in orders.columns}
    assert (classes["flags"], classes["order"]) == ("json", "text")
    assert {classes["span"], classes["place"]} <= {"other", "text"}
    assert orders.foreign_keys == ()  # the table is in a schema that is not told
    assert isinstance(days, Rows)
    assert days.rows == (("infinity",), ("0044-03-15 BC",))
    text = schema_text(schema, "create")
    assert 'CREATE TABLE "CustomerOrders"' in text
    assert '"order" mood' in text
    assert 'PRIMARY KEY ("CustomerId")' in text
    assert """'{"a": "it''s"}'""" in text


@pytest.mark.parametrize("named", ["sales", "Sales", "My%20Sales", "sales,My%20Sales"])
def test_the_schema_of_an_address_is_read_whatever_its_name(odd_postgres: Server, named: str) -> None:
    with Databases({"odd": read_address("odd", f"{odd_postgres.url(database='odd')}?schema={named}", "secret words")}) as databases:
        assert [table.name for table in databases.schema("odd").tables] == ["t"]


def test_a_schema_that_is_not_there_is_told_with_the_closest(odd_postgres: Server) -> None:
    with (
        Databases({"odd": read_address("odd", f"{odd_postgres.url(database='odd')}?schema=sale", "secret words")}) as databases,
        pytest.raises(DatabaseUnavailable, match=r'no schema "sale".*did you mean "sales"'),
    ):
        databases.schema("odd")


def test_names_of_mysql_stand_in_its_quotes_and_sequences_are_no_tables(mysql_server: Server) -> None:
    statements = (
        "CREATE DATABASE odd",
        "CREATE TABLE odd.parent (`order` INT PRIMARY KEY, `Group Name` VARCHAR(20), kind ENUM('bit', 'timestamp'))",
        "CREATE SEQUENCE odd.numbers",
        "GRANT SELECT ON odd.* TO reader",
    )
    mysql_server.run(*statements, database="")
    with Databases({"odd": read_address("odd", mysql_server.url(database="odd"), "secret words")}, DatabaseSettings(parallel=2)) as databases:
        schema = databases.schema("odd")
    assert [table.name for table in schema.tables] == ["parent"]
    assert schema.table("parent").column("kind").type_class == "text"
    text = schema_text(schema, "create")
    assert "`order` int" in text
    assert "`Group Name` varchar" in text
    assert "PRIMARY KEY (`order`)" in text


def test_keys_are_kept_whatever_the_case_of_names_and_left_out_where_they_point_to_nothing(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("CREATE TABLE Artist (ArtistId INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE album (id INTEGER PRIMARY KEY, a INT REFERENCES artist (artistid), g INT REFERENCES gone (id))")
    connection.close()
    settings = DatabaseSettings(path=str(tmp_path / "a.sqlite"))
    with Databases(settings.targets(), settings) as databases:
        schema = databases.schema("a")
    for part in (schema, schema.only({"Artist": ["ArtistId"], "album": ["id", "a"]})):
        assert [(key.columns, key.other_table) for key in part.table("album").foreign_keys] == [(("a",), "artist")]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file as dbt leaves one: nothing in main, tables in schemas of their own."""
    path = tmp_path_factory.mktemp("marts") / "marts.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute('CREATE SCHEMA sales; CREATE SCHEMA other; CREATE SCHEMA "it\'s odd"; CREATE TABLE other.goods (other INTEGER)')
        made.execute("CREATE TABLE sales.goods (id INTEGER PRIMARY KEY); CREATE TABLE sales.orders (good INTEGER REFERENCES sales.goods (id))")
        made.execute('CREATE TABLE "it\'s odd".goods (other VARCHAR); CREATE VIEW "it\'s odd".seen AS SELECT other FROM "it\'s odd".goods')
        made.execute("INSERT INTO sales.goods VALUES (7)")
    return path


@pytest.mark.parametrize(
    ("named", "tables"),
    [
        ("sales", {"goods": ["id"], "orders": ["good"]}),
        ("SALES", {"goods": ["id"], "orders": ["good"]}),
        ("main,sales", {"goods": ["id"], "orders": ["good"]}),
        ("it's%20odd", {"goods": ["other"], "seen": ["other"]}),
    ],
)
def test_the_schemas_of_a_duckdb_file_can_be_named(marts: Path, named: str, tables: dict[str, list[str]]) -> None:
    with Databases({"marts": read_address("marts", f"duckdb:///{marts}?schema={named}")}) as databases:
        schema = databases.schema("marts")
        answer = databases.execute("marts", "SELECT count(*) FROM goods")
    assert {table.name: [column.name for column in table.columns] for table in schema.tables} == tables
    assert isinstance(answer, Rows)
    assert answer.rows == ((schema.table("goods").rows,),)


def test_of_two_tables_of_one_name_that_is_told_which_a_query_gets(marts: Path) -> None:
    for named, column in (("sales,other", "id"), ("other,sales", "other")):
        with Databases({"marts": read_address("marts", f"duckdb:///{marts}?schema={named}")}) as databases:
            (goods,) = (table for table in databases.schema("marts").tables if table.name == "goods")
            answer = databases.execute("marts", "SELECT * FROM goods")
        assert isinstance(answer, Rows)
        assert [goods.columns[0].name, *(each.name for each in answer.columns)] == [column, column]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", r"no table is in the schema main;.*\?schema=it's odd,other,sales"),
        ("?schema=sale", r'no schema "sale".*did you mean "sales"'),
    ],
)
def test_a_duckdb_file_without_the_wanted_tables_says_where_there_are_some(marts: Path, query: str, told: str) -> None:
    with Databases({"marts": read_address("marts", f"duckdb:///{marts}{query}")}) as databases, pytest.raises(DatabaseUnavailable, match=told):
        databases.schema("marts")


def test_a_duckdb_file_with_views_alone_says_in_which_schema_also_where_the_schema_is_named_like_the_file(tmp_path: Path) -> None:
    path = tmp_path / "seen.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE SCHEMA seen.seen; CREATE VIEW seen.seen.numbers AS SELECT 1 AS a")
    with Databases({"seen": read_address("seen", f"duckdb:///{path}")}) as databases, pytest.raises(DatabaseUnavailable, match=r"\?schema=seen"):
        databases.schema("seen")
    with Databases({"seen": read_address("seen", f"duckdb:///{path}?schema=seen")}) as databases:
        assert [(table.name, table.rows) for table in databases.schema("seen").tables] == [("numbers", 1)]


@pytest.mark.parametrize("address", ["duckdb:///{}?schem=sales", "duckdb:///{}?mode=ro&schema=sales", "sqlite:///{}?mode=ro", "duckdb:///{}?"])
def test_a_file_takes_no_option_that_is_unknown(marts: Path, address: str) -> None:
    with pytest.raises(BadAddress, match="no option of the address of a"):
        read_address("marts", address.format(marts))
