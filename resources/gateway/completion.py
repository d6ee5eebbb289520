"""A reply as a chat completion. One that was cut short or withheld is sent as what it is: it was paid, and asking again would cost the same."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from resources.llm.answers.gateway_words import FIELD, kept_field
from resources.llm.answers.reply import Reply


def as_json(reply: Reply, cached: bool, caution: str) -> dict[str, Any]:
    """`cached`: it cost nothing this time."""
    message = {"role": "assistant", "content": reply.text} | ({"reasoning_content": reply.reasoning} if reply.reasoning else {})
    usage = {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }
    return {
        "id": f"dataflow-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": reply.model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}],
        "usage": usage,
        FIELD: kept_field(cached, caution),
    }
