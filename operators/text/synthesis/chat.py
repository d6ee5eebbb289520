"""Instructions and answers as the messages that chat models are trained on."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class ChatTurn(BaseModel):
    role: str
    content: str


class ChatMessagesGenerator(Generate):
    """Make the list of messages, each with role and content, that trainers read, from an instruction, what it is about, and the answer.

    Earlier questions and answers come before them: a list of [question, answer], as MessagesToColumns makes it.
    """

    source = "the messages format of OpenAI and of the chat templates of transformers"
    asks = ("convert to OpenAI chat format", "make ShareGPT style conversations from columns", "prepare messages with a system prompt for SFT")

    input_instruction = Input(str)
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)
    input_history = Input(list[list[str]], optional=True, nulls="pass", description="earlier questions, each with its answer")
    output_messages = Output(list[ChatTurn], "messages")

    system: str = Field("", description="A system message to begin with.")

    def generate(self, instruction: str, input: str | None, output: str, history: list[list[str]] | None) -> list[dict[str, str]]:  # noqa: A002
        asked = f"{instruction}\n\n{input}" if input else instruction
        turns = [("system", self.system)] if self.system else []
        for place, exchange in enumerate(history or (), 1):
            if len(exchange) != 2 or None in exchange:
                raise ValueError(f"exchange {place} of the history is {str(exchange)[:60]}, not [question, answer]")
            turns += [("user", exchange[0]), ("assistant", exchange[1])]
        return [{"role": role, "content": content} for role, content in (*turns, ("user", asked), ("assistant", output))]
