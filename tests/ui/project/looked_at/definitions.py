"""The code location of the project that the tests of the UI look at."""

from pathlib import Path

import dagster as dg

from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.resources import LLMResource, WarehouseResource


@dg.definitions
def defs() -> dg.Definitions:
    warehouse = WarehouseResource()
    shared = dg.Definitions(
        resources={
            "warehouse": warehouse,
            "llm": LLMResource(),
            "embedding": EmbeddingResource(),
            "io_manager": WarehouseIOManager(warehouse=warehouse),
        },
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(dg.load_from_defs_folder(path_within_project=Path(__file__).parent / "defs"), shared)
