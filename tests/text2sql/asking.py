"""Asking operators of text-to-SQL with a model that answers by a function, and a small shop as database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pyarrow as pa

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedDatabase, ScriptedServing

Rows: TypeAlias = list[dict[str, Any]]
Answer: TypeAlias = Callable[[Request], "str | Failure | BaseException"]


def fenced(sql: str, before: str = "") -> str:
    return f"{before}\n```sql\n{sql}\n```".lstrip()


def in_turn(*answers: Any) -> Answer:
    """These answers, one after the other, and the last of them ever after."""
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def always(**answer: Any) -> Answer:
    return lambda request: json.dumps(answer)


def by_sample(*answers: str) -> Answer:
    """Each sample has its own answer, in whatever order they are asked for."""
    return lambda request: answers[request.sample % len(answers)]


def told(request: Request) -> str:
    return "\n".join(str(message.content) for message in request.messages)


def ask(operator: Operator, rows: Rows, answer: Answer = lambda request: "", **resources: Any) -> tuple[Rows, Rows, ScriptedServing, Any]:
    """Rows that go on, rows set aside, the model and the database that were asked. Any share of the rows may fail."""
    kept, rejected, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    database = resources.pop("database", None) or ScriptedDatabase()
    given = [{"db_id": "shop", **row} for row in rows]
    source = MemoryStorage(pa.Table.from_pylist(given))
    operator.changed(max_failed=1.0).run(source, into=kept, rejected=rejected, resources={"llm": serving, "database": database, **resources})
    return kept.read().to_pylist(), rejected.read().to_pylist(), serving, database
