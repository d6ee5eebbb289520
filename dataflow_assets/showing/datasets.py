"""A table of the warehouse as a data set with its card, which tells how the pipeline made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dataflow_assets.running.export_record import record
from dataflow_assets.running.formats import DatasetSettings, Written, write_dataset
from dataflow_assets.running.stored_pipeline import made_of, stored_tables
from dataflow_assets.showing.dataset_card import card, croissant
from operators.tables.errors import ParameterError, Problem, closest
from resources.warehouse import GatheredStorage, Warehouse


def export_dataset(warehouse: Warehouse, pipeline: str, stage: str, settings: DatasetSettings, description: str = "") -> Written:
    """Raises ParameterError where there is no such table, or the format cannot be made of it."""
    tables = stored_tables(warehouse, pipeline)
    by_name = {table.name: table for table in tables}
    if stage not in by_name:
        listed = ("stages", ", ".join(by_name))
        raise ParameterError([Problem(f'{pipeline} has no table "{stage}"', details=(listed,), suggestion=closest(stage, by_name))])
    rows = by_name[stage].rows

    def beside(written: Written) -> Mapping[str, str]:
        return {
            "README.md": card(pipeline, description, made_of(tables, [stage]), settings, written),
            "croissant.json": croissant(pipeline, description, settings, written),
        }

    written = write_dataset(rows, settings, pipeline, beside)
    version = rows.versions if isinstance(rows, GatheredStorage) else rows.version
    record(warehouse, pipeline, stage, version, [str(Path(settings.path) / file) for file in written.files])
    return written
