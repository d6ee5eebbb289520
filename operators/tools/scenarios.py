"""Scenarios: the situations in which somebody needs an assistant that can do things."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import NotMessages
from operators.bases.messages.writing import plain_conversation
from operators.bases.unfinished import stops_short
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tools.prompts import LONGEST_SCENARIO, Scenario, ScenarioFromConversationPrompt, SimilarScenarioPrompt
from operators.tools.wording import LENIENCE, blank, overlap

_MEASURED: Final = re.compile(r"\(\d+ to \d+ (?:words|characters)\)|\bat most \d+ words\b", re.IGNORECASE)


class ScenarioFromConversationGenerator(LLMGenerate):
    """Name the situation that a conversation belongs to, in a few words and without its details. Reads conversations in any shape, or plain text."""

    covers = ("ScenarioExtractGenerator",)
    source = "BUTTON (Chen et al. 2024)"
    asks = ("what situation is this chat about", "extract scenarios from conversations", "seed function calling data from real chats")

    input_messages = Input(Any, "messages", description="a conversation, or the text of one")
    output_scenario = Output(str, "scenario")

    prompt: PromptTemplate[Scenario] = ScenarioFromConversationPrompt()
    characters: int = Field(3000, ge=1, description="How much of the conversation the model sees.")
    max_words: int = Field(16, ge=3, description="About how long a scenario may be, in words; half as many more pass.")
    max_tokens: int | None = Field(80, ge=1, description="Longest answer, in tokens.")
    prompt_variables: ClassVar[tuple[str, ...]] = ("conversation",)

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        conversation = _as_text(values["messages"])
        if not conversation.strip():
            raise ValueError("the conversation is empty")
        answer = await self.ask(llm, {"conversation": conversation}, check=lambda answer: scenario_fault(answer.scenario, self.max_words))
        return str(answer.scenario).strip()


def _as_text(value: Any) -> str:
    try:
        return plain_conversation(read_turns(value))
    except NotMessages:
        if isinstance(value, str):
            return value
        raise


def scenario_fault(scenario: str, max_words: int) -> str | None:
    """What is wrong with a scenario, in words for the model."""
    words = scenario.split()
    if len(words) < 2:
        return "say who wants what in which situation, in a few words"
    if len(words) > LENIENCE * max_words:
        return f"it has {len(words)} words, and at most {max_words} are wanted"
    if (left := blank(scenario)) is not None:
        return f'"{left}" is left blank'
    if measured := _MEASURED.search(scenario):
        return f'"{measured.group()}" is no part of a situation'
    return stops_short(scenario, LONGEST_SCENARIO)


class SimilarScenarioGenerator(LLMGenerate):
    """Make new rows with other scenarios of the same kind; one that is too much like the first, or like another, is asked for again.

    The new scenario takes the place of the old one, so that whatever comes after works with it; the old one is the row's parent. `keep_first` makes a
    row of the first scenario too.
    """

    covers = ("ScenarioExpandGenerator",)
    source = "BUTTON (Chen et al. 2024)"
    asks = ("invent more scenarios from a few", "vary the situations of seed data", "expand scenarios without repeating them")
    adds_rows = True
    prompt_variables = ("others",)

    input_scenario = Input(str)
    output_scenario = Output(str, "scenario")

    prompt: PromptTemplate[Scenario] = SimilarScenarioPrompt()
    variants: int = Field(1, ge=1, le=20, description="How many new scenarios of each row.")
    keep_first: bool = Field(True, description="Whether the first scenario stays, as a row of its own.")
    max_overlap: float = Field(0.5, gt=0, le=1, description="Telling words that two scenarios may have in common, over those of either.")
    max_words: int = Field(16, ge=3, description="About how long a scenario may be, in words; half as many more pass.")
    temperature: float | None = Field(0.8, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(80, ge=1, description="Longest answer, in tokens.")

    def _carried(self, schema: pa.Schema) -> list[str]:
        """All but the first scenario, which the new one replaces."""
        return [name for name in super()._carried(schema) if name not in self.output_columns().values()]

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        first = values["scenario"].strip()
        known = [first]

        def check(answer: Scenario) -> str | None:
            like = next((one for one in known if overlap(answer.scenario, one) > self.max_overlap), None)
            return f'it is too much like "{like}"' if like else scenario_fault(answer.scenario, self.max_words)

        for variant in range(self.variants):
            others = known[1:]
            answer = await self.ask(llm, {"scenario": first, "others": others}, check=check, sample=variant)
            known.append(answer.scenario.strip())
        return [{"scenario": scenario} for scenario in (known if self.keep_first else known[1:])]
