"""Instructions and answers as the messages that chat models are trained on."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class ChatTurn(BaseModel):
    role: str
    content: str


class ChatMessagesGenerator(Generate):
    """Make the list of messages, each with role and content, that trainers read, from an instruction, what it is about, and the answer."""

    source = "the messages format of OpenAI and of the chat templates of transformers"
    asks = ("convert to OpenAI chat format", "make ShareGPT style conversations from columns", "prepare messages with a system prompt for SFT")

    input_instruction = Input(str)
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)
    output_messages = Output(list[ChatTurn], "messages")

    system: str = Field("", description="A system message to begin with.")

    def generate(self, instruction: str, input: str | None, output: str) -> list[dict[str, str]]:  # noqa: A002
        asked = f"{instruction}\n\n{input}" if input else instruction
        turns = [("system", self.system)] if self.system else []
        return [{"role": role, "content": content} for role, content in (*turns, ("user", asked), ("assistant", output))]
