"""Writing a conversation turn by turn: each answer is asked for with all that was said before it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, create_model

from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message
from operators.asking.serving import LLMSession
from operators.bases.implausible_answers import as_said
from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import plain_conversation, whole_text
from operators.bases.stated_numbers import digits_in
from operators.bases.unfinished import stops_short
from operators.bases.unfit_turns import alike, no_message_of_a_person, unfit
from operators.conversation.prompts import AnswerTurnPrompt
from operators.core.llm import LLMGenerate

ABOUT: Final = ("topic", "intent", "flow", "persona", "text")
"""What a conversation may be about, by the names of the prompts' variables; None where nothing is said of it."""
LONGEST_MESSAGE: Final = 200
"""Characters of a planned message."""
_ECHO: Final = 40
"""Characters of a message from which on an answer may not begin with all of it."""
_COUNTED: Final = 12.0
"""Whole numbers up to this may stand in an answer from a text that has them not: steps, places in a list."""


class WritesTurns(LLMGenerate, abstract=True):
    """Asks for turns one after the other.

    A turn that does not fit is asked for again with what is wrong with it: it is empty, refuses, holds marks of a prompt, speaks for the other
    side, or says what was said before.
    """

    prompt_variables = ("said", "question", *ABOUT)

    answer_prompt: PromptTemplate[str] = AnswerTurnPrompt()
    exchanges: int = Field(4, ge=1, le=30, description="Questions of the user, each with its answer.")
    sentences: int = Field(4, ge=1, le=50, description="Longest answer, in sentences: what the model is told.")
    characters: int = Field(4000, ge=1, description="How much of a text the model sees.")
    system: str = Field("", description="A system message that the conversation begins with.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely turns are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(400, ge=1, description="Longest answer, in tokens.")

    async def answer(self, llm: LLMSession, turns: Sequence[Turn], about: Mapping[str, Any]) -> Turn:
        """The assistant's turn, from the whole conversation before it."""
        text = about["text"] or ""

        def check(answer: str) -> str | None:
            fault = unfit(answer, "assistant", turns, str(about["topic"] or "")) or _echo(answer, whole_text(last))
            return fault or (number_from_nowhere(answer, text, turns) if text else None)

        *before, last = [turn for turn in turns if turn.role != "system"]
        history = [Message(turn.role, whole_text(turn)) for turn in before]
        answer = await self.ask(llm, {**about, "question": whole_text(last)}, prompt=self.answer_prompt, history=history, check=check)
        return Turn("assistant", answer.strip())

    async def question(self, llm: LLMSession, turns: Sequence[Turn], about: Mapping[str, Any], prompt: PromptTemplate[str]) -> Turn:
        """The user's next turn, by a model that plays the user."""
        said = plain_conversation([turn for turn in turns if turn.role != "system"])
        asked = await self.ask(llm, {**about, "said": said}, prompt=prompt, check=lambda text: _user_fault(text, turns, str(about["topic"] or "")))
        return Turn("user", asked.strip())


def _echo(answer: str, question: str) -> str | None:
    """That an answer begins with all that was just said, in words for the model."""
    said = as_said(question)
    return "it begins with the person's own words: answer them" if len(said) >= _ECHO and as_said(answer).startswith(said) else None


def number_from_nowhere(answer: str, text: str, turns: Sequence[Turn]) -> str | None:
    """A number in an answer that neither the text nor the conversation has, in words for the model."""
    known = digits_in(text).union(*(digits_in(turn.text) for turn in turns))
    stray = next((number for number in sorted(digits_in(answer) - known) if number > _COUNTED or not number.is_integer()), None)
    return f"{stray:g} does not stand in the text" if stray is not None else None


@functools.lru_cache(maxsize=64)
def questions_of(count: int) -> type[BaseModel]:
    """An answer with so many messages of the user."""
    message = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE, description="what you write")]
    listed: Any = (list[message], Field(min_length=count, max_length=count))
    return create_model("PlannedQuestions", __config__=ConfigDict(extra="forbid"), messages=listed)


def _user_fault(message: str, before: Sequence[Turn], about: str, longest: int | None = None) -> str | None:
    """Why a message of the user is none that anybody would send there, in words for the model that plays the user."""
    if fault := unfit(message, "user", before, about):
        return fault
    return no_message_of_a_person(message) or stops_short(message, longest)


def planned_fault(messages: Sequence[str], about: str) -> str | None:
    """What is wrong with the user's turns of a whole conversation, in words for the model."""
    turns: list[Turn] = []
    for number, message in enumerate(messages, 1):
        if fault := _user_fault(message, [], about, LONGEST_MESSAGE):
            return f"message {number}: {fault}"
        if (twin := next((place for place, turn in enumerate(turns, 1) if alike(message, turn.text)), None)) is not None:
            return f"message {number} says the same as message {twin}"
        turns.append(Turn("user", message))
    return None
