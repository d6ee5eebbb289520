"""The rows that all stages of a run set aside, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from operators.tables.storage import Storage

STAGE = pa.field("stage", pa.string())


class SetAside:
    """Rows in the order of the stages, each with its stage in the first column; columns that a stage does not have are null."""

    def __init__(self, by_stage: Mapping[str, Storage]) -> None:
        self._by_stage = by_stage
        self.schema: pa.Schema = pa.unify_schemas(
            [pa.schema([STAGE, *(field for field in storage.schema if field.name != STAGE.name)]) for storage in by_stage.values()],
            promote_options="permissive",
        )

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
