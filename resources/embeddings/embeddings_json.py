"""An answer of /v1/embeddings as it comes over the wire."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from resources.embeddings.backend import EmbeddingReply, Vectors
from resources.llm.answers import gateway_words
from resources.llm.answers.completion_json import ErrorInAnswer
from resources.llm.answers.log_probabilities import read_from
from resources.llm.answers.numbers import count_of
from resources.llm.answers.server_words import BOM, error_in

_CHARACTERS_A_TOKEN = 4


def reply_of(content: bytes, texts: Sequence[str], model: str, seconds: float, server: str) -> EmbeddingReply:
    """The vectors in the order of the texts, whatever the order of the answer.

    Raises:
        BackendError: of kind "malformed" for what does not hold one vector of numbers for each text.
        ErrorInAnswer: the server answered with an error.
    """
    with read_from(server, f"list of embeddings in {len(content)} bytes"):
        answer = orjson.loads(content.removeprefix(BOM))
        if isinstance(answer, dict) and (answer.get("error") or not answer.get("data")) and (said := error_in(answer)) is not None:
            raise ErrorInAnswer(said)
        entries = answer["data"]
        if len(entries) != len(texts):
            raise ValueError(f"{len(entries)} vectors for {len(texts)} texts")
        places = [count_of(entry.get("index", place)) for place, entry in enumerate(entries)]
        if sorted(place for place in places if place is not None) != list(range(len(texts))):
            raise ValueError("their places are not those of the texts")
        rows: list[Any] = [None] * len(texts)
        for place, entry in zip(places, entries, strict=True):
            rows[place or 0] = _numbers(entry["embedding"])
        with np.errstate(over="ignore"):  # what is too large for 32 bits becomes infinite, and is refused as that
            given = np.array(rows, dtype=np.float32)
            vectors = unit_vectors(given)
        tokens = _tokens(answer, texts)
        keeper, _ = gateway_words.keeper_and_caution(answer)
    named = answer.get("model")
    name = named if isinstance(named, str) and 0 < len(named) <= 300 else model
    # a gateway's are of unit length already: dividing once more would change last digits, and the table with them
    return EmbeddingReply(given if keeper else vectors, name, tokens, seconds, keeper=keeper)


def unit_vectors(vectors: Vectors) -> Vectors:
    """Raises ValueError for what is no matrix of finite numbers, or a vector without direction."""
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError(f"no finite vectors of one length (shape {vectors.shape})")
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError("a vector of zeros, which has no direction")
    return np.asarray(vectors / lengths, dtype=np.float32)


def _numbers(embedding: Any) -> Any:
    """Raises ValueError or TypeError for anything but a list of numbers, or their bytes in base64."""
    if isinstance(embedding, str):
        return np.frombuffer(b64decode(embedding, validate=True), dtype="<f4")
    if not isinstance(embedding, list) or any(isinstance(number, bool) or not isinstance(number, int | float) for number in embedding):
        raise TypeError("an embedding that is no list of numbers")
    return embedding


def _tokens(answer: Mapping[str, Any], texts: Sequence[str]) -> int:
    """What the server counted; where it does not say, four characters count as a token, as for the language models."""
    usage = answer.get("usage")
    counted = count_of(usage.get("prompt_tokens")) if isinstance(usage, dict) else None
    return sum(len(text) // _CHARACTERS_A_TOKEN + 1 for text in texts) if counted is None else counted
