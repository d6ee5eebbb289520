"""Conversations from one published shape into the other."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
from pydantic import Field, model_validator

from operators.bases.messages.column import ANY_SHAPE, ReadsMessages
from operators.bases.messages.reading import read_turns
from operators.bases.messages.writing import MESSAGES, MESSAGES_WITH_TOOLS, SHAREGPT, as_messages, as_messages_with_tools, as_sharegpt
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class ConvertMessages(ReadsMessages, Generate):
    """Write conversations of any published shape as OpenAI's messages (role, content), or as ShareGPT's conversations (from, value).

    Roles get their usual names (human, gpt, prompter, model, ... are user and assistant). Calls of tools and reasoning become part of the text, as
    Hermes writes them (<tool_call>, <think>); with `tools="fields"` they get fields of their own, as in OpenAI's API. A row that is no conversation
    is set aside with the turn that is wrong.
    """

    source = "messages of the OpenAI API; conversations of ShareGPT, as FastChat and LLaMA-Factory read them"
    asks = ("convert ShareGPT to OpenAI messages", "turn from/value conversations into role/content", "bring chat datasets into one format")

    to: Literal["openai", "sharegpt"] = "openai"
    tools: Literal["text", "fields"] = Field("text", description="Where calls and reasoning go: into the text, or into fields of their own.")

    @model_validator(mode="after")
    def _fields_of_openai(self) -> ConvertMessages:
        if self.tools == "fields" and self.to == "sharegpt":
            raise ValueError('ShareGPT has no fields for calls: leave tools="text", or give to="openai"')
        return self

    def inputs(self) -> dict[str, Input]:
        return {"messages": Input(Any, "messages" if self.to == "sharegpt" else "conversations", description=ANY_SHAPE)}

    def outputs(self) -> dict[str, Output]:
        if self.to == "sharegpt":
            return {"conversations": Output(SHAREGPT, "conversations")}
        return {"messages": Output(self._type(), "messages")}

    def _type(self) -> pa.DataType:
        return MESSAGES_WITH_TOOLS if self.tools == "fields" else MESSAGES

    def generate(self, messages: Any) -> list[dict[str, Any]]:
        turns = read_turns(messages)
        if self.to == "sharegpt":
            return list(as_sharegpt(turns))
        return as_messages_with_tools(turns) if self.tools == "fields" else as_messages(turns)
