"""Stage tables as arguments of people's own assets, and their tables in the same warehouse."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pyarrow as pa

from dataflow_assets.resources import WarehouseResource
from operators.tables.storage import Storage


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Loads a table as what the argument is annotated with, and stores what an asset returns.

    Arguments are pandas.DataFrame, pyarrow.Table (the default), duckdb.DuckDBPyRelation or Storage.
    Asset keys have two parts, [pipeline, stage]; an asset with one part stands in the pipeline "assets". Partitions are shards of a table;
    who asks for several is given them together.
    """

    warehouse: WarehouseResource

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        if obj is None:
            return
        pipeline, stage = _table_name(context.asset_key)
        table = self.warehouse.open().table(pipeline, stage, context.partition_key if context.has_partition_key else None)
        table.write(obj.to_arrow_table() if hasattr(obj, "to_arrow_table") else obj)
        context.add_output_metadata({"dagster/row_count": table.count_rows(), "dagster/table_name": f"{pipeline}.{stage}"})

    def load_input(self, context: dg.InputContext) -> Any:
        pipeline, stage = _table_name(context.asset_key)
        table = self._table(context, pipeline, stage)
        wanted = context.dagster_type.typing_type
        name = getattr(wanted, "__name__", str(wanted))
        if isinstance(wanted, type) and issubclass(wanted, Storage):
            return table
        if name == "DuckDBPyRelation":
            import duckdb

            return duckdb.connect().from_arrow(table.read())
        if name == "DataFrame":
            return table.read_pandas()
        if wanted is pa.Table or name in ("Any", "NoneType"):
            return table.read()
        known = "pyarrow.Table, pandas.DataFrame, duckdb.DuckDBPyRelation or Storage"
        raise TypeError(f"{context.asset_key.to_user_string()} cannot be loaded as {name}: annotate with {known}.")

    def _table(self, context: dg.InputContext, pipeline: str, stage: str) -> Storage:
        warehouse = self.warehouse.open()
        if not context.has_asset_partitions:
            return warehouse.table(pipeline, stage)
        shards = sorted(context.asset_partition_keys)
        return warehouse.table(pipeline, stage, shards[0]) if len(shards) == 1 else warehouse.gathered(pipeline, stage, shards)


def _table_name(key: dg.AssetKey) -> tuple[str, str]:
    if len(key.path) > 2:
        raise ValueError(f"{key.to_user_string()}: tables of the warehouse have keys of one or two parts, [pipeline, stage].")
    return (key.path[0], key.path[1]) if len(key.path) == 2 else ("assets", key.path[0])
