"""Texts shown to a model as numbered sentences, of which it gives the numbers: small models copy badly, and point well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.bases.pieces import sentences
from operators.core.asks import AsksLLM

_NO_SENTENCE: Final = ("#", "![", "[![", "|", "```", "---", "===")


class QuotesSentences(AsksLLM, abstract=True):
    """Shows a model a text as it is, from which it copies the sentences that it quotes, or as numbered sentences, of which it gives the numbers.

    Answers to `prompt` have a `quote`, those to `numbered_prompt` a `sentence`.
    """

    prompt_variables: ClassVar[tuple[str, ...]] = ("sentences",)

    numbered_prompt: PromptTemplate[Any]
    quote_by: Literal["words", "number"] = Field(
        "words",
        description="The model copies what it quotes, or gives the number of a sentence: small models copy badly.",
    )

    @property
    def by_number(self) -> bool:
        return self.quote_by == "number"

    @property
    def quoting_prompt(self) -> PromptTemplate[Any]:
        return self.numbered_prompt if self.by_number else self.prompt

    def quote_of(self, answer: Any, known: Sequence[str]) -> str:
        """What an answer quotes, of sentences that were shown."""
        return sentence_of(answer.sentence, known) if self.by_number else str(answer.quote)


def stated_sentences(texts: Sequence[str], characters: int) -> list[str]:
    """The sentences of the texts, one after the other, as far as the model sees them. Headings, pictures and rows of tables state nothing."""
    shown = [text[:characters] for text in texts]
    said = [" ".join(text[span.start : span.end].split()) for text in shown for span in sentences(text)]
    return [sentence for sentence in said if not sentence.startswith(_NO_SENTENCE)]


def sentence_of(number: int, known: Sequence[str]) -> str:
    """The sentence of a number, counted from 1; of a number that none has, words that stand in no text.

    >>> sentence_of(2, ["It rains.", "It pours."]), sentence_of(3, ["It rains."])
    ('It pours.', 'sentence 3 of 1')
    """
    return known[number - 1] if 0 < number <= len(known) else f"sentence {number} of {len(known)}"
