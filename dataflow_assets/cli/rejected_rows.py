"""The rows that all stages of a run set aside, in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from operators.tables.files import FileStorage

if TYPE_CHECKING:
    from operators.tables.storage import Storage
    from resources.warehouse import Warehouse

STAGE = pa.field("stage", pa.string())


def gather_rejected(warehouse: Warehouse, pipeline: str, stages: Mapping[str, Sequence[str] | None], target: Path) -> int:
    """Write them in stage order, each with its stage; columns that a stage did not have are null. Returns how many there are.

    `stages` are stage -> its shards, None for a whole table.
    """
    parts: list[tuple[str, Storage]] = [
        (stage, warehouse.table(pipeline, stage).rejected() if shards is None else warehouse.gathered(pipeline, stage, shards).rejected())
        for stage, shards in stages.items()
    ]
    schema = pa.unify_schemas([pa.schema([STAGE, *part.schema]) for _, part in parts], promote_options="permissive")
    count = 0
    with FileStorage(target, overwrite=True).writer(schema) as writer:
        for batch in _batches(parts, schema):
            writer.write(batch)
            count += batch.num_rows
    return count


def _batches(parts: Sequence[tuple[str, Storage]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for stage, part in parts:
        for batch in part.batches():
            given = {STAGE.name: pa.array([stage] * batch.num_rows, pa.string()), **dict(zip(batch.schema.names, batch.columns, strict=True))}
            columns = [given[field.name].cast(field.type) if field.name in given else pa.nulls(batch.num_rows, field.type) for field in schema]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
