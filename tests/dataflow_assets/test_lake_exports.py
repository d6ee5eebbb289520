"""Tables for a lakehouse: a new export is a new version, which the formats' own libraries read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.running.formats import DatasetSettings, Written, dataset_settings, write_dataset
from dataflow_assets.showing.dataset_card import card, croissant
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage

ROWS = pa.table(
    {
        "row_id": [f"id-{number}" for number in range(50)],
        "text": [f"What grows in field {number}? Nothing that field {number * 7} has not." for number in range(50)],
        "score": pa.array([number / 2 if number % 5 else None for number in range(50)], pa.float64()),
        "votes": pa.array([list(range(number % 3)) for number in range(50)], pa.list_(pa.int64())),
        "turns": pa.array([[{"role": "user", "content": "Hi"}]] * 50, pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
    }
)
LAKES = ("delta", "iceberg")


def write(place: Path | str, format_: str, rows: pa.Table = ROWS, name: str = "fields", **more: Any) -> Written:
    chosen = DatasetSettings.model_validate({"format": format_, "path": str(place), **more})

    def beside(written: Written) -> dict[str, str]:
        return {"README.md": card(name, "Fields.", [], chosen, written), "croissant.json": croissant(name, "Fields.", chosen, written)}

    return write_dataset(MemoryStorage(rows), chosen, name, beside)


def read(place: Path, format_: str, version: int | None = None) -> pa.Table:
    """The table, or what it was after so many exports, from 0."""
    if format_ == "delta":
        deltalake = pytest.importorskip("deltalake")
        return deltalake.DeltaTable(str(place), version=version).to_pyarrow_table()
    catalogs = pytest.importorskip("pyiceberg.catalog")
    catalog = catalogs.load_catalog("dataflow", type="sql", uri=f"sqlite:///{place / 'catalog.db'}", warehouse=f"file://{place}")
    table = catalog.load_table("dataflow.fields")
    appended = [snapshot.snapshot_id for snapshot in table.snapshots() if snapshot.summary.operation.value == "append"]
    return table.scan(snapshot_id=None if version is None else appended[version]).to_arrow()


@pytest.fixture(params=LAKES)
def format_(request: pytest.FixtureRequest) -> str:
    pytest.importorskip({"delta": "deltalake", "iceberg": "pyiceberg"}[request.param])
    return str(request.param)


def test_the_rows_are_those_of_the_table(tmp_path: Path, format_: str) -> None:
    written = write(tmp_path / "lake", format_)
    assert written.rows == {"train": 50}
    found = read(tmp_path / "lake", format_)
    assert sorted(found.to_pylist(), key=str) == sorted(ROWS.drop_columns(["row_id"]).to_pylist(), key=str)
    assert (tmp_path / "lake" / "README.md").read_text().count("fields")
    assert all((tmp_path / "lake" / file).is_file() for file in written.files)


def test_a_new_export_is_a_new_version_with_its_own_columns_and_the_old_one_stays(tmp_path: Path, format_: str) -> None:
    place = tmp_path / "lake"
    write(place, format_)
    less = ROWS.slice(0, 7).drop_columns(["votes"]).append_column("kept", pa.array([True] * 7))
    write(place, format_, less, row_id=True)
    found = read(place, format_)
    assert found.num_rows == 7
    assert set(found.column_names) == {"row_id", "text", "score", "turns", "kept"}
    assert read(place, format_, version=0).num_rows == 50


def test_a_table_without_rows_is_one_too(tmp_path: Path, format_: str) -> None:
    assert write(tmp_path / "lake", format_, ROWS.slice(0, 0)).rows == {"train": 0}
    found = read(tmp_path / "lake", format_)
    assert (found.num_rows, set(found.column_names)) == (0, {"text", "score", "votes", "turns"})
    write(tmp_path / "lake", format_)
    assert read(tmp_path / "lake", format_).num_rows == 50


def test_splits_are_a_column(tmp_path: Path, format_: str) -> None:
    written = write(tmp_path / "lake", format_, splits={"train": 0.8, "test": 0.2})
    found = read(tmp_path / "lake", format_)
    counts = {row["values"]: row["counts"] for row in found["split"].value_counts().to_pylist()}
    assert counts == dict(written.rows)
    write(tmp_path / "lake", format_)
    assert "split" not in read(tmp_path / "lake", format_).column_names
    with pytest.raises(ParameterError, match='a column "split" already'):
        write(tmp_path / "other", format_, ROWS.append_column("split", ROWS["text"]), splits={"train": 0.8, "test": 0.2})


def test_nothing_of_others_is_written_over(tmp_path: Path, format_: str) -> None:
    write(tmp_path / "lake", format_)
    with pytest.raises(ParameterError, match="fields"):
        write(tmp_path / "lake", format_, name="meadows") if format_ == "delta" else _as_meadows(tmp_path / "lake")
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("Dear Ada,")
    with pytest.raises(ParameterError, match="a folder with files that no export wrote"):
        write(other, format_)
    assert [file.name for file in other.iterdir()] == ["letter.txt"]


def _as_meadows(place: Path) -> None:
    """An Iceberg table of that name that the pipeline `fields` wrote."""
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog("dataflow", type="sql", uri=f"sqlite:///{place / 'catalog.db'}", warehouse=f"file://{place}")
    catalog.rename_table("dataflow.fields", "dataflow.meadows")
    write(place, "iceberg", name="meadows")


def test_a_delta_table_that_something_else_made_is_left_alone(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    deltalake.write_deltalake(str(tmp_path / "lake"), pa.table({"a": [1]}))
    with pytest.raises(ParameterError, match="that no export wrote"):
        write(tmp_path / "lake", "delta")
    assert read(tmp_path / "lake", "delta").to_pylist() == [{"a": 1}]


def test_a_catalog_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogs = pytest.importorskip("pyiceberg.catalog")
    (tmp_path / "lake").mkdir()
    (tmp_path / ".pyiceberg.yaml").write_text(
        f"catalog:\n  ours:\n    type: sql\n    uri: sqlite:///{tmp_path / 'ours.db'}\n    warehouse: file://{tmp_path / 'lake'}\n"
    )
    monkeypatch.setenv("PYICEBERG_HOME", str(tmp_path))
    monkeypatch.setattr(catalogs, "_ENV_CONFIG", type(catalogs._ENV_CONFIG)())
    written = write("texts.fields", "iceberg", catalog="ours")
    assert Path(written.files[0]).is_file()
    assert catalogs.load_catalog("ours").load_table("texts.fields").scan().to_arrow().num_rows == 50


def test_a_catalog_that_nothing_is_known_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyiceberg")
    monkeypatch.setenv("PYICEBERG_HOME", str(tmp_path))
    with pytest.raises(ParameterError, match=r"Iceberg does not take the table: .*URI"):
        write("texts.fields", "iceberg", catalog="nowhere")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"format": "delta", "path": "x", "catalog": "ours"}, "catalog: delta has none"),
        ({"format": "alpaca", "path": "s3://lake/x"}, "for delta"),
        ({"format": "iceberg", "path": "s3://lake/x"}, "for delta"),
    ],
)
def test_settings_that_do_not_go_together_are_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        dataset_settings(given)


def test_a_type_that_the_format_has_no_place_for_is_told(tmp_path: Path, format_: str) -> None:
    odd = pa.table({"row_id": ["a"], "span": pa.array([3], pa.duration("s"))})
    with pytest.raises(ParameterError, match="does not take the table"):
        write(tmp_path / "lake", format_, odd)
