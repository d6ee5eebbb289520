"""Rows that did not change are not stored again: a new version of equal content is another name of the file of the old one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from operators.tables.storage import MemoryStorage
from resources.warehouse import Warehouse
from resources.warehouse.storage import WarehouseStorage

ROWS = pa.table({"row_id": [str(number) for number in range(2000)], "text": [f"a text of its own, number {number}" for number in range(2000)]})


def write(table: WarehouseStorage, rows: pa.Table, rejected: pa.Table | None = None, **facts: str) -> str:
    with table.writer_version(rows.schema, rejected_schema=ROWS.schema) as version:
        for batch in rows.to_batches():
            version.write(batch)
        for batch in (rejected or ROWS.slice(0, 0)).to_batches():
            version.reject(batch)
        version.run.update(facts)
    return version.version


def stored_bytes(folder: Path) -> int:
    return sum({(found := file.stat()).st_ino: found.st_size for file in folder.rglob("*") if file.is_file()}.values())


def test_equal_rows_are_stored_once_and_each_version_tells_of_its_own_run(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    table = warehouse.table("p", "s")
    first = write(table, ROWS, fingerprint="a")
    before = stored_bytes(tmp_path)
    second = write(table, ROWS, fingerprint="b")
    assert second != first
    assert table.versions() == [first, second]
    assert table.current_version() == second
    assert stored_bytes(tmp_path) - before < before / 2, "only what is known of the run is new"
    assert [table.at(version).run_facts()["fingerprint"] for version in (first, second)] == ["a", "b"]
    assert table.at(second).read().equals(table.at(first).read())
    with warehouse.connect() as connection:
        assert connection.execute("select fingerprint from p.s__run").fetchall() == [("b",)]
        assert connection.execute("select count(*) from p.s").fetchall() == [(2000,)]


@pytest.mark.parametrize(
    ("rows", "rejected"),
    [
        (ROWS.slice(1), None),
        (ROWS.set_column(1, "text", ROWS.column("text").take(list(reversed(range(2000))))), None),
        (ROWS.rename_columns(["row_id", "body"]), None),
        (ROWS.replace_schema_metadata({"said": "otherwise"}), None),
        (ROWS, ROWS.slice(0, 1)),
    ],
)
def test_what_differs_in_a_row_a_column_or_a_rejected_row_is_stored(tmp_path: Path, rows: pa.Table, rejected: pa.Table | None) -> None:
    table = Warehouse(tmp_path).table("p", "s")
    write(table, ROWS)
    write(table, rows, rejected)
    assert len({file.stat().st_ino for file in tmp_path.rglob("versions/*.duckdb")}) == 2
    assert table.read().equals(rows)
    assert table.rejected().count_rows() == (rejected.num_rows if rejected else 0)


def test_collection_takes_names_away_and_the_rows_stay_while_one_is_left(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    table = warehouse.table("p", "s")
    versions = [write(table, ROWS, fingerprint=str(number)) for number in range(4)]
    collected = warehouse.collect(keep=1)
    assert [version for _, version in collected.removed] == versions[:3]
    assert collected.freed_bytes == 0, "the rows are still needed"
    assert table.read().equals(ROWS)
    assert table.run_facts()["fingerprint"] == "3"
    assert {file.name for file in (tmp_path / "p" / "s" / "versions").iterdir()} == {f"{versions[3]}.duckdb", f"{versions[3]}.run"}


def test_rows_that_somebody_reads_stay_whichever_version_he_reads(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    table = warehouse.table("p", "s")
    write(table, ROWS)
    write(table, ROWS)
    reading = table.at(table.versions()[0])
    write(table, ROWS.slice(5))
    warehouse.collect(keep=1)
    assert reading.read().equals(ROWS)


def test_without_hard_links_the_rows_are_stored_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Warehouse(tmp_path).table("p", "s")
    write(table, ROWS, fingerprint="a")

    def refused(self: Path, target: Path) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    write(table, ROWS, fingerprint="b")
    assert table.read().equals(ROWS)
    assert table.run_facts()["fingerprint"] == "b"
    assert not list(tmp_path.rglob("*.run"))


def test_the_pandas_way_of_writing_shares_too(tmp_path: Path) -> None:
    table = Warehouse(tmp_path).table("assets", "frame")
    for _ in range(2):
        table.write(MemoryStorage(ROWS).read())
    assert len({file.stat().st_ino for file in tmp_path.rglob("versions/*.duckdb")}) == 1
