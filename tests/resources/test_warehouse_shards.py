"""Tables in shards: each shard is versioned alone, and all are one table for who reads them together."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from resources.warehouse import TableNotFound, Warehouse, WarehouseError

SCHEMA = pa.schema([("n", pa.int64())])
REJECTED = pa.schema([("n", pa.int64()), ("reason", pa.string())])
AWKWARD = ["2024/pages-000", "...", "a b", "ü%2F", ".hidden"]


def publish(warehouse: Warehouse, shard: str | None, *values: object, schema: pa.Schema = SCHEMA) -> str:
    with warehouse.table("web", "clean", shard).writer_version(schema, rejected_schema=REJECTED) as version:
        version.write(pa.record_batch([pa.array(values, schema.field("n").type)], schema=schema))
        version.reject(pa.record_batch([pa.array([-1]), pa.array([f"of {shard}"])], schema=REJECTED))
        version.run.update(rows_in=len(values) + 1, rows_out=len(values), inputs={"documents": "v"}, rejected_by={"Positive": 1})
    return version.version


def numbers(table: pa.Table) -> list[object]:
    return list(table.column("n").to_pylist())


def test_shards_are_written_apart_and_read_together_in_the_order_asked_for(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    for value, shard in enumerate(AWKWARD):
        publish(warehouse, shard, value)
    assert [table.shard for table in warehouse.tables()] == sorted(AWKWARD)
    assert numbers(warehouse.gathered("web", "clean", AWKWARD).read()) == [0, 1, 2, 3, 4]
    publish(warehouse, "a b", 7, 8)
    assert numbers(warehouse.table("web", "clean", "a b").read()) == [7, 8]
    assert numbers(warehouse.gathered("web", "clean", ["a b", "..."]).read()) == [7, 8, 1]
    assert [len(warehouse.table("web", "clean", shard).versions()) for shard in AWKWARD] == [1, 1, 2, 1, 1]
    assert not warehouse.table("web", "clean").exists()


def test_a_gathered_table_is_pinned_and_kept_from_collection(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    first = publish(warehouse, "a", 1)
    publish(warehouse, "b", 2)
    gathered = warehouse.gathered("web", "clean")
    publish(warehouse, "a", 3)
    assert warehouse.collect(keep=1).in_use == [("web.clean[a]", first)]
    assert numbers(gathered.read()) == [1, 2]
    assert gathered.versions["a"] == first
    del gathered
    assert warehouse.collect(keep=1).removed == [("web.clean[a]", first)]
    assert numbers(warehouse.gathered("web", "clean").read()) == [3, 2]


def test_shards_that_were_never_written_are_named_before_anything_is_read(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "a", 1)
    with pytest.raises(TableNotFound, match=r"web\.clean: 2 of 3 shards were never written: b, c\. Materialize them first"):
        warehouse.gathered("web", "clean", ["a", "b", "c"])
    with pytest.raises(TableNotFound, match="has no shards"):
        warehouse.gathered("web", "other")
    with pytest.raises(TableNotFound, match=r'web\.clean\[aa\]: .*did you mean "web\.clean\[a\]"'):
        warehouse.table("web", "clean", "aa").read()


def test_columns_that_a_shard_lacks_are_null_and_numbers_take_the_wider_type(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "a", 1)
    publish(warehouse, "b", 1.5, schema=pa.schema([("n", pa.float64())]))
    publish(warehouse, "c", None, schema=pa.schema([("n", pa.string())]))
    with warehouse.table("web", "clean", "d").writer_version(pa.schema([("n", pa.int64()), ("m", pa.string())])) as version:
        version.write(pa.record_batch({"n": pa.array([4]), "m": pa.array(["x"])}))
    gathered = warehouse.gathered("web", "clean")
    assert gathered.read().to_pylist() == [{"n": 1.0, "m": None}, {"n": 1.5, "m": None}, {"n": None, "m": None}, {"n": 4.0, "m": "x"}]
    assert gathered.read(["m"]).column("m").to_pylist() == [None, None, None, "x"]
    assert gathered.count_rows() == 4


def test_types_with_nothing_in_common_are_refused_with_the_shards_that_have_them(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "a", 1)
    publish(warehouse, "b", "x", schema=pa.schema([("n", pa.string())]))
    with pytest.raises(WarehouseError, match=r'column "n" is int64 in the shard a and string in the shard b\. Say which it is'):
        warehouse.gathered("web", "clean").read()


def test_facts_of_the_shards_are_put_together(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "a", 1, 2)
    publish(warehouse, "b", 3)
    facts = warehouse.gathered("web", "clean").run_facts()
    assert {key: facts[key] for key in ("shards", "rows_in", "rows_out", "rejected_by", "rejected_rows")} == {
        "shards": 2,
        "rows_in": 5,
        "rows_out": 3,
        "rejected_by": {"Positive": 2},
        "rejected_rows": 2,
    }
    assert facts["inputs"] == {"documents": {"a": "v", "b": "v"}}


def test_sql_sees_the_union_of_the_shards_with_the_shard_as_last_column(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "2024/a", 1, 2)
    publish(warehouse, "it's b", 3)
    with warehouse.connect() as connection:
        assert connection.execute("SELECT * FROM web.clean ORDER BY n").fetchall() == [(1, "2024/a"), (2, "2024/a"), (3, "it's b")]
        assert connection.execute("SELECT reason, shard FROM web.clean__rejected ORDER BY 1").fetchall() == [
            ("of 2024/a", "2024/a"),
            ("of it's b", "it's b"),
        ]
        assert connection.execute("SELECT shard, rows FROM web.clean__run ORDER BY 1").fetchall() == [("2024/a", 2), ("it's b", 1)]


def test_a_table_with_a_column_named_shard_keeps_it(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.table("web", "clean", "a").write(pa.table({"Shard": ["own"]}))
    with warehouse.connect() as connection:
        assert connection.execute("SELECT Shard, shard_2 FROM web.clean").fetchall() == [("own", "a")]


def test_a_damaged_shard_is_left_out_and_the_others_are_seen(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, "a", 1)
    publish(warehouse, "b", 2)
    (tmp_path / "web" / "clean" / "shards" / "a" / "CURRENT").write_text("rubbish")
    with pytest.warns(UserWarning, match=r"web\.clean\[a\] is left out"), warehouse.connect() as connection:
        assert connection.execute("SELECT n FROM web.clean").fetchall() == [(2,)]


def test_a_table_that_was_written_whole_and_in_shards_is_what_was_written_last(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    publish(warehouse, None, 1)
    publish(warehouse, "a", 2)
    assert [table.shard for table in warehouse.tables()] == ["a"]
    publish(warehouse, None, 3)
    assert [table.shard for table in warehouse.tables()] == [None]
    with warehouse.connect() as connection:
        assert connection.execute("SELECT * FROM web.clean").fetchall() == [(3,)]


@pytest.mark.parametrize("shard", ["", "x" * 241, "ü" * 50])
def test_names_that_no_folder_can_have_are_refused(tmp_path: Path, shard: str) -> None:
    with pytest.raises(ValueError, match="cannot name a shard"):
        Warehouse(tmp_path).table("web", "clean", shard)
