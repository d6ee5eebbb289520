"""What is common to all formats: which files a path means, and that files appear whole or not at all."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from operators.tables.files import FileFormatError, FileStorage

TABLE = pa.table({"id": ["001", None, ""], "n": pa.array([2**64 - 1, 0, None], pa.uint64())})
NAMES = ["t.jsonl", "t.ndjson", "t.json", "t.parquet", "t.JSONL.GZ", "t.jsonl.zst", "t.json.gz", "t.json.zst"]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_comes_back_from_every_format(tmp_path: Path, name: str) -> None:
    storage = FileStorage(tmp_path / "new folder" / name)
    storage.write(TABLE)
    assert storage.read().equals(TABLE)
    assert storage.count_rows() == 3
    assert storage.schema == TABLE.schema


@pytest.mark.parametrize("name", [*NAMES, "t.csv", "t.tsv.gz"])
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        FileStorage(tmp_path / folder / name).write(TABLE)
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"Known: \.jsonl, .*\.parquet.*\.gz"):
        FileStorage(tmp_path / "rows.xlsx")
    with pytest.raises(FileFormatError, match="compressed inside"):
        FileStorage(tmp_path / "rows.parquet.gz")


def test_a_missing_file_offers_the_closest_name(tmp_path: Path) -> None:
    FileStorage(tmp_path / "pages.jsonl").write(TABLE)
    with pytest.raises(FileNotFoundError, match=r'did you mean "pages\.jsonl"'):
        FileStorage(tmp_path / "page.jsonl").read()
    with pytest.raises(FileNotFoundError, match=r"folder .* does not exist"):
        FileStorage(tmp_path / "nowhere" / "page.jsonl").read()


def test_a_folder_or_a_glob_is_read_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl.gz", "c/d.jsonl"):
        FileStorage(tmp_path / name).write(pa.table({"a": [name]}))
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".b.jsonl.1.tmp").touch()
    assert FileStorage(tmp_path).read().column("a").to_pylist() == ["a.jsonl.gz", "b.jsonl", "c/d.jsonl"]
    assert FileStorage(f"{tmp_path}/*.jsonl").read().column("a").to_pylist() == ["b.jsonl"]
    assert FileStorage(f"{tmp_path}/**/*.jsonl").count_rows() == 2
    FileStorage(tmp_path / "c.csv").write(TABLE)
    with pytest.raises(FileFormatError, match="more than one format"):
        FileStorage(tmp_path).read()


def test_types_hold_for_all_files_of_a_folder_together(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "b.jsonl").write_text('{"a": 12345678901234567890123, "b": "x"}\n')
    assert FileStorage(tmp_path).read().schema == pa.schema([("a", pa.decimal128(38, 0)), ("b", pa.string())])


def test_parquet_keeps_arrow_types_and_a_column_that_one_file_lacks_is_null(tmp_path: Path) -> None:
    wide = TABLE.append_column("day", pa.array([1, None, 3], pa.date32()))
    FileStorage(tmp_path / "a.parquet").write(wide)
    FileStorage(tmp_path / "b.parquet").write(TABLE)
    table = FileStorage(tmp_path).read()
    assert table.schema == wide.schema
    assert table.column("day").null_count == 4
    pq.write_table(pa.table({"id": [1]}), tmp_path / "c.parquet")
    with pytest.raises(FileFormatError, match="differ in a type"):
        FileStorage(tmp_path).read()


def test_parquet_columns_with_dots_and_dictionaries_are_read_as_plain_columns(tmp_path: Path) -> None:
    table = pa.table({"a.b": pa.array(["x", "y", "x"]).dictionary_encode(), "a": [1, 2, 3]})
    pq.write_table(table, tmp_path / "t.parquet")
    assert FileStorage(tmp_path / "t.parquet").read(["a.b"]).to_pydict() == {"a.b": ["x", "y", "x"]}


def test_many_small_batches_make_few_row_groups(tmp_path: Path) -> None:
    FileStorage(tmp_path / "t.parquet").write(pa.table({"a": range(5000)}).to_batches(max_chunksize=10))
    assert pq.ParquetFile(tmp_path / "t.parquet").num_row_groups == 1


def test_columns_are_renamed_as_they_are_read(tmp_path: Path) -> None:
    FileStorage(tmp_path / "t.jsonl").write(TABLE)
    storage = FileStorage(tmp_path / "t.jsonl", types={"n": str}, rename={"n": "number"})
    assert storage.read(["number", "id"]).to_pylist()[0] == {"number": "18446744073709551615", "id": "001"}
    with pytest.raises(FileFormatError, match='no column "x"'):
        FileStorage(tmp_path / "t.jsonl", rename={"x": "y"}).read()
    with pytest.raises(FileFormatError, match='would be named "id"'):
        FileStorage(tmp_path / "t.jsonl", rename={"n": "id"}).read()


def test_an_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    FileStorage(tmp_path / "t.jsonl").write(TABLE)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        FileStorage(tmp_path / "t.jsonl").write(TABLE)
    FileStorage(tmp_path / "t.jsonl", overwrite=True).write(TABLE.slice(0, 1))
    assert FileStorage(tmp_path / "t.jsonl").count_rows() == 1


def test_a_changed_file_is_looked_at_again(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "t.jsonl", overwrite=True)
    storage.write(TABLE)
    assert storage.schema == TABLE.schema
    storage.write(pa.table({"other": ["x"]}))
    assert storage.read().to_pylist() == [{"other": "x"}]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "t.jsonl", overwrite=True)
    storage.write(TABLE)
    with pytest.raises(FileFormatError, match="the table has"), storage.writer(TABLE.schema) as writer:  # noqa: PT012 (the error comes in the middle)
        writer.write(TABLE.to_batches()[0].slice(0, 1))
        writer.write(pa.record_batch({"other": [1]}))
    assert storage.read().equals(TABLE)
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_tables_that_a_format_cannot_hold_are_refused_by_column(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r'column "a".*duration'):
        FileStorage(tmp_path / "t.jsonl").write(pa.table({"a": pa.array([1], pa.duration("s"))}))
    with pytest.raises(FileFormatError, match='column "a" twice'):
        FileStorage(tmp_path / "t.jsonl").write(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["t.jsonl.gz", "t.parquet"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    FileStorage(tmp_path / name).write(pa.table({"a": [os.urandom(50_000).hex()]}))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-2000])
    with pytest.raises(FileFormatError, match=name):
        FileStorage(tmp_path / name).read()


def test_archives_of_several_members_are_read_whole(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n') + gzip.compress(b'{"a": 2}\n'))
    assert FileStorage(tmp_path / "t.jsonl.gz").count_rows() == 2


WRITE_FOR_EVER = """
import sys, pyarrow as pa
from operators.tables.files import FileStorage
batch = pa.record_batch({"a": ["x" * 1000] * 1000})
with FileStorage(sys.argv[1]).writer(batch.schema) as writer:
    while True:
        writer.write(batch)
        print("wrote", flush=True)
"""


@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet"])
def test_a_killed_writer_leaves_nothing_under_the_final_name(tmp_path: Path, name: str) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path / name)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert [path.name.startswith(".") for path in tmp_path.iterdir()] == [True]
    with pytest.raises(FileNotFoundError):
        FileStorage(tmp_path / name).read()
