"""The code location of the project that the tests of the UI look at."""

from pathlib import Path

import dagster as dg

from dataflow_assets.definitions import with_shared_definitions
from dataflow_assets.loading import load_deployments


@dg.definitions
def defs() -> dg.Definitions:
    return with_shared_definitions(load_deployments(Path(__file__).parent / "defs"))
