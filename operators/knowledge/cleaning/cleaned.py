"""Texts cleaned by a language model; what changed a fact is not taken."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.knowledge.cleaning.prompts import CleanTextPrompt
from operators.knowledge.cleaning.signs import signs_of_noise
from operators.knowledge.facts.checking import told
from operators.knowledge.facts.comparing import fact_differences
from operators.tables.columns import Input, Output

Cleaning = Literal["cleaned", "unchanged", "not needed", "original kept"]


class CleanedTextGenerator(LLMGenerate):
    """Clean texts of markup, menus and broken lines, beside the original. An answer that lost, added or moved a fact is not taken: then the original
    stays, and `cleaning_reason` says which fact.

    Numbers, units, dates, names and negations are compared as FactPreservationEvaluator does. By default a text without any sign of noise is not
    sent to the model. Nothing is hidden: personal data are the business of AnonymizePersonalData. All rows are in flight together, of whatever
    document.
    """

    covers = ("KBCTextCleaner", "KBCTextCleanerBatch")
    source = "KBCTextCleaner of DataFlow, with the fidelity rule checked"
    asks = ("clean extracted chunks with an LLM", "remove menus and markup without changing facts", "repair broken text for a knowledge base")

    input_text = Input(str)
    output_text = Output(str, "cleaned_text")
    output_cleaning = Output(str, "cleaning", description='"cleaned", "unchanged", "not needed" or "original kept"')
    output_reason = Output(
        str, "cleaning_reason", description="which facts the model changed, where the original was kept; what was cleaned, elsewhere"
    )

    prompt: PromptTemplate[str] = CleanTextPrompt()
    only_where_needed: bool = Field(True, description="Whether texts without a sign of noise go on as they are, without a call.")
    both_ways: bool = Field(True, description="Whether no fact may be lost; without it none may be added or moved.")
    max_new_words: float = Field(0.1, ge=0, le=1, description="Share of the words that may be new.")
    min_kept_words: float = Field(0.3, ge=0, le=1, description="Share of the words that have to be left.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str | None]:
        text = str(values["text"])
        signs = signs_of_noise(text)
        if not text.strip() or (self.only_where_needed and not signs):
            return self._said(text, "not needed", None)
        cleaned = str(await self.ask(llm, values)).strip()
        if cleaned == text.strip():
            return self._said(text, "unchanged", None)
        found = fact_differences(text, cleaned, both_ways=self.both_ways, max_new_words=self.max_new_words, min_kept_words=self.min_kept_words)
        if found:
            return self._said(text, "original kept", told(found))
        return self._said(cleaned, "cleaned", ", ".join(signs) or None)

    @staticmethod
    def _said(text: str, cleaning: Cleaning, reason: str | None) -> dict[str, str | None]:
        return {"text": text, "cleaning": cleaning, "reason": reason}
