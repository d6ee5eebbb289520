"""The code location: every folder of defs/, and what all pipelines share."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dataflow_assets.database_resource import DatabaseResource
from dataflow_assets.document_resource import DocumentResource
from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.loading import load_deployments
from dataflow_assets.maintenance import maintenance_definitions
from dataflow_assets.opened_resource import resources_of_extensions
from dataflow_assets.resources import LLMResource, WarehouseResource
from dataflow_assets.sandbox_resource import SandboxResource
from sensors.failed_runs import failed_run_sensor
from sensors.healing import healing_sensor


def with_shared_definitions(deployments: dg.Definitions) -> dg.Definitions:
    """Deployments with what all of them need: resources, sensors, and one process for all stages of a run. For code locations of your own too."""
    warehouse = WarehouseResource()
    own = {
        "warehouse": warehouse,
        "llm": LLMResource(),
        "embedding": EmbeddingResource(),
        "database": DatabaseResource(),
        "sandbox": SandboxResource(),
        "documents": DocumentResource(),
        "io_manager": WarehouseIOManager(warehouse=warehouse),
    }
    shared = dg.Definitions(
        resources={**resources_of_extensions(set(own)), **own},
        sensors=[failed_run_sensor, healing_sensor(list(deployments.jobs or ()))],
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(deployments, shared, maintenance_definitions())


@dg.definitions
def defs() -> dg.Definitions:
    return with_shared_definitions(load_deployments(Path(__file__).parent / "defs"))
