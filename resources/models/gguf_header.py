"""What a GGUF file says of itself, as far as it matters for serving it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operators.bases.models.gguf_fields import least_size, read_fields
from resources.models.errors import ModelError

_OF_VECTORS: Final = ("bert", "embedding", "encoder")
"""In the names of architectures: nomic-bert, gemma-embedding, t5encoder."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """`bytes_per_token`: of the memory that llama.cpp keeps for each token of a context, as 16-bit numbers; 0 where the file does not tell."""

    architecture: str
    context_tokens: int
    bytes_per_token: int
    has_chat_template: bool
    licence: str
    files: int
    """Into how many files the model is split; this is the first."""
    makes_vectors: bool = False
    """Whether it was made to embed or to rank texts, and not to go on with them: such a model has a way to pool its tokens."""


def read_header(path: Path) -> GgufHeader:
    """Raises ModelError for what is no GGUF file, or a cut one."""
    try:
        fields = read_fields(path)
        size, least = path.stat().st_size, least_size(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as a model in GGUF, the format of llama.cpp: {error}.") from error
    if size < least:
        raise ModelError(f"{path} is not whole: it has {size:,} bytes, and its header announces {least:,} at least. Fetch it again.")
    name = str(fields.get("general.architecture", ""))
    return GgufHeader(
        architecture=name,
        context_tokens=int(fields.get(f"{name}.context_length", 0)),
        bytes_per_token=_bytes_per_token(fields, name),
        has_chat_template=bool(fields.get("tokenizer.chat_template")),
        licence=str(fields.get("general.license", "")),
        files=int(fields.get("split.count", 0)) or 1,
        makes_vectors=any(word in name for word in _OF_VECTORS) or int(fields.get(f"{name}.pooling_type", 0)) > 0,
    )


def _bytes_per_token(fields: dict[str, Any], name: str) -> int:
    """Keys and values of each layer. A model whose layers differ has lists there, which are not read: 0."""
    layers, heads, width = (int(fields.get(f"{name}.{key}", 0)) for key in ("block_count", "attention.head_count", "embedding_length"))
    if not heads:
        return 0
    of_keys = int(fields.get(f"{name}.attention.key_length", width // heads))
    of_values = int(fields.get(f"{name}.attention.value_length", width // heads))
    return 2 * layers * int(fields.get(f"{name}.attention.head_count_kv", heads)) * (of_keys + of_values)
