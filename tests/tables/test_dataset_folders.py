"""Folders of Hugging Face data sets, and Arrow files in both formats."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from operators.tables.files import FileFormatError, FileStorage


def shard(path: Path, *values: str) -> None:
    FileStorage(path).write(pa.table({"text": list(values)}))


def texts(path: object) -> list[str]:
    return list(FileStorage(str(path)).read().column("text").to_pylist())


def test_shards_below_data_are_read_in_order_and_descriptions_are_not(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A data set\n")
    (tmp_path / ".gitattributes").write_text("*.parquet filter=lfs\n")
    shard(tmp_path / "data" / "train-00001-of-00002.parquet", "b")
    shard(tmp_path / "data" / "train-00000-of-00002.parquet", "a")
    assert texts(tmp_path) == ["a", "b"]


def test_a_missing_shard_is_named_and_a_glob_reads_the_others(tmp_path: Path) -> None:
    shard(tmp_path / "data" / "train-00000-of-00003-0a1b.jsonl.gz", "a")
    shard(tmp_path / "data" / "train-00002-of-00003-0a1c.jsonl.gz", "c")
    with pytest.raises(FileFormatError, match=r"1 of 3 shards of train are missing \(00001\)"):
        texts(tmp_path)
    assert texts(tmp_path / "data" / "*.jsonl.gz") == ["a", "c"]


def test_splits_are_never_mixed(tmp_path: Path) -> None:
    shard(tmp_path / "data" / "train-00000-of-00001.parquet", "a")
    shard(tmp_path / "data" / "test-00000-of-00001.parquet", "b")
    with pytest.raises(FileFormatError, match="splits test, train"):
        texts(tmp_path)
    assert texts(tmp_path / "data" / "train-*") == ["a"]
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files:\n"
        "  - split: train\n    path: data/train-*\n  - split: test\n    path: data/test-*\n---\n"
    )
    with pytest.raises(FileFormatError, match=r"several splits.*default/train: .*data/train-\*"):
        texts(tmp_path)


def test_the_readme_says_which_files_are_the_data(tmp_path: Path) -> None:
    shard(tmp_path / "en" / "one.jsonl", "a")
    shard(tmp_path / "old" / "two.jsonl", "b")
    (tmp_path / "README.md").write_text('---\nconfigs:\n- config_name: default\n  data_files: "en/*.jsonl"\n---\n')
    assert texts(tmp_path) == ["a"]
    (tmp_path / "README.md").write_text('---\nconfigs:\n- config_name: default\n  data_files: ["en/*.jsonl", "none/*.jsonl"]\n---\n')
    with pytest.raises(FileFormatError, match="no file matches"):
        texts(tmp_path)


def saved(folder: Path, *values: str) -> None:
    """As Dataset.save_to_disk does, with a cached result of an earlier step beside it."""
    shard(folder / "data-00000-of-00001.arrow", *values)
    shard(folder / "cache-0123456789abcdef.arrow", "cached")
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_split": "train"}))
    (folder / "dataset_info.json").write_text("{}")


def test_what_save_to_disk_writes_is_read_without_its_caches(tmp_path: Path) -> None:
    saved(tmp_path / "train", "a", "b")
    assert texts(tmp_path / "train") == ["a", "b"]
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    assert texts(tmp_path) == ["a", "b"]
    saved(tmp_path / "test", "c")
    with pytest.raises(FileFormatError, match="splits test, train"):
        texts(tmp_path)
    (tmp_path / "test" / "data-00000-of-00001.arrow").unlink()
    with pytest.raises(FileFormatError, match=r"state\.json names data-00000-of-00001\.arrow"):
        texts(tmp_path / "test")


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("kind", ["stream", "file"])
def test_arrow_files_of_both_formats_are_read(tmp_path: Path, kind: str, compression: str | None) -> None:
    table = pa.table(
        {"text": ["a", None, "c"], "tags": pa.array([["x"], [], None], pa.list_(pa.string())), "kind": pa.array(["k"] * 3).dictionary_encode()}
    )
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file)(str(tmp_path / "t.arrow"), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=2)
    storage = FileStorage(tmp_path / "t.arrow")
    assert storage.read().to_pylist() == table.to_pylist()
    assert storage.schema.field("kind").type == pa.string()
    assert (storage.count_rows(), [batch.num_rows for batch in storage.batches(["text"], size=1)]) == (3, [1, 1, 1])
    raw = (tmp_path / "t.arrow").read_bytes()
    (tmp_path / "t.arrow").write_bytes(raw[: len(raw) - 8])
    with pytest.raises(FileFormatError, match=r"t\.arrow.*damaged"):
        storage.read()
