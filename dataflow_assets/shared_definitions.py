"""What all pipelines of a code location share: resources, the sensors that heal and tell of failed runs, and maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from dataflow_assets.database_resource import DatabaseResource
from dataflow_assets.document_resource import DocumentResource
from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.io_manager import WarehouseIOManager
from dataflow_assets.maintenance import maintenance_definitions
from dataflow_assets.opened_resource import resources_of_extensions
from dataflow_assets.resources import LLMResource, WarehouseResource
from dataflow_assets.sandbox_resource import SandboxResource
from sensors.failed_runs import failed_run_sensor
from sensors.healing import healing_sensor


def shared_definitions(jobs: Sequence[Any] = ()) -> dg.Definitions:
    """`jobs` are those of all deployments."""
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
        sensors=[failed_run_sensor, healing_sensor(jobs)],
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(shared, maintenance_definitions())
