"""What the operators have in common that find passages for questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import Field

from operators.core.kinds import Evaluate
from operators.engine.batch import Batch, Processed
from operators.engine.calls import Failed, RowResult, Skipped, row_arguments
from operators.retrieval.passages import PASSAGES, NotRetrieved, Query, Retrieved
from operators.tables.columns import Bindings, Input, Output


class FindsPassages(Evaluate, abstract=True):
    """Adds to each question the passages found for it, the best first. A question that cannot be answered is set aside with the reason; one for
    which nothing was found has no passages."""

    input_question = Input(str, "question")
    output_passages = Output(PASSAGES, "passages", description="id, text and score of each, the best first")
    output_ids = Output(list[str], "passage_ids", description="their ids, in the same order")

    top: int = Field(5, ge=1, le=1000, description="Passages for a question, at most.")
    only: Bindings = Field(
        default=(),
        description='What a passage must have -> the column of the question that says it: {"document": "title"} looks in that document alone.',
    )

    def inputs(self) -> dict[str, Input]:
        return {**super().inputs(), **{f"only_{name}": Input(str, column) for name, column in self.only}}

    def found_for(self, batch: Batch, find: Callable[[Sequence[Query]], Sequence[Retrieved]]) -> Processed:
        """What becomes of a batch; `find` answers all queries of its rows at once."""
        arguments = row_arguments(self, batch)
        asked = [self._query(values) for values in arguments if not isinstance(values, Skipped)]
        answers = iter(find(asked) if asked else ())
        return self.assemble(batch, [values if isinstance(values, Skipped) else self._result(next(answers)) for values in arguments])

    def _query(self, values: Mapping[str, Any]) -> Query:
        return Query(values["question"], {name: values[f"only_{name}"] for name, _ in self.only})

    @staticmethod
    def _result(found: Retrieved) -> RowResult:
        if isinstance(found, NotRetrieved):
            return Failed(found.reason)
        return {"passages": [{"id": one.id, "text": one.text, "score": one.score} for one in found], "ids": [one.id for one in found]}
