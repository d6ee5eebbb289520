"""Which language a text is in, asked of a language model."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMFilter
from operators.tables.columns import Input
from operators.text.raters.instruction_prompts import LanguageAnswer, LanguagePrompt


class LLMLanguageFilter(LLMFilter):
    """Keep texts in the languages wanted, by asking a language model. LanguageFilter does the same with a small model, thousands of times cheaper.

    For what that one cannot tell apart: dialects, romanised or mixed texts. The model sees the first `characters` characters; an answer that is no
    language code is asked for again, and a failed call sets the row aside as failed, not as rejected.
    """

    covers = ("LLMLanguageFilter",)

    input_text = Input(str)

    prompt: PromptTemplate[LanguageAnswer] = LanguagePrompt()
    languages: tuple[str, ...] = Field(("en",), min_length=1, description="ISO 639-1 codes to keep.")
    characters: int = Field(1000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(80, ge=1, description="Longest answer, in tokens.")

    async def keep(self, llm: LLMSession, **values: Any) -> tuple[bool, str | None]:
        answer: LanguageAnswer = await self.ask(llm, values)
        return answer.language in self.languages, f"language = {answer.language}, not {' or '.join(self.languages)}"
