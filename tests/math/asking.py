"""Running an operator that asks a language model, which answers by a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedEmbedding, ScriptedServing, smallest_answer

Rows: TypeAlias = list[dict[str, Any]]
Answer: TypeAlias = Callable[[Request], "str | Failure | BaseException"]


def ask(operator: Operator, rows: Rows, answer: Answer = smallest_answer, **resources: Any) -> tuple[Rows, Rows, ScriptedServing]:
    """Rows that go on, rows set aside, and the model that was asked. Any share of the rows may fail."""
    kept, rejected, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    source = MemoryStorage(pa.Table.from_pylist(rows))
    operator.changed(max_failed=1.0).run(source, into=kept, rejected=rejected, resources={"llm": serving, **resources})
    return kept.read().to_pylist(), rejected.read().to_pylist(), serving


def run(operator: Operator, rows: Rows, **columns: str) -> tuple[Rows, Rows]:
    """The same without a model."""
    result = operator.run(rows, **columns)
    return result.table.to_pylist(), result.rejected.to_pylist()


def always(**answer: Any) -> Answer:
    return lambda request: json.dumps(answer)


def system_text(request: Request) -> str:
    return str(next((message.content for message in request.messages if message.role == "system"), ""))


def in_turn(*answers: Any) -> Answer:
    """These answers, one after the other, and the last of them ever after."""
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


class LetterEmbedding(ScriptedEmbedding):
    """Texts are alike that use the same letters and digits."""

    def embed(self, texts: Any) -> Any:
        counts = np.array([[text.count(sign) for sign in "abcdefghijklmnopqrstuvwxyz0123456789"] for text in texts], np.float32) + 1e-6
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)
