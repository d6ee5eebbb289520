"""An answer of /v1/embeddings as it comes over the wire."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

import numpy as np
import orjson

from resources.embeddings.backend import EmbeddingReply, Vectors
from resources.llm.answers.reply import BackendError

_CHARACTERS_A_TOKEN = 4


def reply_of(content: bytes, texts: list[str], model: str, seconds: float, server: str) -> EmbeddingReply:
    """Raises BackendError of kind "malformed" for what does not hold one vector of numbers for each text."""
    try:
        answer = orjson.loads(content)
        entries = sorted(answer["data"], key=lambda entry: int(entry["index"]))
        rows = [_numbers(entry["embedding"]) for entry in entries]
        if [entry["index"] for entry in entries] != list(range(len(texts))):
            raise ValueError(f"{len(rows)} vectors for {len(texts)} texts")
        vectors = unit_vectors(np.array(rows, dtype=np.float32))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        message = f"{server} sent what is no list of embeddings ({type(error).__name__}: {error}; {len(content)} bytes)"
        raise BackendError("malformed", message, retryable=True) from None
    return EmbeddingReply("", str(answer.get("model") or model), _tokens(answer, texts), 0, "stop", seconds, vectors)


def unit_vectors(vectors: Vectors) -> Vectors:
    """Raises ValueError for what is no matrix of finite numbers, or a vector without direction."""
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError(f"no finite vectors of one length (shape {vectors.shape})")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError("a vector of zeros, which has no direction")
    return np.asarray(vectors / lengths, dtype=np.float32)


def _numbers(embedding: Any) -> Any:
    return np.frombuffer(b64decode(embedding), dtype="<f4") if isinstance(embedding, str) else embedding


def _tokens(answer: dict[str, Any], texts: list[str]) -> int:
    """What the server counted; where it does not say, four characters count as a token, as for the language models."""
    try:
        return int(answer["usage"]["prompt_tokens"])
    except (KeyError, TypeError, ValueError):
        return sum(len(text) // _CHARACTERS_A_TOKEN + 1 for text in texts)
