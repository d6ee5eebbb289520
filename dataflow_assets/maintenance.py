"""Old versions of tables are taken away: as defs.yaml says after each run, and for all tables by the job `maintenance`."""

# No `from __future__ import annotations` here: Dagster reads the annotations of ops as types.

import dagster as dg
from pydantic import Field

from dataflow_assets.resources import WarehouseResource
from resources.warehouse import Collected, Warehouse
from resources.warehouse.warehouse import DEFAULT_KEEP

NAME = "maintenance"
EVERY_SUNDAY = "0 4 * * 0"


class Kept(dg.Config):
    """How much stays."""

    keep: int = Field(DEFAULT_KEEP, ge=1, description="Versions of each table that stay, the current one among them.")


def collect_old(warehouse: Warehouse, pipeline: str, stage: str, shard: str | None, keep: int | None) -> None:
    """After a new version: all but the last `keep` of this table, never one that somebody reads."""
    if keep is not None:
        warehouse.collect_table(pipeline, stage, shard, keep)


@dg.op(description="Remove all but the last versions of each table, never one that is current or being read, and what killed writers left.")
def collect_versions(context: dg.OpExecutionContext, config: Kept, warehouse: WarehouseResource) -> None:
    found = warehouse.open().collect(config.keep)
    context.log.info(_told(found))
    context.add_output_metadata(
        {"versions removed": len(found.removed), "megabytes freed": round(found.freed_bytes / 1e6, 3), "versions in use": len(found.in_use)}
    )


@dg.job(name=NAME, description="Remove old versions of all tables.", executor_def=dg.in_process_executor)
def maintenance() -> None:
    collect_versions()


def maintenance_definitions() -> dg.Definitions:
    """The job, and a schedule for it that is off until somebody switches it on."""
    return dg.Definitions(
        jobs=[maintenance],
        schedules=[dg.ScheduleDefinition(name=f"{NAME}_schedule", job=maintenance, cron_schedule=EVERY_SUNDAY, description="Sundays at four.")],
    )


def _told(found: Collected) -> str:
    return f"removed {len(found.removed):,} versions, {found.freed_bytes / 1e6:,.1f} MB; {len(found.in_use):,} old ones are being read and stay"
