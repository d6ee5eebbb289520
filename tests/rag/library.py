"""A small library of invented texts, questions on them, and a model that answers by reading what it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.rag.task import Step, Task, quoted
from operators.tables.types import arrow_type
from tests.text.faults.asking import user_text

ENGINE = "The Lumen engine was written by Mara Voss. It draws maps of the sea at night, and sailors of many harbours have used it for years."
MARA = "Mara Voss was born in Tarnholm. She kept bees there before she learnt to write programs, and went back to them in the end."
BRISK = "The Brisk engine was written by Otto Kern. It draws maps of the mountains, and the shepherds of two valleys have used it since."
OTTO = "Otto Kern was born in Felmark. He was a baker for many years, and his bread is still sold at the market on the old bridge."
BOTH = "The Sable engine was written by Ida Roth. Ida Roth was born in Quellen, and she has told the story of her youth in a book."
TEXTS = (ENGINE, MARA, BRISK, OTTO, BOTH)


def atomic(text: str, question: str, answer: str, topic: str, document: str, quote: str | None = None) -> Task:
    said = quote or re.split(r"(?<=\.) ", text)[0]
    return Task(
        question=question,
        answer=answer,
        kind="atomic",
        topic=topic,
        documents=[text],
        document_ids=[document],
        quotes=[quoted(text, said)],
        steps=[Step(question=question, answer=answer, document=0)],
        hidden=[],
    )


WHO_LUMEN = atomic(ENGINE, "Who wrote the Lumen engine?", "Mara Voss", "Lumen engine", "d1")
WHO_BRISK = atomic(BRISK, "Who wrote the Brisk engine?", "Otto Kern", "Brisk engine", "d3")
BORN_MARA = atomic(MARA, "Where was Mara Voss born?", "Tarnholm", "Mara Voss", "d2")


def tasks(rows: Iterable[Task | Mapping[str, Any]], **further: pa.DataType) -> pa.Table:
    """Rows as a table with the types that tasks have, and of some further columns."""
    plain = [row.as_row() if isinstance(row, Task) else dict(row) for row in rows]
    columns = {field.name: field.type for field in arrow_type(Task)} | further
    return pa.Table.from_pylist(plain, schema=pa.schema(columns.items()))


def kept_and_aside(operator: Operator, rows: Iterable[Task | Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    result = operator.run(tasks(rows))
    return result.table.to_pylist(), result.rejected.to_pylist()


def passage(text: str, name: str, score: float = 1.0) -> dict[str, Any]:
    return {"id": name, "text": text, "score": score}


def fields_of(request: Request) -> set[str]:
    return set((request.json_schema or {}).get("properties", {}))


def reader(request: Request) -> str:
    """Writes questions from sentences "X was written by Y." and "Y was born in Z.", and answers where the documents that it is given say so."""
    asked, fields = user_text(request), fields_of(request)
    if "pairs" in fields:
        thing, writer = re.findall(r"The (\w+ engine) was written by (\w+ \w+)", asked)[0] if "was written by" in asked else ("", "")
        born = re.search(r"(\w+ \w+) was born in (\w+)", asked)
        if thing:
            pair = {"quote": f"The {thing} was written by {writer}.", "topic": thing, "answer": writer, "question": f"Who wrote the {thing}?"}
        else:
            assert born is not None
            pair = {"quote": born[0], "topic": born[1], "answer": born[2], "question": f"Where was {born[1]} born?"}
        return json.dumps({"pairs": [pair]})
    if fields == {"quote", "answer", "question"}:
        born = re.search(r"(\w+ \w+) was born in (\w+)", asked)
        assert born is not None
        return json.dumps({"quote": born[0], "answer": born[2], "question": f"Where was {born[1]} born?"})
    if fields == {"quote", "topic", "question"}:
        written = re.search(r"The (\w+ engine) was written by (\w+ \w+)", asked)
        assert written is not None
        return json.dumps({"quote": written[0], "topic": written[1], "question": f"Who wrote the {written[1]}?"})
    if fields == {"question"}:
        if "The name:" in asked:
            return json.dumps({"question": f"Where was the writer of the {re.findall(r'wrote the (.+?)[?]', asked)[-1]} born?"})
        return json.dumps({"question": f"Who wrote the {' and who wrote the '.join(re.findall(r'wrote the (.+?)[?]', asked))}?"})
    if fields == {"answer"}:
        return json.dumps({"answer": answered(asked)})
    if fields == {"reason", "same"}:
        return json.dumps({"reason": "half of it is no answer", "same": False})
    raise AssertionError(f"nothing is known of {sorted(fields)}")


def answered(asked: str) -> str:
    documents, _, question = asked.rpartition("Question: ")
    writers = dict(re.findall(r"The (\w+ engine) was written by (\w+ \w+)", documents))
    homes = dict(re.findall(r"(\w+ \w+) was born in (\w+)", documents))
    named = re.findall(r"\w+ engine", question)
    if "born" in question:
        people = [writers.get(thing, "") for thing in named] or re.findall(r"was (\w+ \w+) born", question)
        return "; ".join(homes.get(person, "no idea") for person in people)
    return "; ".join(writers.get(thing, "no idea") for thing in named)
