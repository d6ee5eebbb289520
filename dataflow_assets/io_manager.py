"""Stage tables as arguments of people's own assets, and their tables in the same warehouse."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pyarrow as pa
from dagster._core.errors import DagsterInvariantViolationError
from dagster._core.storage.fs_io_manager import PickledObjectFilesystemIOManager

from dataflow_assets.resources import WarehouseResource, table_of
from dataflow_assets.running.stage_inputs import of_run
from operators.tables.storage import Storage
from resources.warehouse import Warehouse, WarehouseStorage


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Loads a table as what the argument is annotated with, and stores what an asset returns.

    Arguments are pandas.DataFrame, polars.DataFrame, pyarrow.Table (the default), duckdb.DuckDBPyRelation or Storage. A table that the run makes is
    read as the run made it.
    Asset keys have two parts, [pipeline, stage]; an asset with one part stands in the pipeline "assets". Partitions are shards of a table;
    who asks for several is given them together. What is no asset, such as values between the ops of a job, Dagster keeps as it always does.
    """

    warehouse: WarehouseResource

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        if not context.has_asset_key:
            _between_ops(context).handle_output(context, obj)
        elif obj is not None:
            self._write(context, obj)

    def _write(self, context: dg.OutputContext, obj: Any) -> None:
        pipeline, stage = table_of(context.asset_key)
        table = self._warehouse(context).table(pipeline, stage, context.partition_key if context.has_partition_key else None)
        table.write(obj.to_arrow_table() if hasattr(obj, "to_arrow_table") else obj)
        context.add_output_metadata({"dagster/row_count": table.count_rows(), "dagster/table_name": f"{pipeline}.{stage}"})

    def load_input(self, context: dg.InputContext) -> Any:
        if not context.has_asset_key:
            return _between_ops(context).load_input(context)
        table = self._table(context, *table_of(context.asset_key))
        wanted = context.dagster_type.typing_type
        name, package = getattr(wanted, "__name__", str(wanted)), str(getattr(wanted, "__module__", "")).partition(".")[0]
        if isinstance(wanted, type) and issubclass(wanted, Storage):
            return table
        table = of_run(table) if isinstance(table, WarehouseStorage) else table
        if name == "DuckDBPyRelation":
            import duckdb

            return duckdb.connect().from_arrow(table.read())
        if (package, name) == ("polars", "DataFrame"):
            import polars

            return polars.from_arrow(table.read())
        if name == "DataFrame":
            return table.read_pandas()
        if wanted is pa.Table or name in ("Any", "NoneType"):
            return table.read()
        known = "pyarrow.Table, pandas.DataFrame, polars.DataFrame, duckdb.DuckDBPyRelation or Storage"
        raise TypeError(f"{context.asset_key.to_user_string()} cannot be loaded as {name}: annotate with {known}.")

    def _table(self, context: dg.InputContext, pipeline: str, stage: str) -> Storage:
        warehouse = self._warehouse(context)
        if not context.has_asset_partitions:
            return warehouse.table(pipeline, stage)
        shards = sorted(context.asset_partition_keys)
        return warehouse.table(pipeline, stage, shards[0]) if len(shards) == 1 else warehouse.gathered(pipeline, stage, shards)

    def _warehouse(self, context: dg.InputContext | dg.OutputContext) -> Warehouse:
        """Of the run; outside of one, as when somebody loads the value of an asset, the current tables."""
        try:
            return self.warehouse.of_step(context.step_context)
        except DagsterInvariantViolationError:
            return self.warehouse.open()


def _between_ops(context: dg.InputContext | dg.OutputContext) -> PickledObjectFilesystemIOManager:
    folder = context.step_context.instance.storage_directory()
    return PickledObjectFilesystemIOManager(base_dir=folder)  # type: ignore[no-untyped-call]
