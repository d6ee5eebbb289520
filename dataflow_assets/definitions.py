"""The code location: every folder of defs/, and what all pipelines share."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.opened_resource import resources_of_extensions
from dataflow_assets.resources import LLMResource, WarehouseResource
from sensors.failed_runs import failed_run_sensor


@dg.definitions
def defs() -> dg.Definitions:
    warehouse = WarehouseResource()
    own = {
        "warehouse": warehouse,
        "llm": LLMResource(),
        "embedding": EmbeddingResource(),
        "io_manager": WarehouseIOManager(warehouse=warehouse),
    }
    shared = dg.Definitions(
        resources={**resources_of_extensions(set(own)), **own},
        sensors=[failed_run_sensor],
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(dg.load_from_defs_folder(path_within_project=Path(__file__).parent / "defs"), shared)
