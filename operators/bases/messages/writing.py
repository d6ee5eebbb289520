"""Conversations as columns: OpenAI's messages, ShareGPT's conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa

from operators.bases.exact_json import fragment, json_object
from operators.bases.messages.turns import ToolCall, Turn

_TEXT = pa.string()
MESSAGES: Final = pa.list_(pa.struct([pa.field("role", _TEXT), pa.field("content", _TEXT)]))
"""What trainers read: role and content, and nothing else."""
_FUNCTION = pa.struct([pa.field("name", _TEXT), pa.field("arguments", _TEXT)])
_CALL = pa.struct([pa.field("id", _TEXT), pa.field("type", _TEXT), pa.field("function", _FUNCTION)])
MESSAGES_WITH_TOOLS: Final = pa.list_(
    pa.struct(
        [
            *(pa.field("role", _TEXT), pa.field("content", _TEXT), pa.field("reasoning_content", _TEXT)),
            *(pa.field("tool_calls", pa.list_(_CALL)), pa.field("tool_call_id", _TEXT)),
        ]
    )
)
"""The same with fields for what is thought and called, null where there is none."""
SHAREGPT: Final = pa.list_(pa.struct([pa.field("from", _TEXT), pa.field("value", _TEXT)]))
_SHAREGPT_ROLES: Final = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def as_messages(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """As MESSAGES. Calls stand in the text, as Hermes writes them; what was thought stands before it between <think> and </think>."""
    return [{"role": turn.role, "content": whole_text(turn)} for turn in turns]


def as_messages_with_tools(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    return [
        {
            "role": turn.role,
            "content": turn.text if turn.text or not turn.calls else None,
            "reasoning_content": turn.reasoning or None,
            "tool_calls": [_call(call) for call in turn.calls] or None,
            "tool_call_id": turn.answers or None,
        }
        for turn in turns
    ]


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id or None, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def as_sharegpt(turns: Iterable[Turn]) -> list[dict[str, str]]:
    """As SHAREGPT. A turn that is nothing but calls is a "function_call" with their JSON, as LLaMA-Factory reads it."""
    return [_sharegpt(turn) for turn in turns]


def _sharegpt(turn: Turn) -> dict[str, str]:
    if turn.calls and not turn.text and not turn.reasoning:
        calls = [_call_text(call) for call in turn.calls]
        return {"from": "function_call", "value": calls[0] if len(calls) == 1 else f"[{','.join(calls)}]"}
    return {"from": _SHAREGPT_ROLES[turn.role], "value": whole_text(turn)}


def whole_text(turn: Turn) -> str:
    """All of a turn as one text."""
    thought = [f"<think>\n{turn.reasoning}\n</think>\n"] if turn.reasoning else []
    calls = [f"<tool_call>\n{_call_text(call)}\n</tool_call>" for call in turn.calls]
    return "\n".join([*thought, *([turn.text] if turn.text or not calls else []), *calls])


def tagged_result(turn: Turn) -> str:
    """What a tool returned, as Hermes writes it."""
    return f"<tool_response>\n{turn.text}\n</tool_response>"


def _call_text(call: ToolCall) -> str:
    """Name and arguments as JSON, with the arguments as they are written; those that are no JSON are a text. A tag in them ends no call."""
    written = json_object(name=call.name, arguments=fragment(call.arguments))
    return written.replace("<", "\\u003c") if "tool_call>" in written else written


def plain_conversation(turns: Sequence[Turn]) -> str:
    """As people write it down: "User: ...", a blank line, "Assistant: ..."."""
    return "\n\n".join(f"{turn.role.capitalize()}: {whole_text(turn)}" for turn in turns)
