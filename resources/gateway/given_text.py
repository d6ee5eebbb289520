"""A body of /v1/completions that asks for the log-probabilities of a given text, as echoed_prompt.py writes it, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.asking.answers import TokenLogProbabilities
from operators.asking.requests import GivenText
from resources.gateway.chat_request import BadRequest
from resources.llm.answers.gateway_words import CONTEXT, FIELD, kept_field

_WEIGHS: Mapping[str, Any] = {"echo": True, "logprobs": 1, "max_tokens": 0, "temperature": 0}


def given_text_of(body: Mapping[str, Any], context: int | None, extra_body: Mapping[str, Any]) -> GivenText:
    """`context`: how many characters of the prompt stand before the text that is meant. Raises BadRequest."""
    asked = {name: value for name, value in body.items() if extra_body.get(name) != value and name not in ("model", "prompt")}
    prompt = body.get("prompt")
    if asked != _WEIGHS or context is None:
        raise BadRequest(
            f"/v1/completions is here for the log-probabilities of a text alone ({dict(_WEIGHS)}, with the header {CONTEXT}), which this project's "
            "client asks for. For answers ask /v1/chat/completions."
        )
    if not isinstance(prompt, str) or context > len(prompt):
        raise BadRequest("prompt: a text is needed, as long as what stands before the part that is meant, or longer.")
    return GivenText(prompt[context:], prompt[:context])


def as_json(weighed: TokenLogProbabilities, caution: str) -> dict[str, Any]:
    usage = {"prompt_tokens": weighed.prompt_tokens, "completion_tokens": 0, "total_tokens": weighed.prompt_tokens}
    field = kept_field(weighed.cached, caution)
    return {"object": "dataflow.log_probabilities", "model": weighed.model, "log_probabilities": weighed.values, "usage": usage, FIELD: field}
