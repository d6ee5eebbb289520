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


CARD = "---\nlicense: mit\n---\n# A data set\n"


def data_set(folder: Path, *files: str, card: str | None = None) -> Path:
    """A folder whose files each hold one row: their own name."""
    for file in files:
        shard(folder / file, file)
    if card is not None:
        (folder / "README.md").write_text(card)
    return folder


@pytest.mark.parametrize("card", [None, CARD])
@pytest.mark.parametrize(
    ("files", "splits"),
    [
        (["train.jsonl", "test.jsonl"], "test, train"),
        (["train/a.jsonl", "test/a.jsonl"], "test, train"),
        (["Train.csv", "TEST.csv"], "test, train"),
        (["poems_train_v2.0.jsonl", "poems_dev_v2.0.jsonl"], "train, validation"),
        (["val.jsonl", "test.jsonl", "eval.jsonl"], "eval, test, validation"),
        (["train/a.jsonl", "test.jsonl"], "test, train"),
        (["de/train.jsonl", "de/valid.jsonl", "de/notes.jsonl"], "train, validation"),
        (["data/train_long-00000-of-00001.jsonl", "data/test_long-00000-of-00001.jsonl"], "test(_long)?, train(_long)?"),
    ],
)
def test_files_and_folders_named_for_different_splits_are_never_mixed(tmp_path: Path, files: list[str], splits: str, card: str | None) -> None:
    with pytest.raises(FileFormatError, match=f"the data set has the splits {splits}\\. Name the files of one"):
        texts(data_set(tmp_path, *files, card=card))
    assert texts(tmp_path / files[0]) == [files[0]]
    assert texts(f"{tmp_path}/**/*{Path(files[0]).suffix}") == sorted(files)


@pytest.mark.parametrize("card", [None, CARD])
@pytest.mark.parametrize(
    "files",
    [
        ["train.jsonl", "other.jsonl"],
        ["train_1.jsonl", "train_2.jsonl", "training.jsonl"],
        ["train/dev_notes.jsonl", "train/test_notes.jsonl"],
        ["de/train.jsonl", "en/train.jsonl"],
        ["dev.jsonl", "validation.jsonl"],
        ["contest.jsonl", "latest.jsonl", "trainer.jsonl", "devices.jsonl", "values.jsonl", "evaluate.jsonl"],
        ["train_test_split.jsonl", "more.jsonl"],
        ["2024-01/a.jsonl", "2024-02/a.jsonl"],
    ],
)
def test_a_folder_that_tells_at_most_one_split_is_read_whole(tmp_path: Path, files: list[str], card: str | None) -> None:
    folder = tmp_path / "test"  # the name of the folder itself says nothing of its files
    assert texts(data_set(folder, *files, card=card)) == sorted(files)


def test_in_the_layout_of_the_hub_every_name_of_a_shard_is_a_split(tmp_path: Path) -> None:
    files = ["data/chosen-00000-of-00001.jsonl", "data/rejected-00000-of-00001.jsonl"]
    assert texts(data_set(tmp_path, *files)) == files
    with pytest.raises(FileFormatError, match="splits chosen, rejected"):
        texts(data_set(tmp_path, card=CARD))


def test_configurations_are_never_mixed_and_data_dir_says_where_one_is(tmp_path: Path) -> None:
    english, german = "- config_name: en\n  data_dir: en\n", "- config_name: de\n  data_dir: de\n"
    data_set(tmp_path, "en/a.jsonl", "de/a.jsonl", card=f"---\nconfigs:\n{english}{german}---\n")
    with pytest.raises(FileFormatError, match=r"several splits.*en: .*/en/\*\*, de: .*/de/\*\*"):
        texts(tmp_path)
    data_set(tmp_path, card=f"---\nconfigs:\n{german}---\n")
    assert texts(tmp_path) == ["de/a.jsonl"]
    data_set(tmp_path, "de/b.jsonl", card=f"---\nconfigs:\n{german}  data_files: b.jsonl\n---\n")
    assert texts(tmp_path) == ["de/b.jsonl"]
    data_set(tmp_path, "de/train.jsonl", "de/test.jsonl", card=f"---\nconfigs:\n{german}---\n")
    with pytest.raises(FileFormatError, match="splits test, train"):
        texts(tmp_path)


def test_data_files_may_be_patterns_by_split(tmp_path: Path) -> None:
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n    train: [a.jsonl, c.jsonl]\n"
    assert texts(data_set(tmp_path, "a.jsonl", "b.jsonl", "c.jsonl", card=f"{card}---\n")) == ["a.jsonl", "c.jsonl"]
    with pytest.raises(FileFormatError, match="several splits"):
        texts(data_set(tmp_path, card=f"{card}    test: b.jsonl\n---\n"))


@pytest.mark.parametrize("head", ["configs: [default]", "configs: 5", "configs: {config_name: x}", "configs: [", "date: 2024-99-99"])
def test_a_card_that_is_not_understood_is_refused_by_name(tmp_path: Path, head: str) -> None:
    with pytest.raises(FileFormatError, match=r"README\.md: .*its head .*is not"):
        texts(data_set(tmp_path, "a.jsonl", card=f"---\n{head}\n---\n"))


@pytest.mark.parametrize("head", ["configs:", "configs: []", "- a list", "configs:\n- config_name: x\n  features: []", "license: mit"])
def test_a_card_that_names_no_files_leaves_all_of_them(tmp_path: Path, head: str) -> None:
    assert texts(data_set(tmp_path, "a.jsonl", "b.jsonl", card=f"---\n{head}\n---\n")) == ["a.jsonl", "b.jsonl"]


def test_brackets_in_the_name_of_the_folder_are_no_wildcards(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "poems[v1]", "data/a.jsonl", card='---\nconfigs:\n- config_name: default\n  data_files: "data/*"\n---\n')
    assert texts(folder) == ["data/a.jsonl"]
