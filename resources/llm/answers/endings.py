"""How an answer ended. Each vendor has words of its own for it; here they mean one of four things."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

Ending: TypeAlias = Literal["whole", "truncated", "filtered", "broken"]
"""Whole: the model said all that it wanted. Truncated: it was stopped before. Filtered: its answer was withheld. Broken: the server failed at it."""

_WORDS: dict[Ending, tuple[str, ...]] = {
    # OpenAI and those who copy it; Anthropic; Gemini; Cohere; text-generation-inference; Ollama; Bedrock
    "whole": ("", "stop", "end_turn", "stop_sequence", "stop_token", "stop_word", "stop_str", "eos", "eos_token", "eot", "end", "complete",
              "completed", "done", "finish", "finished", "success", "unspecified", "null", "none"),
    "truncated": ("length", "max_tokens", "max_output_tokens", "max_new_tokens", "max_completion_tokens", "max_length", "model_length",
                  "token_limit", "error_limit", "context_length", "context_length_exceeded", "model_context_window_exceeded", "context_window",
                  "incomplete", "pause_turn", "limit"),
    "filtered": ("content_filter", "content_filtered", "content_policy", "content_policy_violation", "safety", "image_safety", "recitation",
                 "image_recitation", "blocklist", "blocked", "prohibited_content", "image_prohibited_content", "spii", "refusal", "refused",
                 "guardrail_intervened", "guardrails", "model_armor", "moderation", "moderated", "flagged", "sensitive", "error_toxic", "language"),
    "broken": ("error", "abort", "aborted", "cancelled", "canceled", "user_cancel", "failed", "failure", "timeout", "other", "load", "unload",
               "insufficient_system_resource", "malformed_function_call", "malformed_response", "unexpected_tool_call", "tool_calls", "tool_use",
               "function_call", "tool_call", "repetition", "no_image", "network_error"),
}  # fmt: skip
_ENDING_OF: dict[str, Ending] = {word: ending for ending, words in _WORDS.items() for word in words}
_HINTS: tuple[tuple[str, Ending], ...] = (
    ("length", "truncated"),
    ("max_token", "truncated"),
    ("token_limit", "truncated"),
    ("context", "truncated"),
    ("filter", "filtered"),
    ("safety", "filtered"),
    ("policy", "filtered"),
    ("prohibit", "filtered"),
    ("moderat", "filtered"),
    ("guardrail", "filtered"),
    ("refus", "filtered"),
)
"""Of a word that nobody has told us of yet. One that fits none of these is "broken": half a sentence in the data is worse than a row set aside."""
_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PREFIX = re.compile(r"^(finish_?reason|stop_?reason|done_?reason)[._:\s]*", re.IGNORECASE)


@lru_cache(maxsize=256)
def ending_of(reason: str) -> Ending:
    """In any spelling: `MAX_TOKENS`, `maxTokens`, `FinishReason.MAX_TOKENS` and "max tokens" are one word."""
    word = _PREFIX.sub("", _CAMEL_CASE.sub("_", reason.strip()))
    word = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")
    if word in _ENDING_OF:
        return _ENDING_OF[word]
    return next((ending for hint, ending in _HINTS if hint in word), "broken")
