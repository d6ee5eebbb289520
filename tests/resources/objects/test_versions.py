"""Versions on an object store are what they are in a folder: written, read, shared, gathered, asked in SQL. On a store in memory."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from obstore.store import MemoryStore

from operators.tables.storage import MemoryStorage
from resources.warehouse import GatheredStorage, TableNotFound, Warehouse, WarehouseError
from resources.warehouse.addresses import local_folder, place_of
from resources.warehouse.objects import parquet_draft
from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.records import Pointer
from tests.resources.objects.memory import ADDRESS, REJECTED, SCHEMA, connection_of, in_bucket, numbers, publish, store_of
from tests.resources.test_warehouse_types import arrow_tables, comparable


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(ADDRESS, MemoryStore())


@pytest.fixture
def warehouse(bucket: Bucket) -> Warehouse:
    return in_bucket(bucket)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(given=arrow_tables())
def test_every_table_comes_back_as_it_was_written_and_hashes_as_in_a_folder(tmp_path_factory: pytest.TempPathFactory, given: pa.Table) -> None:
    here, there = Warehouse(tmp_path_factory.mktemp("folder")).table("web", "rate"), in_bucket(Bucket(ADDRESS, MemoryStore())).table("web", "rate")
    here.write(given)
    there.write(given)
    assert there.schema.equals(here.schema, check_metadata=True)
    assert comparable(there.read().to_pylist()) == comparable(here.read().to_pylist())
    assert there.run_facts()["content_hash"] == here.run_facts()["content_hash"]
    for name in reversed(given.schema.names):
        assert comparable(there.read([name]).to_pylist()) == comparable(here.read([name]).to_pylist())


def test_the_last_version_published_is_current_and_older_ones_stay_readable(warehouse: Warehouse) -> None:
    table = warehouse.table("web", "rate")
    assert not table.exists()
    first, second = publish(table, 1), publish(table, 2, 3)
    assert (table.current_version(), table.versions()) == (second, [first, second])
    assert first < second
    assert (numbers(table.read()), numbers(table.at(first).read())) == ([2, 3], [1])
    before = table.current().before()
    assert before is not None
    assert before.version == first
    assert table.rejected().read().schema.equals(REJECTED)
    with pytest.raises(TableNotFound, match="has no version 'x'"):
        table.at("x")
    with pytest.raises(TableNotFound, match=r'web\.rat: .*did you mean "web\.rate"'):
        warehouse.table("web", "rat").read()


def test_a_table_of_many_row_groups_and_files_is_read_from_any_row(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_draft, "ROW_GROUP_BYTES", 4_000)
    monkeypatch.setattr(parquet_draft, "PART_BYTES", 12_000)
    table = warehouse.table("web", "rate")
    rows = pa.table({"n": range(20_000), "a.b": [str(n * n) for n in range(20_000)], "pair": [{"a": n, "b": [n]} for n in range(20_000)]})
    table.write(rows)
    assert len(store_of(warehouse).manifest(store_of(warehouse).listed(None).folder).tables["rows"].parts) > 3
    assert table.read().equals(rows)
    for first, count in ((0, 1), (3_333, 7_000), (19_999, 5), (20_000, 1), (511, 513)):
        for columns in (["n"], ["pair", "n"], ["a.b"], None):
            found = pa.Table.from_batches(table.current().rows_from(first, count, columns, 100), rows.select(columns or rows.column_names).schema)
            assert found.equals(rows.select(columns or rows.column_names).slice(first, count))
    assert max(batch.num_rows for batch in table.batches(size=77)) <= 77


def test_tables_without_columns_or_rows_are_tables(warehouse: Warehouse) -> None:
    table = warehouse.table("web", "rate")
    table.write(pa.table({"n": pa.array([], pa.int64())}))
    assert (table.count_rows(), table.schema) == (0, SCHEMA)
    with table.writer_version(pa.schema([])) as version:
        version.write(pa.RecordBatch.from_struct_array(pa.array([{}] * 3, pa.struct([]))))
    assert (table.count_rows(), table.schema.names) == (3, [])
    with warehouse.connect() as connection:
        assert connection.execute("SELECT count(*) FROM web.rate").fetchall() == [(3,)]


def test_equal_rows_are_stored_once_and_each_version_tells_of_its_own_run(warehouse: Warehouse, bucket: Bucket) -> None:
    table = warehouse.table("web", "rate")
    for fingerprint in ("one", "two"):
        with table.writer_version(SCHEMA) as version:
            version.write(pa.record_batch({"n": [1, 2]}))
            version.run["fingerprint"] = fingerprint
    assert len([listed for listed in bucket.list("versions") if listed.key.endswith(".parquet")]) == 1
    first, second = (table.at(version) for version in table.versions())
    assert [first.run_facts()["fingerprint"], second.run_facts()["fingerprint"]] == ["one", "two"]
    assert numbers(first.read()) == numbers(second.read()) == [1, 2]


def test_shards_are_one_table_and_their_location_is_enough_for_another_process(warehouse: Warehouse) -> None:
    names = ["b/2 ü.jsonl", "a", "100%"]
    for number, shard in enumerate(names):
        publish(warehouse.table("web", "clean", shard), number)
    whole = warehouse.gathered("web", "clean")
    assert isinstance(whole, GatheredStorage)
    assert dict(zip(whole.versions, numbers(whole.read()), strict=True)) == {"100%": 2, "a": 1, "b/2 ü.jsonl": 0}
    assert (whole.location() or {})["root"] == ADDRESS
    assert whole.run_facts()["rows"] == 3
    again = warehouse.gathered_at("web", "clean", whole.versions)
    assert again.read().equals(whole.read())
    with pytest.raises(TableNotFound, match="2 of 3 shards were never written: x, y"):
        warehouse.gathered("web", "clean", ["x", "a", "y"])


def test_a_table_written_whole_and_in_shards_is_what_was_written_last(warehouse: Warehouse) -> None:
    publish(warehouse.table("web", "clean", "a"), 1)
    publish(warehouse.table("web", "clean"), 2)
    assert [table.shard for table in warehouse.tables()] == [None]
    store = store_of(warehouse, "web", "clean", "a")
    assert (store.published_at() or 0) <= (store_of(warehouse, "web", "clean").published_at() or 0)


def test_sql_sees_tables_shards_rejected_rows_and_runs_and_changes_nothing(warehouse: Warehouse) -> None:
    publish(warehouse.table("web", "rate"), *range(100))
    for shard in ("a", "b"):
        with warehouse.table("web", "clean", shard).writer_version(SCHEMA, rejected_schema=REJECTED) as version:
            version.write(pa.record_batch({"n": [1]}))
            version.reject(pa.record_batch([pa.array([9]), pa.array(["few"])], schema=REJECTED))
            version.run["fingerprint"] = shard
    meta = pa.table({"meta": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"k": "v"}', None]))})
    warehouse.table("web", "json").write(meta)
    with warehouse.connect() as connection:
        assert connection.execute("SELECT sum(n) FROM web.rate WHERE n >= 90").fetchall() == [(945,)]
        assert connection.execute("SELECT n, shard FROM web.clean ORDER BY ALL").fetchall() == [(1, "a"), (1, "b")]
        assert connection.execute("SELECT reason, shard FROM web.clean__rejected ORDER BY ALL").fetchall() == [("few", "a"), ("few", "b")]
        assert connection.execute("SELECT fingerprint, rows FROM web.clean__run ORDER BY ALL").fetchall() == [("a", 1), ("b", 1)]
        assert connection.execute("SELECT meta->>'$.k' FROM web.json").fetchall() == [("v",), (None,)]
        for attack in ("SELECT * FROM read_csv('/etc/hostname')", "ATTACH '/tmp/x.duckdb'", "INSERT INTO web.rate VALUES (1)", "SET threads = 9"):
            with pytest.raises(duckdb.Error):
                connection.execute(attack)
        publish(warehouse.table("web", "rate"), 5)
        warehouse.collect(keep=1)
        assert connection.execute("SELECT count(*) FROM web.rate").fetchall() == [(100,)], "an open session keeps what it sees"


def test_what_cannot_be_kept_is_refused_and_nothing_is_left(warehouse: Warehouse, bucket: Bucket) -> None:
    table = warehouse.table("web", "rate")
    broken = pa.table({"meta": pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{"]))})
    with pytest.raises(WarehouseError, match=r"DuckDB refused the rows.*JSON"):
        table.write(broken)
    with pytest.raises(WarehouseError, match="has to be a whole number"), table.writer_version(SCHEMA) as version:
        version.run.update(llm_calls="2")
    assert not table.exists()
    assert not [listed.key for listed in bucket.list("versions")]


def test_a_damaged_object_is_named_with_what_to_do(warehouse: Warehouse, bucket: Bucket) -> None:
    table = warehouse.table("web", "rate")
    publish(table, *range(1000))
    (part,) = [listed.key for listed in bucket.list("versions") if listed.key.endswith(".parquet")]
    found = bucket.get(part)
    assert found is not None
    bucket.put(part, found.body[:200] + bytes([found.body[200] ^ 1]) + found.body[201:])
    with pytest.raises(WarehouseError, match=r"web\.rate at .*its hash differs.*Materialize"):
        table.read()
    bucket.delete([part])
    with pytest.raises(WarehouseError, match="it is gone"):
        table.read()
    manifest = part.rpartition("/")[0] + "/manifest.json"
    bucket.put(manifest, b"{}")
    with pytest.raises(WarehouseError, match=r"manifest\.json is damaged"):
        table.read()
    with pytest.warns(UserWarning, match=r"web\.rate is left out"):
        warehouse.connect()
    bucket.put("current/web/rate/CURRENT", b"no JSON")
    with pytest.raises(WarehouseError, match=r"pointer of web\.rate\) is damaged"):
        publish(table, 1)
    bucket.put("current/web/rate/CURRENT", b'{"format": 99}')
    with pytest.raises(WarehouseError, match="use the version that wrote it"):
        table.read()


def test_a_spoilt_page_is_seen_by_who_reads_one_column(warehouse: Warehouse, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resources.warehouse.objects.parquet_version.READ_WHOLE_BYTES", 0)
    monkeypatch.setattr("resources.warehouse.objects.object_file.TAIL_BYTES", 8)
    table = warehouse.table("web", "rate")
    table.write(pa.table({"n": range(50_000), "m": range(50_000)}))
    (part,) = [listed.key for listed in bucket.list("versions") if listed.key.endswith(".parquet")]
    found = bucket.get(part)
    assert found is not None
    bucket.put(part, found.body[:60] + bytes([found.body[60] ^ 1]) + found.body[61:])
    with pytest.raises(WarehouseError, match="cannot be read"):
        table.read(["n"])


def test_a_table_that_was_dropped_is_gone_and_can_be_written_again(warehouse: Warehouse) -> None:
    table = warehouse.table("web", "rate")
    publish(table, 1)
    table.drop()
    assert (table.exists(), table.versions(), warehouse.tables()) == (False, [], [])
    with pytest.raises(TableNotFound):
        table.read()
    publish(table, 2)
    assert numbers(table.read()) == [2]
    assert [str(found) for found in warehouse.tables()]


def test_a_dropped_tables_files_go_with_the_next_collection(warehouse: Warehouse, bucket: Bucket) -> None:
    publish(warehouse.table("web", "rate"), 1)
    warehouse.table("web", "rate").drop()
    collected = warehouse.collect()
    assert collected.freed_bytes > 0
    assert bucket.list("versions") == []


def test_notes_are_changed_without_losing_what_others_noted(bucket: Bucket) -> None:
    one, other = in_bucket(bucket), in_bucket(bucket)

    def change(known: dict[str, object]) -> dict[str, object]:
        if "b" not in known:
            other.change_note("web", "exports", lambda found: found | {"b": 2})
        return known | {"a": 1}

    one.change_note("web", "exports", change)
    assert one.notes("exports") == {"web": {"a": 1, "b": 2}}
    assert one.note("sft", "exports") == {}


def test_what_a_pinned_reader_holds_is_told_and_given_back(warehouse: Warehouse, bucket: Bucket) -> None:
    publish(warehouse.table("web", "rate"), 1)
    held = warehouse.table("web", "rate").current()
    connection_of(warehouse).session.settle()
    (pin,) = bucket.list("pins")
    assert store_of(warehouse).prefix.encode() in (bucket.get(pin.key) or pytest.fail("no pin")).body
    del held
    connection_of(warehouse).session.settle()
    assert bucket.list("pins") == []


def test_two_states_of_a_pointer_never_share_their_bytes() -> None:
    """An ETag may be a hash of them."""
    assert Pointer().encoded() != Pointer().encoded()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("s3://key:secret@bucket/prefix", "taken from environment variables"),
        ("s3://bucket:9000/prefix", "taken from environment variables"),
        ("s3://bucket/prefix?secret=xyz", "taken from environment variables"),
        ("s3:/bucket/prefix", "before Path"),
        ("ftp://bucket/prefix", "is no place for a warehouse"),
        ("s3://", "no bucket"),
        ("s3://bucket/a/../b", "no bucket, or a prefix"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused_without_showing_a_key(given: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        place_of(given)
    assert "secret" not in str(refused.value).lower().replace("aws_secret_access_key", "")


def test_an_address_is_kept_as_text_and_files_of_this_machine_have_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place_of("S3://bucket//a/b/") == "s3://bucket/a/b"
    monkeypatch.setenv("DATAFLOW_LOCAL", "/somewhere")
    assert str(local_folder("s3://bucket/a")) == "/somewhere/s3%3A%2F%2Fbucket%2Fa"
    assert str(local_folder("tables")) == "tables"


def test_rows_written_through_the_storage_interface_are_a_version(warehouse: Warehouse) -> None:
    source = MemoryStorage(pa.table({"n": [1, 2]}))
    warehouse.table("web", "rate").write(source.read())
    assert numbers(warehouse.table("web", "rate").read()) == [1, 2]
