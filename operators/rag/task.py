"""A question with all that it stands on: the columns that every operator here makes and reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa
from pydantic import BaseModel, Field, ValidationError

from operators.bases.answer_overlap import SaidWords, answer_units, verdict_of
from operators.bases.verified_quotes import QuotedSources, VerifiedQuote
from operators.core.llm import LLMGenerate
from operators.tables.columns import Output
from operators.tables.errors import RowFailed

Kind: TypeAlias = Literal["atomic", "list", "chain", "depth", "both", "comparison", "intersection"]
"""How a question was made. Of a comparison the answer is one of two things that the question names."""
FOUND: Final = pa.list_(pa.struct([pa.field("id", pa.string()), pa.field("text", pa.string())]))
"""Passages that were found for a question, the best first: of `operators.retrieval.passages.PASSAGES` what is read here."""
LIST_MARK: Final = "; "
"""Between the parts of an answer that has several."""
_MOST_WORDS: Final = 8
"""Of a name; two characters of a script without spaces count as a word."""
_FEWEST_LETTERS: Final = 2


class Step(BaseModel):
    """One question that has to be answered on the way, and the document that answers it, counted from 0."""

    question: str
    answer: str
    document: int


class Task(BaseModel):
    """A question, its answer, and what proves it."""

    question: str
    answer: str
    kind: Kind
    topic: str
    """The thing that the question names and asks about."""
    documents: list[str]
    document_ids: list[str]
    quotes: list[VerifiedQuote]
    """Where it is said, a quote or more for each document; `source` is the place in `documents`."""
    steps: list[Step]
    hidden: list[str]
    """What the question must not name: the answers that lead to its own."""

    def as_row(self) -> dict[str, Any]:
        """By output name, as plain data."""
        return self.model_dump()


class MakesQuestions(LLMGenerate, abstract=True):
    """Makes a row for each new question. Columns of the old row that a question has itself are not carried on."""

    adds_rows = True

    carry: Literal["all", "none"] | tuple[str, ...] = Field(
        "none", description="Columns of the old row that a new one keeps beside its own.", repr=False
    )

    output_question = Output(str)
    output_answer = Output(str)
    output_kind = Output(str, description="atomic, list, chain, depth, both, comparison or intersection")
    output_topic = Output(str, description="the thing that the question names and asks about")
    output_documents = Output(list[str], description="the texts that are needed to answer it")
    output_document_ids = Output(list[str], description="the row ids of these texts")
    output_quotes = Output(list[VerifiedQuote], description="what is said there; `source` is the place in `documents`, from 0")
    output_steps = Output(list[Step], description="the questions on the way, and the document that answers each, from 0")
    output_hidden = Output(list[str], description="what the question must not name: the answers that lead to its own")

    def _carried(self, schema: pa.Schema) -> list[str]:
        made = set(self.output_columns().values())
        return [name for name in super()._carried(schema) if name not in made]


def as_task(values: Mapping[str, Any]) -> Task:
    """The columns of a row, as Python has them, as one task.

    Raises:
        RowFailed: they do not fit each other, or have nulls inside.
    """
    task = task_or_none(values)
    if task is None:
        raise RowFailed("its documents, ids, quotes and steps do not belong together: a null inside, or a quote of a document that is not there")
    return task


def task_or_none(values: Mapping[str, Any]) -> Task | None:
    """The same; None where they do not fit."""
    try:
        task = Task.model_validate({name: values[name] for name in Task.model_fields})
    except ValidationError:
        return None
    places = [*(quote.source for quote in task.quotes), *(step.document for step in task.steps)]
    fit = len(task.documents) == len(task.document_ids) and all(0 <= place < len(task.documents) for place in places)
    return task if fit else None


def quoted(text: str, quote: str, place: int = 0) -> VerifiedQuote:
    """A quote of the document at a place, as it stands there or "missing"."""
    return QuotedSources([text]).verify(quote).model_copy(update={"source": place})


def joined(tasks: Sequence[Task]) -> dict[str, Any]:
    """Documents, quotes and steps of several tasks as those of one: a document that two of them share is there once."""
    documents: dict[str, str] = {}
    quotes: list[VerifiedQuote] = []
    steps: list[Step] = []
    for task in tasks:
        documents.update(zip(task.document_ids, task.documents, strict=True))
        places = [list(documents).index(name) for name in task.document_ids]
        quotes += [quote.model_copy(update={"source": places[quote.source]}) for quote in task.quotes]
        steps += [step.model_copy(update={"document": places[step.document]}) for step in task.steps]
    return {"documents": list(documents.values()), "document_ids": list(documents), "quotes": quotes, "steps": steps}


def named_in(names: Iterable[str], text: str) -> list[str]:
    """Those of some names that a text says, whatever the case and the spelling of numbers."""
    said = SaidWords(text)
    return [name for name in names if name in said]


def leads_on(name: str) -> bool:
    """Whether other documents can be found by an answer: it is a name or term, not a number, a yes or no, or half a sentence.

    >>> leads_on("Ada Lovelace"), leads_on("1843"), leads_on("yes"), leads_on("二")
    (True, False, False, False)
    >>> leads_on("北京"), leads_on("アルベルト・アインシュタイン"), leads_on("दिल्ली")
    (True, True, True)
    """
    units = answer_units(name)
    words = [unit for unit in units if any(map(str.isalpha, unit)) and not any(map(str.isdigit, unit))]
    characters = sum(len(unit) == 1 for unit in words)  # of a script without spaces, in which names are short: 北京 is one
    letters = sum(map(len, units))
    is_long_enough = letters > _FEWEST_LETTERS or characters == letters == _FEWEST_LETTERS
    return verdict_of(name) is None and bool(words) and is_long_enough and len(units) - characters / 2 <= _MOST_WORDS
