"""The code location: every folder of defs/, and what all pipelines share."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.loading import load_deployments
from dataflow_assets.opened_resource import resources_of_extensions
from dataflow_assets.resources import LLMResource, WarehouseResource
from sensors.failed_runs import failed_run_sensor
from sensors.healing import abandoned_runs_sensor


def shared_definitions() -> dg.Definitions:
    """What every deployment needs beside itself: resources, sensors, and one process for all stages of a run. For code locations of your own too."""
    warehouse = WarehouseResource()
    own = {
        "warehouse": warehouse,
        "llm": LLMResource(),
        "embedding": EmbeddingResource(),
        "io_manager": WarehouseIOManager(warehouse=warehouse),
    }
    return dg.Definitions(
        resources={**resources_of_extensions(set(own)), **own},
        sensors=[failed_run_sensor, abandoned_runs_sensor],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions.merge(load_deployments(Path(__file__).parent / "defs"), shared_definitions())
