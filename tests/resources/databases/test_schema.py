"""What is told of a database: the same of all four engines."""

from __future__ import annotations

from resources.databases.serving import Databases


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
