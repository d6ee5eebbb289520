"""Conversations out of intents, topics, personas and documents, and real ones carried on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.order import repeated_answer, wrong_order
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import MESSAGES, as_messages
from operators.conversation.dialogue import ABOUT, WritesTurns, planned_fault, questions_of
from operators.conversation.prompts import NextQuestionPrompt, PlannedQuestionsPrompt
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed


class ConversationGenerator(WritesTurns):
    """Write a conversation from what it is to be about: a topic, and what there is of an intent, a flow of information, a persona, a text.

    The user's turns are planned together, so that they keep to the intent and the flow, or, with `user="in_turn"`, played one by one by a model that
    reads what was said. Each answer is asked for with all turns before it. Roles alternate, the last turn is the assistant's, and no turn is empty,
    refuses, repeats another or speaks for the other side: such a turn is asked for again, and in the end the row is set aside with the reason. From a
    text, answers state no number that it does not have. The columns that it was made from stay on the row.
    """

    covers = ("ConsistentChatGenerator",)
    source = "ConsistentChat (2025): intents and information flows; PersonaHub (Ge et al. 2024): personas"
    asks = (
        "synthesize multi-turn chats from topics",
        "dialogues that follow a user's intent",
        "persona based conversations",
        "turn documents into multi-turn Q&A",
    )

    input_topic = Input(str, nulls="pass", description="any column that says what it is about: the title of a text, a person")
    input_intent = Input(str, optional=True, nulls="pass", description="what the user wants: to learn, to decide, to mend something")
    input_flow = Input(str, optional=True, nulls="pass", description="how the conversation goes: from a problem to its causes to its solution")
    input_persona = Input(str, optional=True, nulls="pass", description="who the user is")
    input_text = Input(str, optional=True, nulls="pass", description="what the conversation is about, and answered from")
    output_messages = Output(MESSAGES, "messages")

    prompt: PromptTemplate[str] = PlannedQuestionsPrompt()
    question_prompt: PromptTemplate[str] = NextQuestionPrompt()
    user: Literal["planned", "in_turn"] = Field("planned", description="Whether the user's turns are written together, or one by one.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        about = {short: values[short] for short in ABOUT}
        if not any(value and value.strip() for value in about.values()):
            raise ValueError("there is nothing that the conversation could be about")
        turns = [Turn("system", self.system)] if self.system else []
        planned = await self._planned(llm, about) if self.user == "planned" else []
        for exchange in range(self.exchanges):
            turns.append(planned[exchange] if planned else await self.question(llm, turns, about, self.question_prompt))
            turns.append(await self.answer(llm, turns, about))
        return as_messages(checked(turns))

    async def _planned(self, llm: LLMSession, about: dict[str, Any]) -> list[Turn]:
        topic = " ".join(str(about[short] or "") for short in ("topic", "intent"))
        plan: Any = await self.ask(
            llm, about, prompt=self.prompt.answering(questions_of(self.exchanges)), check=lambda plan: planned_fault(plan.messages, topic)
        )
        return [Turn("user", message.strip()) for message in plan.messages]


class ConversationContinuer(ReadsMessages, WritesTurns):
    """Carry a conversation on by `exchanges` questions with their answers. Reads any published shape; a question that waits is answered first.

    A model that has read the conversation plays the user; each answer is asked for with all turns before it. What is said is checked as by
    `ConversationGenerator`; a conversation whose own turns are out of order is set aside.
    """

    source = "multi-turn extension of single-turn data, as in UltraChat (Ding et al. 2023)"
    asks = ("make single-turn chats multi-turn", "continue a conversation with follow-up questions", "add more turns to real dialogues")

    output_continued = Output(MESSAGES, "continued_messages")

    prompt: PromptTemplate[str] = NextQuestionPrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        turns = read_turns(values["messages"])
        waits = bool(turns) and turns[-1].role == "user"
        if not turns or (fault := wrong_order(turns, assistant_last=False)):
            raise ValueError(fault if turns else "the conversation has no turns")
        if turns[-1].role not in ("user", "assistant") or turns[-1].calls:
            raise ValueError("the conversation ends inside a call of a function")
        if self.system and turns[0].role != "system":
            turns = [Turn("system", self.system), *turns]
        about: dict[str, Any] = dict.fromkeys(ABOUT)
        for exchange in range(self.exchanges + waits):
            if exchange or not waits:
                turns.append(await self.question(llm, turns, about, self.prompt))
            turns.append(await self.answer(llm, turns, about))
        return as_messages(checked(turns))


def checked(turns: list[Turn]) -> list[Turn]:
    """The turns, which are in order.

    Raises:
        RowFailed: they are not; the reason names the turn.
    """
    if fault := wrong_order(turns) or repeated_answer(turns):
        raise RowFailed(f"invalid_answer: {fault}")
    return turns
