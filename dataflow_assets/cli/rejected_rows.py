"""The rows that all stages of a run set aside, in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from operators.pipeline.set_aside import SetAside
from operators.tables.files import FileStorage

if TYPE_CHECKING:
    from resources.warehouse import Warehouse


def gather_rejected(warehouse: Warehouse, pipeline: str, stages: Mapping[str, Sequence[str] | None], target: Path) -> int:
    """Write them in stage order, each with its stage; columns that a stage did not have are null. Returns how many there are.

    `stages` are stage -> its shards, None for a whole table.
    """
    set_aside = SetAside(
        {
            stage: warehouse.table(pipeline, stage).rejected() if shards is None else warehouse.gathered(pipeline, stage, shards).rejected()
            for stage, shards in stages.items()
        }
    )
    count = 0
    with FileStorage(target, overwrite=True).writer(set_aside.schema) as writer:
        for batch in set_aside.batches():
            writer.write(batch)
            count += batch.num_rows
    return count
