"""Conversations as rows of turns, and rows of turns as conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.grouping import JoinsGroups
from operators.bases.messages.column import ReadsMessages
from operators.bases.messages.reading import ROLES, read_turns
from operators.bases.messages.writing import MESSAGES, whole_text
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS


class SplitMessages(ReadsMessages, Generate):
    """Make a row of each turn of a conversation: its text, its role, its number, and how many turns there are.

    For whatever works on single texts: language models, embeddings, deduplication of what users ask. JoinMessages makes conversations of them again.
    """

    asks = ("explode a conversation into one row per message", "unroll chats to single turns", "run an LLM over every turn of a dialogue")
    adds_rows = True

    output_turn = Output(int, "turn", description="from 1")
    output_turns = Output(int, "turns", description="of the whole conversation")
    output_role = Output(str, "role")
    output_text = Output(str, "text")

    def _carried(self, schema: pa.Schema) -> list[str]:
        """All but the conversation itself, unless it is named."""
        names = super()._carried(schema)
        return names if self.carry != "all" else [name for name in names if name != self.input_columns()["messages"]]

    def generate(self, messages: Any) -> list[dict[str, Any]]:
        turns = read_turns(messages)
        return [{"turn": number, "turns": len(turns), "role": turn.role, "text": whole_text(turn)} for number, turn in enumerate(turns, 1)]


class JoinMessages(JoinsGroups):
    """Make conversations of rows of turns: those that SplitMessages made of one, or, with `input_conversation` bound, of any other key.

    Where turns are missing, `incomplete` says what becomes of the conversation: it goes, is cut before the gap (after the last answer), or stays with
    what is left. Rows of which no conversation is made are set aside.
    """

    asks = ("collect single turns back into conversations", "group messages by conversation id", "rebuild chats after filtering turns")
    group_by: ClassVar[str] = "conversation"
    order_by: ClassVar[str] = "turn"

    input_conversation = Input(Any, PARENT_IDS, description="what the turns of a conversation have in common, and no others")
    input_turn = Input(int, description="the place of a turn in its conversation, from 1 where turns may be missing")
    input_turns = Input(int, optional=True, nulls="pass", description="how many turns the conversation had, if that is known")
    input_role = Input(str)
    input_text = Input(str)
    output_messages = Output(MESSAGES, "messages")

    incomplete: Literal["drop", "cut", "keep"] = Field("drop", description="What becomes of a conversation of which turns are missing.")

    def join(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        numbers = [row["turn"] for row in rows]
        whole = 0
        while whole < len(rows) and numbers[whole] == whole + 1:
            whole += 1
        expected = rows[0]["turns"]
        complete = whole == len(rows) and (expected is None or whole == expected)
        if not complete and self.incomplete == "drop":
            return None
        messages = [{"role": ROLES.get(row["role"].strip().lower(), row["role"]), "content": row["text"]} for row in rows]
        if not complete and self.incomplete == "cut":
            messages = messages[:whole]
            while messages and messages[-1]["role"] != "assistant":
                messages.pop()
        return {"messages": messages} if messages else None
