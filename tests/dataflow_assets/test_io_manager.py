"""The tables of stages as arguments of people's own assets: of the type that is asked for, and of the run that made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.resources import WarehouseResource
from operators.tables.storage import Storage


def materialize(folder: Path, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    manager = WarehouseIOManager(warehouse=WarehouseResource(root=str(folder / "warehouse")))
    with dg.DagsterInstance.ephemeral(tempdir=str(folder)) as instance:
        return dg.materialize(list(assets), resources={"io_manager": manager}, instance=instance, raise_on_error=False)


def handed_over(folder: Path, made: Any, annotation: Any) -> Any:
    """What an asset gets as its argument of what the asset above it returned."""
    seen: list[Any] = []

    @dg.asset
    def above() -> Any:
        return made

    def below(above: Any) -> None:
        seen.append(above)

    below.__annotations__ = {"above": annotation, "return": None}
    assert materialize(folder, above, dg.asset(below)).success
    return seen[0]


def test_frames_of_pandas_and_of_polars_are_told_apart(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = handed_over(tmp_path, pa.table({"a": [1, None]}), polars.DataFrame)
    assert isinstance(frame, polars.DataFrame)
    assert frame["a"].to_list() == [1, None]
    assert isinstance(handed_over(tmp_path, frame, pd.DataFrame), pd.DataFrame)
    assert isinstance(handed_over(tmp_path, frame, Storage), Storage)


@pytest.mark.parametrize(
    ("made", "said"), [([{"a": 1}], "list of dict is no table"), ("text", "str is no table"), (pd.Series([1]), "a Series is one")]
)
def test_what_is_no_table_is_told_as_such(tmp_path: Path, made: Any, said: str) -> None:
    @dg.asset
    def wrong() -> Any:
        return made

    error = next(event for event in materialize(tmp_path, wrong).all_events if event.is_step_failure).step_failure_data.error
    assert error is not None
    assert said in str(error)


def test_an_asset_reads_what_its_run_made_though_another_run_came_in_between(tmp_path: Path) -> None:
    rows, seen = [4], list[int]()

    @dg.asset(key=["mine", "texts"])
    def texts() -> pa.Table:
        return pa.table({"n": range(rows[0])})

    @dg.asset(deps=[texts])
    def between() -> None:
        if rows[0] == 4:
            rows[0] = 1
            assert materialize(tmp_path, texts).success

    @dg.asset(ins={"texts": dg.AssetIn(key=["mine", "texts"])}, deps=[between])
    def counted(texts: pa.Table) -> None:
        seen.append(len(texts))

    assert materialize(tmp_path, texts, between, counted).success
    assert seen == [4]
    manager = WarehouseIOManager(warehouse=WarehouseResource(root=str(tmp_path / "warehouse")))
    defs = dg.Definitions(assets=[texts, between, counted], resources={"io_manager": manager})
    assert len(defs.load_asset_value(["mine", "texts"], python_type=pa.Table)) == 1, "what is current, outside of a run"


def test_values_between_ops_are_no_tables(tmp_path: Path) -> None:
    @dg.op
    def one() -> int:
        return 1

    @dg.op
    def more(given: int) -> int:
        return given + 1

    @dg.op
    def as_table(given: int) -> pa.Table:
        return pa.table({"n": [given]})

    @dg.job
    def counting() -> None:
        more(one())

    @dg.graph_asset(key=["mine", "counted"])
    def counted() -> Any:
        return as_table(more(one()))

    manager = WarehouseIOManager(warehouse=WarehouseResource(root=str(tmp_path / "warehouse")))
    defs = dg.Definitions(assets=[counted], jobs=[counting], resources={"io_manager": manager})
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        assert defs.resolve_job_def("counting").execute_in_process(instance=instance).success
        assert (
            defs.resolve_implicit_global_asset_job_def()
            .execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["mine", "counted"])])
            .success
        )
        assert defs.load_asset_value(["mine", "counted"], python_type=pa.Table, instance=instance)["n"].to_pylist() == [2]
