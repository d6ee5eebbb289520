"""Versions: published at once, never changed, kept while somebody reads them, collected when old."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from resources.warehouse import TableNotFound, Warehouse, WarehouseError, WarehouseStorage, open_location, warehouse_root
from resources.warehouse.table_folder import TableFolder
from resources.warehouse.version_store import PinnedVersion, VersionStore

SCHEMA = pa.schema([("n", pa.int64())])
REJECTED = pa.schema([("n", pa.int64()), ("reason", pa.string())])


def rows(*numbers: int) -> pa.RecordBatch:
    return pa.record_batch([pa.array(numbers, pa.int64())], schema=SCHEMA)


def numbers(table: pa.Table) -> list[int]:
    return [int(value) for value in table.column("n").to_pylist()]


@pytest.fixture
def table(tmp_path: Path) -> WarehouseStorage:
    return Warehouse(tmp_path).table("web_text", "rate")


def publish(table: WarehouseStorage, *values: int) -> str:
    with table.writer_version(SCHEMA) as version:
        version.write(rows(*values))
    return version.version


def test_the_last_version_published_is_current_and_older_ones_stay_readable(table: WarehouseStorage) -> None:
    first, second = publish(table, 1), publish(table, 2, 3)
    assert (table.current_version(), table.versions()) == (second, [first, second])
    assert first < second
    assert numbers(table.read()) == [2, 3]
    assert numbers(table.at(first).read()) == [1]
    assert (table.count_rows(), table.at(first).count_rows()) == (2, 1)


def test_versions_sort_by_publication_even_when_the_clock_goes_back(table: WarehouseStorage, tmp_path: Path) -> None:
    publish(table, 1)
    ahead = tmp_path / "web_text" / "rate" / "versions" / "29990101-000000-000000-00000000.duckdb"
    ahead.hardlink_to(next(ahead.parent.glob("*.duckdb")))
    assert publish(table, 2) == table.versions()[-1]
    assert numbers(table.read()) == [2]


def fail() -> None:
    raise RuntimeError("half way")


def test_a_writer_that_fails_publishes_nothing_and_leaves_nothing(table: WarehouseStorage, tmp_path: Path) -> None:
    publish(table, 1)
    with pytest.raises(RuntimeError, match="half way"), table.writer_version(SCHEMA) as version:  # noqa: PT012 (the error comes in the middle)
        version.write(rows(2))
        fail()
    assert numbers(table.read()) == [1]
    assert sorted(path.name for path in (tmp_path / "web_text" / "rate").iterdir()) == [".lock", "CURRENT", "versions"]


def test_a_version_under_way_is_seen_by_nobody(table: WarehouseStorage) -> None:
    publish(table, 1)
    with table.writer_version(SCHEMA) as version:
        version.write(rows(2))
        assert numbers(table.read()) == [1]
        with pytest.raises(WarehouseError, match="when it is published"):
            _ = version.version
    assert numbers(table.read()) == [2]


def test_two_writers_of_one_table_do_not_wait_for_each_other(table: WarehouseStorage) -> None:
    with table.writer_version(SCHEMA) as first:
        publish(table, 2)
        first.write(rows(1))
    assert numbers(table.read()) == [1]
    assert len(table.versions()) == 2


def test_rejected_rows_and_facts_of_the_run_stand_beside_the_rows(table: WarehouseStorage) -> None:
    with table.writer_version(SCHEMA, rejected_schema=REJECTED) as version:
        version.write(rows(1, 2))
        version.reject(pa.record_batch([pa.array([3]), pa.array(["too few"])], schema=REJECTED))
        version.run.update(fingerprint="abc", inputs={"load": "v1"}, llm_calls=2, cost_usd=0.5, failures={"ValueError": 1})
    facts = table.run_facts()
    assert table.rejected().read().to_pylist() == [{"n": 3, "reason": "too few"}]
    assert {key: facts[key] for key in ("fingerprint", "inputs", "llm_calls", "llm_cached", "cost_usd", "failures", "rows", "rejected_rows")} == {
        "fingerprint": "abc",
        "inputs": {"load": "v1"},
        "llm_calls": 2,
        "llm_cached": None,
        "cost_usd": 0.5,
        "failures": {"ValueError": 1},
        "rows": 2,
        "rejected_rows": 1,
    }
    assert facts["seconds"] > 0
    assert facts["started_at"] < facts["finished_at"]


def test_facts_that_cannot_be_kept_are_refused_by_name(table: WarehouseStorage) -> None:
    for facts, message in (
        ({"llm_calls": "2"}, "has to be a whole number"),
        ({"x": object()}, "cannot be kept as JSON"),
        ({"rows": 1}, "the warehouse itself"),
    ):
        with pytest.raises(WarehouseError, match=message), table.writer_version(SCHEMA) as version:
            version.run.update(facts)
    assert not table.exists()


def test_rows_of_another_schema_are_refused(table: WarehouseStorage) -> None:
    with pytest.raises(WarehouseError, match=r"columns \['m'\], the table \['n'\]"), table.writer_version(SCHEMA) as version:
        version.write(pa.record_batch({"m": [1]}))
    with pytest.raises(WarehouseError, match='column "n" is string'), table.writer_version(SCHEMA) as version:
        version.write(pa.record_batch({"n": ["x"]}))
    with pytest.raises(WarehouseError, match="without rejected_schema"), table.writer_version(SCHEMA) as version:
        version.reject(rows(1))
    publish(table, 1)
    with pytest.raises(TableNotFound, match="without a table of rejected rows"):
        table.rejected()


def test_a_table_that_was_never_written_offers_the_closest_name(table: WarehouseStorage, tmp_path: Path) -> None:
    publish(table, 1)
    with pytest.raises(TableNotFound, match=r'web_text\.rat: .*did you mean "web_text\.rate"'):
        Warehouse(tmp_path).table("web_text", "rat").read()
    with pytest.raises(TableNotFound, match="has no version 'x'"):
        table.at("x")
    with pytest.raises(KeyError, match="its columns are n"):
        list(table.batches(["m"]))


@pytest.mark.parametrize("name", ["", "a b", "../a", "a.b", "a__b", "1a", "information_schema", "a" * 101, "é"])
def test_names_that_cannot_name_a_table_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a table"):
        Warehouse(tmp_path).table("web_text", name)
    with pytest.raises(ValueError, match="cannot name a table"):
        Warehouse(tmp_path).table(name, "rate")


def test_a_damaged_pointer_or_file_is_explained_with_the_way_out(table: WarehouseStorage, tmp_path: Path) -> None:
    good, bad = publish(table, 1), publish(table, 2)
    pointer = tmp_path / "web_text" / "rate" / "CURRENT"
    pointer.write_text("rubbish")
    with pytest.raises(WarehouseError, match=f"is damaged.*write one of these ids.*{good}"):
        table.read()
    pointer.write_bytes(b"\xff\xfe")
    with pytest.raises(WarehouseError, match="is damaged"):
        table.read()
    pointer.write_text(bad)
    file = tmp_path / "web_text" / "rate" / "versions" / f"{bad}.duckdb"
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        table.read()
    with pytest.warns(UserWarning, match=r"web_text\.rate is left out"):
        Warehouse(tmp_path).connect()
    file.unlink()
    with pytest.raises(WarehouseError, match=r"current version of web_text\.rate is missing"):
        table.read()
    pointer.write_text(f"{good}\n")
    assert numbers(table.read()) == [1]


def test_collecting_keeps_the_last_versions_and_the_current_one(table: WarehouseStorage, tmp_path: Path) -> None:
    versions = [publish(table, number) for number in range(5)]
    (tmp_path / "web_text" / "rate" / "CURRENT").write_text(versions[1])
    collected = Warehouse(tmp_path).collect(keep=2)
    assert table.versions() == [versions[1], *versions[3:]]
    assert collected.removed == [("web_text.rate", versions[0]), ("web_text.rate", versions[2])]
    assert collected.freed_bytes > 0
    with pytest.raises(ValueError, match="keep=0"):
        Warehouse(tmp_path).collect(keep=0)


def test_a_version_that_is_held_or_being_read_is_not_collected(table: WarehouseStorage, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    versions = [publish(table, *range(10_000), start) for start in range(4)]
    held, reading = table.at(versions[0]), table.at(versions[1]).batches(size=10)
    next(reading)
    collected = warehouse.collect(keep=1)
    assert table.versions() == [versions[0], versions[1], versions[3]]
    assert [version for _, version in collected.in_use] == versions[:2]
    assert held.count_rows() == sum(batch.num_rows for batch in reading) + 10 == 10_001
    del held, reading
    warehouse.collect(keep=1)
    assert table.versions() == [versions[3]]


def test_an_open_sql_session_blocks_no_writer_and_keeps_what_it_sees(table: WarehouseStorage, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    seen = publish(table, 1)
    connection = warehouse.connect()
    other = duckdb.connect(str(tmp_path / "web_text" / "rate" / "versions" / f"{seen}.duckdb"), read_only=True)
    latest = publish(table, 2)
    assert connection.execute("SELECT n FROM web_text.rate").fetchall() == other.execute("SELECT n FROM rows").fetchall() == [(1,)]
    warehouse.collect(keep=1)
    assert table.versions() == [seen, latest]
    connection.close()
    del connection
    warehouse.collect(keep=1)
    assert table.versions() == [latest]


def test_sql_sees_every_table_with_its_rejected_rows_and_its_run_and_can_change_none(table: WarehouseStorage, tmp_path: Path) -> None:
    publish(table, 1, 2)
    with Warehouse(tmp_path).table("select", "Order").writer_version(SCHEMA, rejected_schema=REJECTED) as version:
        version.write(rows(7))
    with Warehouse(tmp_path).connect() as connection:
        views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL").fetchall()
        assert views == [
            ("select", "Order"),
            ("select", "Order__rejected"),
            ("select", "Order__run"),
            ("web_text", "rate"),
            ("web_text", "rate__run"),
        ]
        assert connection.execute('SELECT sum(n) FROM web_text.rate, "select"."Order__run" run').fetchall() == [(3,)]
        assert connection.execute("SELECT current_setting('autoinstall_known_extensions')").fetchall() == [(False,)]
        with pytest.raises(duckdb.Error):
            connection.execute("INSERT INTO web_text.rate VALUES (3)")
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute('CREATE TABLE "web_text__rate".other (n INT)')
    assert [(found.pipeline, found.stage) for found in Warehouse(tmp_path).tables()] == [("select", "Order"), ("web_text", "rate")]


def test_a_pinned_version_does_not_change_under_its_reader(table: WarehouseStorage) -> None:
    publish(table, 1)
    pinned = table.current()
    publish(table, 2)
    assert (numbers(pinned.read()), numbers(table.read())) == ([1], [2])
    with pytest.raises(WarehouseError, match="never changes"):
        pinned.write(pa.table({"n": [1]}))


def test_the_warehouse_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAFLOW_WAREHOUSE", raising=False)
    assert warehouse_root() == "warehouse"
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", os.sep + "elsewhere")
    assert warehouse_root() == "/elsewhere"


def test_small_tables_make_small_files(table: WarehouseStorage, tmp_path: Path) -> None:
    publish(table, *range(100))
    (file,) = (tmp_path / "web_text" / "rate" / "versions").iterdir()
    assert file.stat().st_size < 200_000


def test_a_warehouse_as_it_was_laid_out_before_is_read(table: WarehouseStorage, tmp_path: Path) -> None:
    """PIPELINE/STAGE/versions/ID.duckdb with the tables `rows`, `run` and `arrow_schema`, and CURRENT: made here by DuckDB alone."""
    folder = tmp_path / "web_text" / "rate"
    (folder / "versions").mkdir(parents=True)
    version = "20261125-120000-000000-0123abcd"
    with duckdb.connect(str(folder / "versions" / f"{version}.duckdb")) as file:
        file.execute("CREATE TABLE rows AS SELECT range AS n FROM range(5000)")
        file.execute("CREATE TABLE arrow_schema (table_name VARCHAR, schema BLOB, row_count BIGINT, byte_count BIGINT)")
        file.execute("INSERT INTO arrow_schema VALUES ('rows', ?, 5000, 40000)", [SCHEMA.serialize().to_pybytes()])
    (folder / "CURRENT").write_text(version + "\n")
    assert (table.current_version(), table.versions(), table.count_rows()) == (version, [version], 5000)
    assert numbers(table.read()) == list(range(5000))
    again = open_location(table.current().location())
    assert numbers(pa.Table.from_batches(again.rows_from(2048, 2000))) == list(range(2048, 4048))
    assert list(again.rows_from(5000, 1)) == []


def test_the_local_folder_is_a_version_store(tmp_path: Path) -> None:
    store: VersionStore = TableFolder(tmp_path, "web_text", "rate")
    assert store.published_at() is None
    version = publish(Warehouse(tmp_path).table("web_text", "rate"), 1)
    pin: PinnedVersion = store.pin()
    assert (pin.version, pin.store, store.versions()) == (version, store, [version])
    with store.locked():
        assert store.remove(version) is None, "a version that is pinned stays"
        pin.close()
        assert (store.remove(version) or 0) > 0
    assert store.versions() == []
