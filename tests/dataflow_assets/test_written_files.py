"""What a deployment writes beside its tables is refused when it is loaded, where it would replace what it reads or what somebody else wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dataflow_assets.component import PipelineComponent
from dataflow_assets.showing.report_files import refuse_foreign_report
from operators.tables.errors import ParameterError
from tests.dataflow_assets.sharded_pipelines import EachText, definitions, write_shard


def deployed(source: Any, **attributes: Any) -> dg.Definitions:
    return PipelineComponent(pipeline=f"{EachText.__module__}:{EachText.__name__}", source=source, **attributes).definitions()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_shard(tmp_path / "data", "over", "one", "two")
    write_shard(tmp_path / "data" / "deep", "er", "three")
    (tmp_path / "data" / "link.jsonl").symlink_to(tmp_path / "data" / "over.jsonl")
    (tmp_path / "hard.jsonl").hardlink_to(tmp_path / "data" / "over.jsonl")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "export", "said"),
    [
        ("data/over.jsonl", ["data/over.jsonl"], "is read as the input documents"),
        ("data/over.jsonl", ["data/../data/over.jsonl"], "is read as the input documents"),
        ("data/over.jsonl", ["data/link.jsonl"], "is read as the input documents"),
        ("data/over.jsonl", ["hard.jsonl"], "is read as the input documents"),
        ({"path": "data/*.jsonl", "limit": 3}, ["data/new.jsonl"], "would be read by the source documents"),
        ("data", ["data/deep/new.parquet"], "would be read by the source documents"),
        ("data/**/*.jsonl", ["data/a/b/new.jsonl"], "would be read by the source documents"),
        ("later.jsonl", ["later.jsonl"], "would be read by the source documents"),
        ("data/over.jsonl", ["out/x.jsonl", "out/../out/x.jsonl"], "is the same file as export"),
        ("data/over.jsonl", ["out/x.xyz"], "is not known"),
        ("data/over.jsonl", ["out"], "is not known"),
        ("data/over.jsonl", ["out/x.jsonl", {"format": "webdataset", "path": "out"}], "lies in the folder out of a data set"),
        ("data/over.jsonl", [{"format": "webdataset", "path": "data"}], "the source documents reads data/over.jsonl there"),
        ("data/over.jsonl", [{"format": "webdataset", "path": "out"}, {"format": "hugging_face", "path": "out/hf"}], "the same folder"),
    ],
)
def test_an_export_that_would_replace_rows_is_refused(here: Path, source: Any, export: list[Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        deployed(source, export=export)


@pytest.mark.parametrize(
    ("source", "export"),
    [
        ("data/over.jsonl", ["data/new.jsonl"]),
        ("data/over.jsonl", ["data/over.parquet", "data/over.csv.gz"]),
        ("data/*.jsonl", ["data/new.parquet", "data/deep/new.jsonl", "out/new.jsonl"]),
        ("data/**/*.jsonl", ["data/new.csv"]),
        ("data/ov*.jsonl", ["data/new.jsonl"]),
        ("data", ["data/_out/new.jsonl", "database.jsonl"]),
        ("later.jsonl", ["sooner.jsonl"]),
        ("installed_documentation", ["out.jsonl"]),
        ("data/over.jsonl", ["out/x.jsonl", {"format": "webdataset", "path": "out/wds"}, {"format": "hugging_face", "path": "out/hf"}]),
    ],
)
def test_an_export_to_a_file_of_its_own_is_taken(here: Path, source: Any, export: list[Any]) -> None:
    assert deployed(source, export=export).jobs


def test_files_of_shards_are_compared_shard_by_shard(here: Path) -> None:
    with pytest.raises(ParameterError, match="is read as the input documents"):
        definitions("data/deep", "warehouse", pipeline=EachText, export=["data/deep/{shard}.jsonl"])
    definitions("data/deep", "warehouse", pipeline=EachText, export=["out/{shard}.jsonl"])
    by_day = {"source": "documents", "by": "day", "start": "2026-01-01"}
    with pytest.raises(ParameterError, match="would be read by the source documents"):
        definitions("days/%Y-%m-%d.jsonl", "warehouse", pipeline=EachText, partitions=by_day, export=["days/{shard}.jsonl"])
    definitions("days/%Y-%m-%d.jsonl", "warehouse", pipeline=EachText, partitions=by_day, export=["out/{shard}.jsonl"])


@pytest.mark.parametrize(
    ("source", "by", "export"),
    [
        ("d/%Y%m%d.jsonl", "day", "d/result.jsonl"),
        ("d/%Y%m%d/*.jsonl", "day", "d/out/pages.jsonl"),
        ("d/%Y%m/*.jsonl", "month", "d/result.jsonl"),
        ("d/%Y-%m-%d.jsonl", "day", "d/clean-{shard}.jsonl"),
    ],
)
def test_a_file_beside_those_of_times_is_none_of_them(here: Path, source: str, by: str, export: str) -> None:
    partitions = {"source": "documents", "by": by, "start": "2026-01-01"}
    assert definitions(source, "warehouse", pipeline=EachText, partitions=partitions, export=[export]).jobs


def test_a_report_replaces_what_a_report_wrote_and_nothing_else(here: Path) -> None:
    deployed("data/over.jsonl", report="new/folder")
    (here / "README.md").write_text("# My project\n")
    with pytest.raises(ParameterError, match=r"README\.md: no report wrote it"):
        deployed("data/over.jsonl", report=".")
    with pytest.raises(ParameterError, match="is a file"):
        deployed("data/over.jsonl", report="hard.jsonl")
    for file in ("report.html", "croissant.json"):
        (here / f"of_{file}").mkdir()
        (here / f"of_{file}" / file).write_text("mine")
        with pytest.raises(ParameterError, match=rf"{file}: no report wrote it"):
            deployed("data/over.jsonl", report=f"of_{file}")
    with pytest.raises(ParameterError, match="would be read by the source documents"):
        deployed("data", report="data/report")


def test_a_card_that_a_report_wrote_is_known(here: Path) -> None:
    from dataflow_assets.running.formats import Written
    from dataflow_assets.showing.dataset_card import header

    (here / "out").mkdir()
    (here / "out" / "README.md").write_text(header("a pipeline", None, Written({"all": 2}, 0, [], None)))  # type: ignore[arg-type]
    (here / "out" / "croissant.json").write_text("{}")
    refuse_foreign_report(here / "out")


@pytest.mark.parametrize("wrong", [{"retries": -3}, {"settle_seconds": -5}, {"settle_seconds": float("nan")}, {"settle_seconds": float("inf")}])
def test_numbers_below_zero_are_refused(here: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=f"{next(iter(wrong))}: .*: give 0 or more"):
        deployed("data/over.jsonl", **wrong)
    deployed("data/over.jsonl", retries=0, settle_seconds=0, watch=True)
