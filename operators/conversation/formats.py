"""Conversations in exactly the shape that a trainer reads, each other row with the reason why not."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.formats import MessagesFormat, alpaca_fault, format_fault
from operators.core.kinds import Filter
from operators.tables.columns import Input


class MessagesFormatFilter(ReadsMessages, Filter):
    """Keep conversations that are OpenAI's messages, or ShareGPT's conversations, to the letter, with their turns in order.

    No other keys and roles than the format knows; texts that are text; calls with an id and the text of a JSON object; results that name their
    call. The reason names the turn. `ValidMessagesFilter` takes any shape, and `ConvertMessages` makes these.
    """

    source = "messages of the OpenAI API; conversations of ShareGPT, as FastChat and LLaMA-Factory read them"
    asks = ("will the trainer accept this chat file", "validate ShareGPT data", "validate OpenAI fine-tuning messages")

    format: MessagesFormat = "openai"
    assistant_last: bool = Field(True, description="Whether the last turn has to be the assistant's.")

    def keep(self, messages: Any) -> tuple[bool, str | None]:
        fault = format_fault(messages, self.format, self.assistant_last)
        return fault is None, fault


class AlpacaFormatFilter(Filter):
    """Keep rows that are in Alpaca's format: an instruction and an output that are not empty, a text or nothing as input, a history of pairs."""

    source = "Alpaca (Taori et al. 2023); history as LLaMA-Factory has it"
    asks = ("validate Alpaca instruction rows", "check instruction input output columns", "find malformed Alpaca history")

    input_instruction = Input(Any, nulls="pass")
    input_input = Input(Any, optional=True, nulls="pass")
    input_output = Input(Any, nulls="pass")
    input_history = Input(Any, optional=True, nulls="pass", description="earlier questions, each with its answer")

    def keep(self, instruction: Any, input: Any, output: Any, history: Any) -> tuple[bool, str | None]:  # noqa: A002
        fault = alpaca_fault(instruction, input, output, history)
        return fault is None, fault
