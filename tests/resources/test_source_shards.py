"""The files of a source as shards."""

from __future__ import annotations

from pathlib import Path

import pytest

from operators.tables.errors import ParameterError
from resources.sources import SourceSettings, find_shards, open_source, shard_settings


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f'{{"text": "{name}"}}\n')
    return folder


def shards(path: Path) -> list[str]:
    return list(find_shards(SourceSettings(path=str(path))))


def test_a_shard_is_named_after_its_file_without_folder_and_endings(tmp_path: Path) -> None:
    files(tmp_path, "pages-000.jsonl", "pages-001.v2.jsonl", "2024/pages-000.jsonl", "_SUCCESS", ".part.jsonl")
    assert shards(tmp_path) == ["2024/pages-000", "pages-000", "pages-001.v2"]
    assert shards(tmp_path / "pages-*.jsonl") == ["pages-000", "pages-001.v2"]
    assert shards(tmp_path / "20*" / "*.jsonl") == ["2024/pages-000"]
    assert shards(tmp_path / "pages-000.jsonl") == ["pages-000"]


def test_a_compressed_file_is_the_same_shard_and_beside_the_other_a_mistake(tmp_path: Path) -> None:
    assert shards(files(tmp_path, "a.jsonl.gz")) == ["a"]
    files(tmp_path, "a.jsonl")
    with pytest.raises(ParameterError, match="are both the shard a"):
        shards(tmp_path)


def test_the_settings_of_a_shard_read_its_file_also_when_the_name_looks_like_a_pattern(tmp_path: Path) -> None:
    files(tmp_path, "[a].jsonl", "a.jsonl")
    settings = SourceSettings(path=str(tmp_path), rename={"text": "body"})
    assert open_source(shard_settings(settings, "[a]")).read().to_pylist() == [{"body": "[a].jsonl"}]
    with pytest.raises(ParameterError, match=r'no file of the shard "b"(?s:.*)\[a\], a'):
        shard_settings(settings, "b")


def test_only_files_come_in_shards() -> None:
    with pytest.raises(ParameterError, match="installed_documentation is not files"):
        find_shards(SourceSettings(built_in="installed_documentation"))
