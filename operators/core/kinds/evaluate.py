"""Evaluate: say something about rows."""

from __future__ import annotations

from typing import ClassVar

from operators.core.kinds.adding import AddsColumns
from operators.engine.step import Kind


class Evaluate(AddsColumns, abstract=True):
    """Promise: the same rows in the same order, with new columns only.

    Define one of `evaluate(self, text)`, `evaluate_batch(self, text)` or, with scope = "table", `evaluate_table(self, rows)`. Return the value
    of the one output, or a tuple or dict of several. Rows with a null input get null outputs; rows that raise are set aside.
    """

    kind: ClassVar[Kind] = "evaluate"
    verb: ClassVar[str] = "evaluate"

    def scored(self) -> tuple[str, ...]:
        return tuple(short for short, output in self.outputs().items() if output.type in (int, float)) if "llm" in self.needs else ()
