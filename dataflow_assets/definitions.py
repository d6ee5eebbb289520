"""The code location: every folder of defs/, and what all pipelines share."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dataflow_assets.loading import load_deployments
from dataflow_assets.shared_definitions import shared_definitions


def with_shared_definitions(deployments: dg.Definitions) -> dg.Definitions:
    """Deployments with what all of them need: resources, sensors, and one process for all stages of a run. For code locations of your own too."""
    return dg.Definitions.merge(deployments, shared_definitions(list(deployments.jobs or ())))


@dg.definitions
def defs() -> dg.Definitions:
    return with_shared_definitions(load_deployments(Path(__file__).parent / "defs"))
