"""The rows that all stages of a run set aside, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from operators.engine.batch import REJECTED_FIELDS
from operators.pipeline.source_rows import BAD_ROWS_SCHEMA
from operators.tables.storage import Storage

STAGE = pa.field("stage", pa.string())


class SetAside:
    """Rows in the order of the stages: stage and reason, the columns of the row, and where an unreadable line stood. What a stage lacks is null."""

    def __init__(self, by_stage: Mapping[str, Storage]) -> None:
        self._by_stage = by_stage
        fields = pa.unify_schemas([storage.schema for storage in by_stage.values()], promote_options="permissive")
        told = {STAGE.name, *(field.name for field in REJECTED_FIELDS)}
        columns = sorted((field for field in fields if field.name not in told), key=lambda field: field.name in BAD_ROWS_SCHEMA.names)
        self.schema = pa.schema([STAGE, *REJECTED_FIELDS, *columns])

    def batches(self) -> Iterator[pa.RecordBatch]:
        for stage, storage in self._by_stage.items():
            for batch in storage.batches():
                given = {**dict(zip(batch.schema.names, batch.columns, strict=True)), STAGE.name: pa.array([stage] * batch.num_rows, pa.string())}
                columns = [
                    given[field.name].cast(field.type) if field.name in given else pa.nulls(batch.num_rows, field.type) for field in self.schema
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def read(self) -> pa.Table:
        return pa.Table.from_batches(self.batches(), schema=self.schema)
