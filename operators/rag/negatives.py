"""Passages that look right and are not: what a retriever learns most from."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from operators.bases.answer_overlap import SaidWords, answer_units, verdict_of
from operators.core.kinds import Evaluate
from operators.rag.checks.answering import gold_answers
from operators.rag.task import FOUND, LIST_MARK
from operators.tables.columns import Input, Output

_ALIKE: Final = 0.9
"""A passage that shares so many of its words with a document that is needed is that document again, in another version."""


class HardNegativesEvaluator(Evaluate):
    """Of the passages found for a question, the best ones that do not answer it: `question`, `documents` and `negatives` train a retriever.

    Left out are the documents that are needed, passages that are nearly the same, and those that say the answer, an alias, or a part of an answer of
    several parts: they may be right. An answer of yes or no, or of one character, is not looked for. Fewer than `count` where not enough are found.
    """

    asks = ("hard negatives for training a retriever", "passages that look relevant but lack the answer", "mine negatives for contrastive embedding")

    input_answer = Input(str)
    input_aliases = Input(list[str], "aliases", optional=True, nulls="pass")
    input_documents = Input(list[str])
    input_document_ids = Input(list[str])
    input_passages = Input(FOUND, "passages")
    output_negatives = Output(list[str], description="their texts, the best first")
    output_negative_ids = Output(list[str], description="their ids, in the same order")

    count: int = Field(4, ge=1, le=100, description="Negatives of a question, at most.")

    def evaluate(self, answer: str, documents: list[str], document_ids: list[str], passages: list[Any], aliases: Any = None) -> dict[str, Any]:
        golds = [part for gold in gold_answers(answer, aliases) for part in gold.split(LIST_MARK)]
        wanted = [gold for gold in golds if not verdict_of(gold) and len("".join(answer_units(gold))) > 1]
        needed = [SaidWords(text or "").units for text in documents]
        texts: list[str] = []
        ids: list[str] = []
        for passage in passages:
            if len(texts) == self.count:
                break
            if passage is None or passage["text"] is None or passage["id"] in document_ids:
                continue
            said = SaidWords(passage["text"])
            if not any(gold in said for gold in wanted) and not any(_alike(said.units, words) for words in needed):
                texts.append(passage["text"])
                ids.append(passage["id"])
        return {"negatives": texts, "negative_ids": ids}


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * max(1, min(len(one), len(other)))
