"""Running an operator that asks a language model, which answers by a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pyarrow as pa

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.testing.scripted_serving import ScriptedServing, smallest_answer

Rows: TypeAlias = list[dict[str, Any]]
Answer: TypeAlias = Callable[[Request], "str | Failure | BaseException"]


def ask(operator: Operator, rows: Rows, answer: Answer = smallest_answer, seconds: float = 0.0) -> tuple[Rows, Rows, ScriptedServing]:
    """Rows that go on, rows set aside, and the model that was asked. Any share of the rows may fail."""
    kept, rejected, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer, seconds)
    source = MemoryStorage(pa.Table.from_pylist(rows))
    operator.changed(max_failed=1.0).run(source, into=kept, rejected=rejected, resources={"llm": serving})
    return kept.read().to_pylist(), rejected.read().to_pylist(), serving


def always(**answer: Any) -> Answer:
    return lambda request: json.dumps(answer)


def user_text(request: Request) -> str:
    """The question: what the user is made to say last, but for complaints about an answer."""
    said = [str(message.content) for message in request.messages if message.role == "user"]
    return next(text for text in reversed(said) if "Answer again, " not in text or "\n\nAnswer again, " in text or text == said[0])


def in_turn(*answers: Any) -> Answer:
    """These answers, one after the other, and the last of them ever after."""
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


BAD_ANSWERS = {
    "prose": "Score: 4",
    "a refusal": "I'm sorry, but I can't help with that.",
    "nothing": "",
    "null": "null",
    "half of the JSON": '{"reason": "it is ri',
    "another shape": '{"answer": [1, 2]}',
    "a number alone": "4",
    "a list": "[]",
}
"""What models without constrained decoding answer instead of the JSON that was asked for."""
