"""Fault C12: what lies in a warehouse and is no table, or a damaged one, is named and left out; the others serve."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


AS_NOBODY = """
import os, sys, warnings
import duckdb, pyarrow as pa
from resources.warehouse import Warehouse, WarehouseError
warnings.simplefilter("always")
os.setuid(65534)
warehouse = Warehouse(sys.argv[1])
print([f"{table.pipeline}.{table.stage}" for table in warehouse.tables()])
print(warehouse.connect().execute("select count(*) from web_text.rate").fetchall())
for act in (warehouse.collect, lambda: warehouse.table("web_text", "rate").write(pa.table({"row_id": ["b"]}))):
    try:
        act()
    except WarehouseError as error:
        print(error)
try:
    Warehouse(sys.argv[2])
except WarehouseError as error:
    print(error)
"""


def everybody_may_enter(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not everybody_may_enter(Path(sys.base_prefix).resolve()), reason="another user may not read this Python")
@pytest.mark.skipif(not everybody_may_enter(Path(__file__).resolve().parent), reason="another user may not read this project")
def test_what_another_user_may_not_read_or_write_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:  # pytest makes its folders for one user alone
            folder.chmod(0o755)
    root = tmp_path / "wh"
    warehouse = Warehouse(root)
    for pipeline in ("web_text", "sft", "code"):
        write(warehouse, pipeline)
    (root / "sft").chmod(0o700)
    [version] = (root / "code" / "rate" / "versions").glob("*.duckdb")
    version.chmod(0o600)
    (tmp_path / "mine").mkdir(mode=0o700)
    ended = subprocess.run([sys.executable, "-c", AS_NOBODY, str(root), str(tmp_path / "mine" / "wh")], capture_output=True, text=True, check=False)
    tables, rows, *errors = ended.stdout.splitlines()
    assert (tables, rows) == ("['code.rate', 'web_text.rate']", "[(1,)]"), ended.stderr
    assert "wh/sft is left out: permission denied" in ended.stderr
    assert "code.rate is left out" in ended.stderr
    assert [error.endswith("Choose another folder: --warehouse, or the environment variable DATAFLOW_WAREHOUSE.") for error in errors] == [True] * 3


def test_a_table_whose_versions_are_gone_is_named(warehouse: Warehouse) -> None:
    write(warehouse, "sft")
    shutil.rmtree(warehouse.root / "sft" / "rate" / "versions")
    assert [table.pipeline for table in warehouse.tables()] == ["sft", "web_text"]
    with pytest.warns(UserWarning, match=r"sft\.rate is left out: .* is missing"):
        warehouse.connect()


def test_a_damaged_note_is_named(warehouse: Warehouse) -> None:
    warehouse.change_note("web_text", "exports", lambda known: {"a": 1})
    (warehouse.root / "web_text" / "exports.json").write_text("")
    with pytest.raises(WarehouseError, match=r"exports\.json: cannot be read .* Remove it"):
        warehouse.note("web_text", "exports")
