"""Filter: keep some rows, and say of each other why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from operators.core.functions import refuse_outputs
from operators.core.operator import Operator
from operators.engine.batch import Batch, Mask, Outcome, Processed, Rejection, Verdict
from operators.engine.calls import Failed, RowResult, Skipped
from operators.engine.nulls import null_columns, skipped_rows
from operators.engine.rows_reader import RowsReader
from operators.engine.step import Kind
from operators.tables.errors import StageFailed


class Filter(Operator, abstract=True):
    """Promise: a subset of the rows, in order and unchanged; every other row is set aside with the reason.

    Define one of `keep(self, text) -> bool | (bool, reason)`, `keep_batch(self, text) -> mask | Verdict` or, with scope = "table",
    `keep_table(self, rows) -> Verdict`. Rows with a null input are rejected as such.
    """

    kind: ClassVar[Kind] = "filter"
    verb: ClassVar[str] = "keep"

    @classmethod
    def check_function(cls) -> None:
        super().check_function()
        refuse_outputs(cls, "a filter", "rows stay as they are")

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        """The verdict on a batch without nulls to skip. Families of filters that share a computation override this."""
        returned = self.call_batch(batch, resources)
        verdict = returned if isinstance(returned, Verdict) else Verdict(returned)
        verdict = replace(verdict, keep=_mask(verdict.keep, self.name))
        if len(verdict.keep) != len(batch):
            raise StageFailed(f"{self.name} gave {len(verdict.keep)} verdicts for {len(batch)} rows: one for each row is needed.")
        return verdict

    def process_arrays(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        skipped = skipped_rows(self, batch)
        rejections = self._nulls(batch, skipped)
        ready = batch.filter(~skipped)
        if not len(ready):
            return Processed(ready, rejections)
        processed = self._apply(ready, self.judge(ready, resources))
        return Processed(processed.kept, [*rejections, *processed.rejections], no_say=processed.no_say)

    def value_of_row(self, one: Batch, resources: Mapping[str, Any]) -> RowResult:
        skipped = skipped_rows(self, one)
        if skipped.any():
            return Skipped(null_columns(self, one.rows)[0])
        verdict = self.judge(one, resources)
        return bool(verdict.keep[0]), verdict.reasons[0] if verdict.reasons else None

    def assemble(self, batch: Batch, results: list[RowResult]) -> Processed:
        keep = np.zeros(len(batch), dtype=bool)
        reasons: list[str | None] = [None] * len(batch)
        failed = np.zeros(len(batch), dtype=bool)
        for index, result in enumerate(results):
            if isinstance(result, Failed):
                failed[index], reasons[index] = True, result.error
            elif isinstance(result, Skipped):
                reasons[index] = f"{result.column} is null"
            else:
                decision, reason = result if isinstance(result, tuple) and len(result) == 2 else (result, None)
                if isinstance(decision, bool | np.bool_) and (reason is None or isinstance(reason, str)):
                    keep[index], reasons[index] = decision, reason
                else:
                    what = f"{str(result)[:80]!r} of {type(result).__name__}"
                    failed[index], reasons[index] = True, f"TypeError: {self.name} returned {what}: return a bool, or (bool, reason)"
        rejections = [Rejection(batch.rows.filter(pa.array(failed)), [reasons[index] or "" for index in np.flatnonzero(failed)], self.name, "failed")]
        rest = batch.filter(~failed)
        processed = self._apply(rest, Verdict(keep[~failed], [reason for reason, bad in zip(reasons, failed, strict=True) if not bad]))
        return Processed(processed.kept, [*(rejections if failed.any() else []), *processed.rejections])

    def combine(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> pa.RecordBatch:
        """`keep_table(rows)` decides on all rows that it was given: the columns "keep" (1 or 0) and, where it gave reasons, "reason"."""
        returned = self.call_table(tables, resources)
        verdict = returned if isinstance(returned, Verdict) else Verdict(returned)
        try:
            columns = {"keep": _as_numbers(_mask(verdict.keep, self.name))}
        except TypeError as error:
            raise StageFailed(str(error)) from error
        if verdict.failed is not None and verdict.failed.any():
            columns["failed"] = _as_numbers(verdict.failed)
        if verdict.reasons is not None:
            columns["reason"] = pa.array(verdict.reasons, pa.large_string())
        return pa.RecordBatch.from_pydict(columns)

    def apply(self, batch: Batch, conclusion: pa.RecordBatch, schema: pa.Schema) -> Processed:
        skipped = skipped_rows(self, batch)
        keep: Mask = conclusion.column("keep").to_numpy().view(bool)
        failed: Mask | None = conclusion.column("failed").to_numpy().view(bool) if "failed" in conclusion.schema.names else None
        reasons = None
        if "reason" in conclusion.schema.names and not keep.all():
            reasons = conclusion.column("reason").filter(pa.array(~keep)).to_pylist()
        processed = self._divide(batch.filter(~skipped), keep, reasons, failed)
        return Processed(processed.kept, [*self._nulls(batch, skipped), *processed.rejections])

    def _apply(self, batch: Batch, verdict: Verdict) -> Processed:
        out: list[int] = np.flatnonzero(~verdict.keep).tolist()
        reasons = [verdict.reasons[index] for index in out] if verdict.reasons is not None else None
        processed = self._divide(batch, verdict.keep, reasons, verdict.failed)
        processed.no_say = +Counter({self.name: verdict.no_say})
        return processed

    def _divide(self, batch: Batch, keep: Mask, reasons: Sequence[str | None] | None, failed: Mask | None) -> Processed:
        """`reasons` of the rows that are not kept, None where the rule says enough; `failed`: which of all rows could not be judged."""
        if keep.all():
            return Processed(batch)
        general = self.describe()
        told = [general] * int((~keep).sum()) if reasons is None else [reason or general for reason in reasons]
        out = batch.rows_where(~keep)
        if failed is None:
            return Processed(batch.filter(keep), [Rejection(out, told, self.name)])
        failed_out = failed[~keep]
        outcomes: tuple[tuple[Mask, Outcome], ...] = ((~failed_out, "filtered"), (failed_out, "failed"))
        rejections = [
            Rejection(out.filter(pa.array(mask)), [reason for reason, of_it in zip(told, mask, strict=True) if of_it], self.name, outcome)
            for mask, outcome in outcomes
            if mask.any()
        ]
        return Processed(batch.filter(keep), rejections)

    def _nulls(self, batch: Batch, skipped: Mask) -> list[Rejection]:
        if not skipped.any():
            return []
        rows = batch.rows.filter(pa.array(skipped))
        return [Rejection(rows, [f"{column} is null" for column in null_columns(self, rows)], self.name)]


def _mask(values: Any, name: str) -> Mask:
    """Raises TypeError: they are not booleans, or some are null."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        if values.null_count:
            raise TypeError(f"{name} gave a null: say of each row whether it is kept")
        values = values.to_numpy(zero_copy_only=False)
    mask = np.asarray(values)
    if mask.ndim != 1:
        raise TypeError(f"{name} gave {str(values)[:80]!r}: return a mask with a boolean for each row, or a Verdict")
    if len(mask) and mask.dtype != np.bool_:
        raise TypeError(f"{name} gave values of {mask.dtype}: return a mask of booleans, or a Verdict")
    return mask.astype(np.bool_, copy=False)


def _as_numbers(mask: Mask) -> pa.Array:
    """A byte each, which numpy reads without a copy."""
    return pa.array(np.asarray(mask, dtype=bool).view(np.uint8))
