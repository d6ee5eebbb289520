"""Small conversations in the shapes in which they are published, and what they say."""

from __future__ import annotations

import json
from typing import Any

OPENAI = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "When does the ferry leave?"},
    {"role": "assistant", "content": "At six."},
    {"role": "user", "content": "And back?"},
    {"role": "assistant", "content": "At nine in the evening."},
]
SHAREGPT = [{"from": {"system": "system", "user": "human", "assistant": "gpt"}[turn["role"]], "value": turn["content"]} for turn in OPENAI]
PARTS = [{"role": turn["role"], "content": [{"type": "text", "text": turn["content"]}]} for turn in OPENAI]
SHAPES: dict[str, Any] = {
    "messages": OPENAI,
    "conversations": SHAREGPT,
    "parts": PARTS,
    "JSON text": json.dumps(OPENAI),
    "JSON text of ShareGPT": json.dumps({"id": "a", "conversations": SHAREGPT}),
}
CALLING = [
    {"role": "user", "content": "How warm is it in Rome and in Oslo?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}},
            {"id": "b", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}},
        ],
    },
    {"role": "tool", "tool_call_id": "b", "content": "4"},
    {"role": "tool", "tool_call_id": "a", "content": "21"},
    {"role": "assistant", "content": "21 in Rome, 4 in Oslo.", "reasoning_content": "Both are known now."},
]


def said(*turns: str) -> list[dict[str, str]]:
    """A conversation of the user and the assistant in turn."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(turns)]
