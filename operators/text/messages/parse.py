"""Conversations from texts, pairs and exports that do not name the speaker of each turn."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from operators.bases.messages.exported import any_turns
from operators.bases.messages.writing import MESSAGES, as_messages
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class ParseMessages(Generate):
    """Take conversations apart that are written as one text, as pairs, or as a program exports them.

    Texts: as the chat templates of ChatML, Llama, Mistral, Gemma, DeepSeek, Zephyr, Phi and GLM mark them, as Alpaca, Guanaco, Vicuna and HH-RLHF do,
    and "User: ... Assistant: ..." in lines. What stands before the first turn is the system's message. Pairs: {human, assistant}, {input, output},
    {prompt, response}, {question, answer} and the like, [question, answer], [speaker, text], and texts in turn, of which `first` says the first.
    Exports: ChatGPT's (the branch shown last; the column mapping will do), Claude's chat_messages, Gemini's contents. Messages with roles are read
    too. A row that is nothing of these is set aside with the reason. RenderMessages does the reverse.
    """

    source = (
        "chat templates of Hugging Face; HH-RLHF (Bai et al. 2022), Vicuna, Alpaca, Guanaco, UltraChat, Capybara; data exports of ChatGPT and Claude"
    )
    asks = (
        "undo a chat template: parse ChatML text into messages",
        "turn Human: Assistant: transcripts into role/content",
        "read a ChatGPT export",
        "make messages of question and answer pairs",
    )

    input_conversation = Input(Any, "text", description="a text, a list of texts or of pairs, or an export; also as JSON text")
    output_messages = Output(MESSAGES, "messages")

    first: Literal["user", "assistant"] = Field("user", description="Who says the first of texts in turn.")

    def generate(self, conversation: Any) -> list[dict[str, Any]]:
        return as_messages(any_turns(conversation, self.first))
