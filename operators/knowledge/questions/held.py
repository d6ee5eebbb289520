"""Questions and answers that stand in a text already: found by their marks, or by a model and looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.pieces import Span, sections, trim
from operators.bases.verified_quotes import QuotedSources, VerifiedQuote
from operators.core.kinds import Generate
from operators.core.llm import LLMGenerate
from operators.knowledge.questions.prompts import HeldPairs, HeldQuestionsPrompt
from operators.tables.columns import Input, Output

_ASKED: Final = r"Q|Questions?|Frage|Pregunta|Problem|Exercise|问题?|問題?|题目?"
_ANSWERED: Final = r"A|Answers?|Antwort|Réponse|Respuesta|Solution|Lösung|答案?|解答?"
_MARK: Final = re.compile(
    rf"^[ \t]{{0,8}}(?:[-*>#]{{1,6}}[ \t]+)?\**(?:(?P<asked>{_ASKED})|(?P<answered>{_ANSWERED}))[ \t]?\d{{0,4}}\**[ \t]?[:：.）)]\**[ \t]*",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]+(?P<title>[^\n]{3,300}?[?？])[ \t#*]*(?:\n|$)")


class HeldSpans(NamedTuple):
    question: Span
    answer: Span


def marked_pairs(text: str) -> Iterator[HeldSpans]:
    """Where questions and answers stand that are marked as such, over any number of lines; a question without an answer is none."""
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    for place, (mark, following) in enumerate(pairwise(marks)):
        if mark["asked"] and following["answered"]:
            question, answer = _said(text, mark.end(), ends[place]), _said(text, following.end(), ends[place + 1])
            if question is not None and answer is not None:
                yield HeldSpans(question, answer)


def _said(text: str, start: int, end: int) -> Span | None:
    """What stands after a mark, without the stars around it."""
    span = trim(text, Span(start, end))
    if span is None:
        return None
    said = text[span.start : span.end].rstrip("*")
    return trim(text, Span(span.start, span.start + len(said)))


def asked_headings(text: str) -> Iterator[HeldSpans]:
    """Where a heading of Markdown is a question, with what follows it up to the next heading."""
    for section in sections(text):
        heading = _HEADING.match(text, section.start)
        if heading is None:
            continue
        answer = trim(text, Span(heading.end(), section.end))
        if answer is not None:
            yield HeldSpans(Span(*heading.span("title")), answer)


class MarkedQuestionsGenerator(Generate):
    """Make a row of each question with its answer that a text marks as such: "Q: ... A: ...", "Question 3: ...", "问：... 答：...", or a heading that
    ends in a question mark with what follows it. Over any number of lines, without a model.
    """

    source = "lists of frequent questions, quizzes and interviews as they are printed"
    asks = ("parse FAQ pages into question answer rows", "extract Q: and A: lines from text", "split an interview into questions and answers")
    adds_rows = True

    input_text = Input(str)
    output_question = Output(str)
    output_answer = Output(str)
    output_quotes = Output(list[VerifiedQuote], "quotes", description="where question and answer stand")

    headings: bool = Field(True, description="Whether headings that end in a question mark are questions.")

    def generate(self, text: str) -> list[dict[str, Any]]:
        found = list(marked_pairs(text)) or (list(asked_headings(text)) if self.headings else [])
        return [
            {
                "question": text[pair.question.start : pair.question.end],
                "answer": text[pair.answer.start : pair.answer.end],
                "quotes": [_stands(text, span) for span in pair],
            }
            for pair in found
        ]


def _stands(text: str, span: Span) -> dict[str, Any]:
    quote = VerifiedQuote(quote=text[span.start : span.end], source=0, start=span.start, end=span.end, found="exact")
    return quote.model_dump()


class HeldQuestionsGenerator(LLMGenerate):
    """Make a row of each question with its answer that stands in a text in any form, as a model finds them. Both are looked up in the text, so that
    nothing is made up: what the model wrote itself has a quote that is "missing", and VerifiedQuotesFilter drops it.

    MarkedQuestionsGenerator does the same without a model where questions are marked. A question without an answer has an empty one.
    """

    source = "extraction by quoting"
    asks = ("extract existing questions and answers with an LLM", "mine exam papers for question answer pairs", "find interview questions in prose")
    adds_rows = True

    input_text = Input(str)
    output_question = Output(str)
    output_answer = Output(str)
    output_quotes = Output(list[VerifiedQuote], "quotes", description="where question and answer stand")

    prompt: PromptTemplate[HeldPairs] = HeldQuestionsPrompt()
    characters: int = Field(8000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        text = str(values["text"])
        if not text.strip():
            return []
        answer: HeldPairs = await self.ask(llm, values)
        sources = QuotedSources([text])
        rows = []
        for pair in answer.pairs:
            quotes = [sources.verify(said) for said in (pair.question, pair.answer) if said.strip()]
            said = {"question": quotes[0].quote, "answer": quotes[1].quote if len(quotes) > 1 else ""} if quotes else {"question": "", "answer": ""}
            rows.append({**said, "quotes": [quote.model_dump() for quote in quotes]})
        return rows
