"""Checks of questions with their answers that need no model: as a verdict beside the pair, and as a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.knowledge.questions.faults import CHECKS, Check, Pair, pair_fault
from operators.tables.columns import Input, Output


class ChecksPairs(Operator, abstract=True):
    """Reads a question with its answer and quotes, and looks for the first fault."""

    input_question = Input(str)
    input_answer = Input(str)
    input_quotes = Input(
        Any, optional=True, nulls="pass", description="quotes as VerifiedQuotesFilter reads them, or texts; without them `supported` is not asked"
    )
    input_hops = Input(int, optional=True, nulls="pass", description="how many facts the question is said to need")

    checks: tuple[Check, ...] = Field(tuple(CHECKS), min_length=1, description="What is looked at, in this order.")
    needed: float = Field(0.6, ge=0, le=1, description="Share of the answer's words that have to stand in the quotes or the question.")

    def fault(self, question: str, answer: str, quotes: Sequence[Any] | None, hops: int | None) -> str | None:
        texts = [quote["quote"] if isinstance(quote, dict) else str(quote) for quote in quotes or ()]
        asked = [name for name in self.checks if quotes is not None or name not in ("supported", "several_hops")]
        return pair_fault(Pair(question, answer, texts, hops or 1, self.needed), asked)


class QuestionAnswerCheckEvaluator(ChecksPairs, Evaluate):
    """Say what is wrong with a question and its answer, by rules; null where nothing is.

    form: one question that asks something, an answer that does not repeat it. no_answer: "not mentioned". self_contained: it points to no text,
    figure or thing that its reader cannot see. answer_in_question: it gives its answer away. supported: the quotes hold the numbers, names, denials
    and words of the answer. several_hops: no quote alone holds question and answer of one that is said to need several.
    """

    source = "rules of our own, after what AgenticRAG data sets and Text2QA judges reject"
    asks = ("does the question leak its answer", "is the answer supported by the quote", "find questions that mention the passage")

    output_fault = Output(str, "pair_fault")

    def evaluate(self, question: str, answer: str, quotes: Sequence[Any] | None = None, hops: int | None = None) -> str | None:
        return self.fault(question, answer, quotes, hops)


class QuestionAnswerCheckFilter(ChecksPairs, Filter):
    """Keep questions and answers in which the rules of QuestionAnswerCheckEvaluator find no fault; the first is the reason of the others."""

    source = "rules of our own, after what AgenticRAG data sets and Text2QA judges reject"
    asks = ("drop questions about the text above", "cheap checks before an LLM judge", "remove QA pairs whose answer is not in the evidence")

    def keep(self, question: str, answer: str, quotes: Sequence[Any] | None = None, hops: int | None = None) -> tuple[bool, str | None]:
        fault = self.fault(question, answer, quotes, hops)
        return fault is None, fault
