"""Exercises of books of mathematics: pages with the page that follows, and what is asked on them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.verified_quotes import QuotedSources, VerifiedQuote
from operators.core.kinds import Evaluate
from operators.core.llm import LLMGenerate
from operators.engine.rows_reader import RowsReader
from operators.knowledge.questions.prompts import BookQuestions, BookQuestionsPrompt
from operators.tables.columns import Input, Output

_FIGURE: Final = re.compile(
    r"!\[[^\[\]\n]{0,300}\]\([^()\s]{1,500}\)|\b(?:Figure|Fig\.|Abb\.|Bild) ?\d{1,3}(?:\.\d{1,3})?|图 ?\d{1,3}(?:[.-]\d{1,3})?"
)


class FollowingTextEvaluator(Evaluate):
    """Put beside each page the text of the page that follows it in its document; null beside the last one, which stays a page of its own.

    Pages are in the order of `input_page`, or of the table where there is none.
    """

    source = "page pairs, as MathBookQuestionExtract of DataFlow reads them"
    asks = ("add the next page as a column", "give each chunk the text that follows", "window over pages of a document")
    scope: ClassVar[Literal["row", "table"]] = "table"

    input_text = Input(str)
    input_document = Input(Any, "url", description="what the pages of a document have in common")
    input_page = Input(int, optional=True, nulls="pass", description="the number of the page")
    output_following = Output(str, "following")

    def evaluate_table(self, rows: RowsReader) -> dict[str, pa.Array]:
        texts: list[str] = []
        pages: dict[str, list[tuple[float, int]]] = {}
        for batch in rows.batches():
            documents, numbers = batch.column("document").to_pylist(), [None] * len(batch)
            if "page" in batch.schema.names:
                numbers = batch.column("page").to_pylist()
            for text, document, number in zip(batch.column("text").to_pylist(), documents, numbers, strict=True):
                pages.setdefault(repr(document), []).append((float("inf") if number is None else number, len(texts)))
                texts.append(text)
        following: list[str | None] = [None] * len(texts)
        for places in pages.values():
            places.sort()
            for (_, place), (_, after) in pairwise(places):
                following[place] = texts[after]
        return {"following": pa.array(following, pa.string())}


class MathBookQuestionsGenerator(LLMGenerate):
    """Make a row of each exercise of a page of a book: its number, its text to the letter, the figures that it speaks of, and its answer where the
    pages have one. An exercise that goes on overleaf is completed from the column `following`, which FollowingTextEvaluator makes.

    The text is looked up in the two pages: one that does not stand there has a quote that is "missing", and one that begins on the next page is left
    to that page. Works on any text of pages, such as ConvertDocuments makes of PDF; no figure has to be there as a file.
    """

    covers = ("MathBookQuestionExtract",)
    source = "MathBookQuestionExtract of DataFlow"
    asks = ("extract exercises from math textbooks", "problems with their solutions from a book", "questions that run over two pages")
    adds_rows = True
    prompt_variables = ("following",)

    input_text = Input(str)
    input_following = Input(str, optional=True, nulls="pass", description="the page after it")
    output_label = Output(str, "label", description="the number of the exercise as printed; null where it has none")
    output_question = Output(str)
    output_answer = Output(str, description="null where the pages have none")
    output_figures = Output(list[str], "figures", description="pictures and numbers of figures in the exercise")
    output_pages = Output(str, "pages", description="the page and the one after it, in which quotes stand")
    output_quotes = Output(list[VerifiedQuote], "quotes")

    prompt: PromptTemplate[BookQuestions] = BookQuestionsPrompt()
    characters: int = Field(12_000, ge=1, description="How much of each page the model sees.")
    max_tokens: int | None = Field(4096, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        text, following = str(values["text"]), values.get("following") or ""
        if not text.strip():
            return []
        answer: BookQuestions = await self.ask(llm, {"text": text, "following": following})
        pages = f"{text}\n{following}" if following else text
        sources = QuotedSources([pages])
        rows = []
        for found in answer.pairs:
            asked = sources.verify(found.question)
            if asked.start is not None and asked.start > len(text):
                continue  # it begins on the next page, whose own row it is
            answered = sources.verify(found.answer) if found.answer.strip() else None
            rows.append(
                {
                    "label": found.label.strip() or None,
                    "question": asked.quote,
                    "answer": answered.quote if answered is not None else None,
                    "figures": list(dict.fromkeys(_FIGURE.findall(asked.quote))),
                    "pages": pages,
                    "quotes": [quote.model_dump() for quote in (asked, answered) if quote is not None],
                }
            )
        return rows
