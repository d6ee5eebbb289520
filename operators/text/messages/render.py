"""Conversations as text: for deduplication, for filters of texts, for pretraining and for training a chat model."""

from __future__ import annotations

from typing import Any, Literal

import orjson
import pyarrow as pa
from pydantic import Field

from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.reading import read_turns
from operators.bases.messages.templates import BUILT_IN, find_template
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output

_SPANS = pa.list_(pa.struct([pa.field("start", pa.int64()), pa.field("end", pa.int64())]))


class RenderMessages(ReadsMessages, Generate):
    """Write each conversation as one text: "User: ... Assistant: ..." (plain), ChatML, or by any model's own chat template.

    With `roles`, only the turns of these are written: a column of what users say, to filter or to find duplicates by. With `mark_answers`, a second
    column has the places (characters, end excluded) of what the assistant says, each with the mark that ends the turn: what the loss is taken of. A
    conversation that the template refuses is set aside with its reason. In a template of a file the date is always 26 Jul 2024.
    """

    source = "chat templates of Hugging Face transformers"
    asks = (
        "apply a chat template to messages",
        "flatten chats into a single string",
        "mask the loss on user turns",
        "find duplicates among conversations",
    )

    input_tools = Input(Any, "tools", optional=True, nulls="pass", description="functions that the assistant may call, for templates that show them")
    output_text = Output(str, "text")

    template: str = Field("plain", description=f"{', '.join(BUILT_IN)}, or a file: .jinja, tokenizer_config.json or its folder, .gguf.")
    roles: tuple[Literal["system", "user", "assistant", "tool"], ...] = Field((), description="Whose turns are written; all by default.")
    ask: bool = Field(False, description="End with the words that make the assistant answer.")
    mark_answers: bool = Field(False, description="Add the places of what the assistant says.")

    def outputs(self) -> dict[str, Output]:
        marked = Output(_SPANS, "answers", description="start and end of each turn of the assistant in the text, in characters")
        return {**super().outputs(), **({"answers": marked} if self.mark_answers else {})}

    def generate(self, messages: Any, tools: Any) -> dict[str, Any]:
        template = find_template(self.template)
        turns = [turn for turn in read_turns(messages) if not self.roles or turn.role in self.roles]
        if not turns:
            return {"text": "", "answers": []} if self.mark_answers else {"text": ""}
        if self.template == "plain" and len(self.roles) == 1 and not self.mark_answers:
            return {"text": "\n\n".join(turn.text for turn in turns)}
        functions = orjson.loads(tools) if isinstance(tools, str) and tools.strip() else tools
        text = template.render(turns, functions, self.ask)
        if not self.mark_answers:
            return {"text": text}
        spans = template.spans(turns, template.render(turns, functions), functions)
        return {"text": text, "answers": [{"start": start, "end": end} for start, end in spans]}
