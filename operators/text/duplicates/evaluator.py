"""Which rows are copies of which, as columns."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, SerializeAsAny, field_validator

from operators.bases.deduplication import Deduplicate
from operators.core import registry
from operators.core.kinds import Evaluate
from operators.core.operator import Need, Operator
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.text.duplicates.exact import ExactDedup


class DuplicatesEvaluator(Evaluate):
    """Say of each row what it is a copy of, without dropping any: what `dedup` (any of the dedup filters) would drop, and which rows belong together.

    `duplicate_of` is the row id of the copy that would stay, null for rows that stay; `duplicate_group` is that id for every row of a group, the one
    that stays included; `duplicates` counts the rows of the group.
    """

    asks = ("mark copies without deleting them", "show which records belong to one cluster", "count how often something was duplicated")
    scope: ClassVar[Literal["row", "table"]] = "table"

    output_duplicate_of = Output(str)
    output_duplicate_group = Output(str)
    output_duplicates = Output(int)

    dedup: SerializeAsAny[Operator] = Field(ExactDedup(), description="A dedup filter of one table, with its parameters.")

    @field_validator("dedup", mode="before")
    @classmethod
    def _operator(cls, value: Any) -> Any:
        return registry.build(value) if isinstance(value, Mapping) else value

    @field_validator("dedup")
    @classmethod
    def _of_one_table(cls, dedup: Operator) -> Operator:
        if not isinstance(dedup, Deduplicate) or len(dedup.tables) > 1:
            raise ValueError(f"{dedup.name} is no dedup filter of one table, as ExactDedup or MinHashDedup")
        return dedup

    @property
    def needs(self) -> tuple[Need, ...]:  # type: ignore[override]
        return self.dedup.needs

    def resource_names(self) -> dict[Need, str]:
        return self.dedup.resource_names()

    def inputs(self) -> dict[str, Input]:
        columns = self.dedup.input_columns()
        return {short: dataclasses.replace(declared, column=columns[short]) for short, declared in self.dedup.inputs().items()}

    def fingerprint(self) -> str:
        return hashlib.sha256(f"{super().fingerprint()}\0{self.dedup.fingerprint()}".encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "dedup": self.dedup.as_dict()}

    @property
    def sketches(self) -> bool:
        return self.dedup.sketches

    @property
    def sketch_bytes(self) -> int:
        return self.dedup.sketch_bytes

    def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        return self.dedup.sketch(rows)

    def evaluate_table(self, rows: RowsReader, **resources: Any) -> dict[str, pa.Array]:
        assert isinstance(self.dedup, Deduplicate)
        found = self.dedup.find(rows, **resources)
        group = found.winners()
        stays = pa.array(found.kept == np.arange(len(found.kept)))
        counted = group.value_counts()
        size = counted.field("counts").take(pc.index_in(group, counted.field("values"))).cast(pa.int64())
        return {"duplicate_of": pc.if_else(stays, None, group), "duplicate_group": group, "duplicates": size}
