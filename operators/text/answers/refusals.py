"""Answers that refuse, or speak of the model instead of answering."""

from __future__ import annotations

from pydantic import Field

from operators.bases.refusals import refusal_in
from operators.core.kinds import Filter
from operators.tables.columns import Input


class RefusalFilter(Filter):
    """Drop answers that refuse ("I cannot fulfill this request"), or speak of the model ("as an AI", "I'm just an AI") instead of answering.

    What refuses stands near the beginning, in the first person, outside quotation marks; the first `characters` characters are read. English in
    full; the usual words in German, French, Spanish, Portuguese, Italian, Russian, Chinese, Japanese and Korean. An answer about language models is
    kept where the instruction is about them. In a story, a letter, a poem or a translation others may refuse ("I will not open the door"): there only
    what refuses the task itself is dropped ("I cannot write that story"). What stands in the input is quoted from it.
    """

    asks = ("drop refusals to answer", "throw out answers that say as an AI language model", "sorry, but I can't help with that")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    characters: int = Field(600, ge=1, description="How much of the answer is read.")

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        found = refusal_in(output, instruction or "", self.characters, given=input or "")
        return found is None, f'refuses: "{found}"' if found else None
