"""Questions and answers made from texts, each with the quotes that hold the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.numbered_sentences import QuotesSentences, stated_sentences
from operators.bases.pieces import sentences
from operators.bases.question_answers import AsksForPairs
from operators.bases.verified_quotes import QuotedSources, VerifiedQuote, as_sources
from operators.knowledge.questions.prompts import (
    MultiHopPairs,
    MultiHopQuestionsPrompt,
    NumberedMultiHopPairs,
    NumberedMultiHopPrompt,
    NumberedPairs,
    NumberedQuestionsPrompt,
    QuotedPairs,
    QuotedQuestionsPrompt,
)
from operators.tables.columns import Input, Output


class QuotedQuestionsGenerator(QuotesSentences, AsksForPairs):
    """Make a row of each question that a text answers, with the answer and the sentence that holds it, quoted and looked up in the text.

    `quotes` says where each stands: exactly, with other typography, without markup, or nowhere ("missing"); VerifiedQuotesFilter drops these. Bind
    `input_source` to the column in which quotes have to stand where it is another one than the model reads: the chunk before it was cleaned.
    """

    covers = ("Text2QAGenerator",)
    source = "Text2QAGenerator of DataFlow; quoting as in GopherCite (Menick et al. 2022)"
    asks = ("questions and answers from documents with their source", "QA pairs with verified citations", "grounded single-hop questions from chunks")
    adds_rows = True

    input_text = Input(str)
    input_source = Input(str, "text", description="where the quotes have to stand")
    input_title = Input(str, optional=True, nulls="pass", description="what the text is taken from: tells questions what to name")
    output_question = Output(str)
    output_answer = Output(str)
    output_quotes = Output(list[VerifiedQuote], "quotes")
    output_sources = Output(list[str], "sources", description="the texts in which the quotes stand; `quotes.source` is a place in it")
    output_hops = Output(int, "hops", description="how many facts the question needs: 1")

    prompt: PromptTemplate[QuotedPairs] = QuotedQuestionsPrompt()
    numbered_prompt: PromptTemplate[NumberedPairs] = NumberedQuestionsPrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        if not str(values["text"]).strip():
            return []
        sources, known = QuotedSources([values["source"]]), stated_sentences([values["text"]], self.characters)
        if self.by_number and not known:
            return []
        pairs = await self.pairs_of(llm, asked=self.quoting_prompt, **{"title": None, "sentences": known, **values})
        return [
            {
                "question": pair.question.strip(),
                "answer": pair.answer.strip(),
                "quotes": [sources.verify(self.quote_of(pair, known)).model_dump()],
                "sources": [values["source"]],
                "hops": 1,
            }
            for pair in pairs
        ]


class ReasoningStep(BaseModel):
    """What follows from one quote: `quote` is its place in the list of quotes."""

    step: str
    quote: int


class MultiHopQuestionsGenerator(QuotesSentences, AsksForPairs):
    """Make a row of each question that needs several facts of a text, or of a list of texts, with the answer, the steps to it, and their quotes.

    One request a text, or a list of texts, for all its questions. A text without two sentences is not asked about. Quotes are looked up in each text;
    `quotes.source` says in which. VerifiedQuotesFilter and QuestionAnswerCheckFilter drop what is not proven, and what one sentence alone answers.
    """

    covers = ("Text2MultiHopQAGenerator", "KBCMultiHopQAGeneratorBatch")
    source = "HotpotQA (Yang et al. 2018), Source2Synth (Lupidi et al. 2024)"
    asks = ("multi-hop questions from documents", "questions that need several sentences with reasoning steps", "HotpotQA style data from chunks")
    adds_rows = True
    prompt_variables = ("texts", "sentences")

    input_text = Input(Any, description="a text, or a list of texts")
    input_source = Input(Any, "text", description="where the quotes have to stand: a text, or a list of as many")
    input_title = Input(str, optional=True, nulls="pass", description="what the text is taken from: tells questions what to name")
    output_question = Output(str)
    output_answer = Output(str)
    output_steps = Output(list[ReasoningStep], "steps")
    output_quotes = Output(list[VerifiedQuote], "quotes")
    output_sources = Output(list[str], "sources", description="the texts in which the quotes stand; `quotes.source` is a place in it")
    output_hops = Output(int, "hops", description="how many different quotes the question needs")

    prompt: PromptTemplate[MultiHopPairs] = MultiHopQuestionsPrompt()
    numbered_prompt: PromptTemplate[NumberedMultiHopPairs] = NumberedMultiHopPrompt()
    pairs: int = Field(1, ge=1, le=20, description="How many questions to ask for.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        texts = as_sources(values["text"])
        if len([sentence for text in texts for sentence in sentences(text)][:2]) < 2:
            return []
        sources = QuotedSources(as_sources(values["source"]))
        known = stated_sentences(texts, self.characters)
        pairs = await self.pairs_of(llm, asked=self.quoting_prompt, title=values.get("title"), texts=texts, sentences=known)
        quoted = [[self.quote_of(hop, known) for hop in pair.hops] for pair in pairs]
        given = as_sources(values["source"])
        return [{**_row(pair, said, sources), "sources": given} for pair, said in zip(pairs, quoted, strict=True)]


def _row(pair: Any, said: Sequence[str], sources: QuotedSources) -> dict[str, Any]:
    """`said`: the quote of each hop."""
    quotes = list(dict.fromkeys(said))
    return {
        "question": pair.question.strip(),
        "answer": pair.answer.strip(),
        "steps": [{"step": hop.step.strip(), "quote": quotes.index(quote)} for hop, quote in zip(pair.hops, said, strict=True)],
        "quotes": [sources.verify(quote).model_dump() for quote in quotes],
        "hops": len(quotes),
    }
