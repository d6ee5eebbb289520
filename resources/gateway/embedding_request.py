"""A body of /v1/embeddings as texts, and their vectors as they are answered."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from operators.asking.answers import Failure, FailureKind, TextsRefused
from resources.gateway.chat_request import BadRequest
from resources.gateway.served_embeddings import Found
from resources.llm.answers.gateway_words import FIELD, kept_field

_MOST_TEXTS = 10_000


@dataclass(frozen=True, slots=True)
class AskedTexts:
    texts: tuple[str, ...]
    in_base64: bool
    """Else as lists of numbers."""


def texts_of(body: Mapping[str, Any], extra_body: Mapping[str, Any]) -> AskedTexts:
    """Raises BadRequest."""
    for name, value in body.items():
        if name not in ("model", "input", "encoding_format", "user") and extra_body.get(name) != value and value is not None:
            raise BadRequest(f"{name[:80]}: the gateway does not pass this field on.")
    given, form = body.get("input"), body.get("encoding_format") or "float"
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= _MOST_TEXTS or not all(isinstance(text, str) for text in texts):
        raise BadRequest(f"input: a text, or a list of 1 to {_MOST_TEXTS} texts, is needed.")
    if form not in ("float", "base64"):
        raise BadRequest("encoding_format: float or base64.")
    return AskedTexts(tuple(texts), form == "base64")


def as_json(found: Found, model: str, asked: AskedTexts) -> dict[str, Any]:
    def written(vector: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode() if asked.in_base64 else vector

    data = [{"object": "embedding", "index": place, "embedding": written(vector)} for place, vector in enumerate(found.vectors)]
    usage = {"prompt_tokens": found.tokens, "total_tokens": found.tokens}
    return {"object": "list", "model": model, "data": data, "usage": usage, FIELD: kept_field(found.cached)}


def failure_of(refused: TextsRefused) -> Failure:
    """Of a request of which a text has no vector. Whoever asks halves it: the others are kept, and cost nothing then."""
    reason = next(iter(refused.reasons.values()), str(refused))
    kind, _, message = reason.partition(": ")
    kinds: tuple[FailureKind, ...] = get_args(FailureKind)
    return Failure(next((known for known in kinds if known == kind), "bad_request"), message or reason)
