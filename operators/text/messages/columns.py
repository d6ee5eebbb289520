"""Conversations as columns of question and answer, for operators that read these."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.reading import read_turns
from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import plain_conversation, tagged_result, whole_text
from operators.core.kinds import Generate
from operators.tables.columns import Output


class MessagesToColumns(ReadsMessages, Generate):
    """Add the last question and answer of a conversation as the columns instruction and output, with what came before as history.

    The history is a list of [question, answer], as LLaMA-Factory reads it; ChatMessagesGenerator makes messages of the columns again. With
    `history_in_instruction` the earlier turns stand before the question instead, so that raters of instruction and answer see all that was said.
    """

    source = "the Alpaca format with history of LLaMA-Factory"
    asks = ("turn messages into instruction and output columns", "convert chats to Alpaca format", "rate the last answer of a conversation")

    output_instruction = Output(str, "instruction")
    output_output = Output(str, "output")
    output_system = Output(str, "system", description="what the system message says; null where there is none")

    history_in_instruction: bool = Field(False, description='Whether earlier turns stand in the instruction, as "User: ..." and "Assistant: ...".')

    def outputs(self) -> dict[str, Output]:
        earlier = Output(list[list[str]], "history", description="earlier questions, each with its answer")
        return {**super().outputs(), **({} if self.history_in_instruction else {"history": earlier})}

    def generate(self, messages: Any) -> dict[str, Any]:
        turns = read_turns(messages)
        system = turns[0].text if turns and turns[0].role == "system" else None
        turns = turns[1:] if system is not None else turns
        exchanges = exchanges_of(turns)
        if not exchanges or not exchanges[-1][1]:
            raise ValueError("the conversation ends without an answer of the assistant")
        last = exchanges[-1]
        made = {"output": _joined(last[1]), "system": system}
        if self.history_in_instruction:
            before = turns[: len(turns) - len(last[1])]
            alone = len(exchanges) == 1
            return {**made, "instruction": _joined(last[0]) if alone else plain_conversation(before)}
        return {**made, "instruction": _joined(last[0]), "history": [[_joined(asked), _joined(answered)] for asked, answered in exchanges[:-1]]}


def exchanges_of(turns: list[Turn]) -> list[tuple[list[Turn], list[Turn]]]:
    """What the user says, and what is said until the user speaks again.

    Raises:
        ValueError: somebody else speaks first.
    """
    exchanges: list[tuple[list[Turn], list[Turn]]] = []
    for turn in turns:
        if turn.role == "user" and (not exchanges or exchanges[-1][1]):
            exchanges.append(([], []))
        if not exchanges:
            raise ValueError(f"the conversation begins with a turn of the {turn.role}, not of the user")
        exchanges[-1][0 if turn.role == "user" else 1].append(turn)
    return exchanges


def _joined(turns: list[Turn]) -> str:
    """What is said, with what tools return between tags, so that nobody takes it for the assistant's own words."""
    return "\n\n".join(tagged_result(turn) if turn.role == "tool" else whole_text(turn) for turn in turns)
