"""A prompt over texts that are longer than what a model reads at once."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field, model_validator

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.cutting import CutsToSize
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed


class ByPartsPrompt(PromptTemplate[str]):
    system = "You are a helpful assistant."
    user = "{{ text }}"


class ByPartsGenerator(LLMGenerate, CutsToSize):
    """Ask about each part of a long text and join the answers: translate a book, extract from a report.

    "{{ text }}" is the part; "{{ part }}" and "{{ parts }}" are its number and how many there are; other variables are columns of the row. Parts end
    where sentences do, unless `whole_sentences` is false. A row of which one part has no answer is set aside with its reason; the answers
    to its other parts stay in the cache. For summaries of summaries, put another operator behind it.
    """

    covers = ("ChunkedPromptedGenerator",)
    asks = (
        "run a prompt over texts longer than the context",
        "summarize or translate a long document piece by piece",
        "map a prompt over chunks and join",
    )
    prompt_variables = ("part", "parts")

    output_generated = Output(str, "generated")
    output_parts = Output(int, "generated_parts", description="of how many parts the text was made")

    prompt: PromptTemplate[str] = ByPartsPrompt()
    size: int = Field(2000, ge=1, description="Units in a piece, at most.")
    whole_sentences: bool = Field(True, description="Whether pieces end where sentences do.")
    separator: str = Field("\n\n", description="Between the answers.")

    @model_validator(mode="after")
    def _asks_about_parts(self) -> ByPartsGenerator:
        if "text" not in self.prompt.variables():
            raise ValueError('the prompt has no variable "text": the part of the text stands nowhere')
        return self

    def inputs(self) -> dict[str, Input]:
        own = {*(name for name in type(self).model_fields if name != "prompt"), *self.prompt_variables}
        return {name: Input(str if name == "text" else Any) for name in sorted(self.prompt.variables() - own)}

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        text = str(values["text"])
        parts = [text[span.start : span.end] for span in self.cut(text)]
        if not parts:
            return {"generated": "", "parts": 0}

        async def answer(number: int, part: str) -> str:
            try:
                return str(await self.ask(llm, {**values, "text": part, "part": number, "parts": len(parts)}))
            except RowFailed as failed:
                raise RowFailed(f"part {number} of {len(parts)}: {failed}") from failed

        answers = await asyncio.gather(*(answer(number, part) for number, part in enumerate(parts, 1)), return_exceptions=True)
        if failures := [one for one in answers if isinstance(one, BaseException)]:
            raise failures[0]
        return {"generated": self.separator.join(map(str, answers)), "parts": len(parts)}
