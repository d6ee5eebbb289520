"""Fault C12: what lies in a warehouse and is no table, or a damaged one, is named and left out; the others serve."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from resources.warehouse import Warehouse, WarehouseError

ODD = ("backup", "hidden", "temp", "memory", "system", "double underscore")


def write(warehouse: Warehouse, pipeline: str, stage: str = "rate") -> None:
    warehouse.table(pipeline, stage).write(pa.table({"row_id": ["a"], "text": ["x" * 50_000]}))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path)
    write(warehouse, "web_text")
    return warehouse


@pytest.mark.parametrize("name", ["web_text.bak", ".hidden", "temp", "memory", "system", "a__b", "1st", "zwei drei"])
def test_c12_a_folder_that_cannot_be_a_pipeline_is_left_out_with_a_warning(warehouse: Warehouse, name: str) -> None:
    shutil.copytree(warehouse.root / "web_text", warehouse.root / name)
    with pytest.warns(UserWarning, match=f"{name}.*is left out"):
        assert [str(table.pipeline) for table in warehouse.tables()] == ["web_text"]
    with pytest.warns(UserWarning, match="is left out"):
        assert warehouse.connect().execute("select count(*) from web_text.rate").fetchall() == [(1,)]
    with pytest.warns(UserWarning, match="is left out"):
        assert warehouse.collect(keep=1).removed == []


@pytest.mark.parametrize("name", ["temp", "memory", "system"])
def test_c12_a_pipeline_of_a_name_that_the_database_needs_is_refused_when_it_is_written(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' cannot name a table"):
        write(warehouse, name)


@pytest.mark.parametrize("damage", ["nonsense", "empty", "bytes", "a folder", "another version"])
def test_c12_a_damaged_pointer_names_its_table_and_the_others_serve(warehouse: Warehouse, damage: str) -> None:
    write(warehouse, "sft")
    pointer = warehouse.root / "sft" / "rate" / "CURRENT"
    pointer.unlink()
    if damage == "a folder":
        pointer.mkdir()
    else:
        texts = {"nonsense": b"../../etc/passwd", "empty": b"", "bytes": b"\xff\x00", "another version": b"20200101-000000-000000-00000000"}
        pointer.write_bytes(texts[damage])
    with pytest.raises(WarehouseError, match="sft"):
        warehouse.table("sft", "rate").read()
    with pytest.warns(UserWarning, match=r"sft\.rate is left out"):
        connection = warehouse.connect()
    assert connection.execute("select count(*) from web_text.rate").fetchall() == [(1,)]


def test_c12_flipped_bits_in_a_version_name_the_table_and_what_to_do(warehouse: Warehouse) -> None:
    file = next(warehouse.root.rglob("*.duckdb"))
    content = bytearray(file.read_bytes())
    errors = []
    for place in range(3 * 4096, len(content), len(content) // 40):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        file.write_bytes(damaged)
        try:
            read = warehouse.table("web_text", "rate").read()
            assert read.column("text").to_pylist() == ["x" * 50_000], "a wrong value was given"
        except WarehouseError as error:
            errors.append(str(error))
    assert errors, "no place mattered"
    assert all(str(file) in error and "Materialize" in error for error in errors)
