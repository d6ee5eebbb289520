"""A table of the warehouse by its name: "web_text.quality"."""

from __future__ import annotations

from operators.tables.errors import closest
from operators.tables.storage import Storage
from resources.warehouse.addresses import warehouse_root
from resources.warehouse.errors import TableNotFound
from resources.warehouse.warehouse import Warehouse


def open_table(name: str, warehouse: Warehouse | None = None) -> Storage:
    """The current version of `pipeline.stage`, pinned; of a table in shards, all of them. Of DATAFLOW_WAREHOUSE, or the folder warehouse/.

    Raises:
        LookupError: there is no such table; with the closest name.
    """
    warehouse = warehouse or Warehouse(warehouse_root())
    known = {f"{table.pipeline}.{table.stage}": table.shard is not None for table in warehouse.tables()}
    if name not in known:
        listed = ", ".join(sorted(known)) or "none yet"
        raise TableNotFound(f'{warehouse.root} has no table "{name}"; it has {listed}. {closest(name, known)}'.strip())
    pipeline, _, stage = name.partition(".")
    return warehouse.gathered(pipeline, stage) if known[name] else warehouse.table(pipeline, stage).current()
