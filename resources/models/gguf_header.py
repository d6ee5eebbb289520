"""What a GGUF file says of itself, read without its weights and without its lists of tokens, which take gguf's own reader seconds."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources.models.errors import ModelError

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Type of a value -> how it is packed. 8 is a text, 9 a list."""
_TEXT, _LIST = 8, 9


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


def read_header(path: Path) -> GgufHeader:
    """Raises ModelError for what is no GGUF file, or a cut one."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            fields = _fields(content)
    except (OSError, ValueError, OverflowError, struct.error) as error:
        raise ModelError(f"{path} cannot be read as a model in GGUF, the format of llama.cpp: {error}") from error
    name = str(fields.get("general.architecture", ""))
    return GgufHeader(
        architecture=name,
        context_tokens=int(fields.get(f"{name}.context_length", 0)),
        bytes_per_token=_bytes_per_token(fields, name),
        has_chat_template=bool(fields.get("tokenizer.chat_template")),
        licence=str(fields.get("general.license", "")),
        files=int(fields.get("split.count", 0)) or 1,
    )


def _bytes_per_token(fields: dict[str, Any], name: str) -> int:
    """Keys and values of each layer. A model whose layers differ has lists there, which are not read: 0."""
    layers, heads, width = (int(fields.get(f"{name}.{key}", 0)) for key in ("block_count", "attention.head_count", "embedding_length"))
    if not heads:
        return 0
    of_keys = int(fields.get(f"{name}.attention.key_length", width // heads))
    of_values = int(fields.get(f"{name}.attention.value_length", width // heads))
    return 2 * layers * int(fields.get(f"{name}.attention.head_count_kv", heads)) * (of_keys + of_values)


def _fields(content: mmap.mmap) -> dict[str, Any]:
    if content[:4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, _, count = struct.unpack_from("<IQQ", content, 4)
    if version not in (2, 3):
        raise ValueError(f"version {version} of the format is not known")
    at, fields = 24, {}
    for _ in range(count):
        name, at = _text(content, at)
        (kind,) = struct.unpack_from("<I", content, at)
        value, at = _value(content, at + 4, kind)
        if value is not None:
            fields[name] = value
    return fields


def _value(content: mmap.mmap, at: int, kind: int) -> tuple[Any, int]:
    """A value and where the next thing stands; None for a list, which is passed over."""
    if kind == _TEXT:
        return _text(content, at)
    if kind != _LIST:
        return struct.unpack_from(_packed(kind), content, at)[0], at + struct.calcsize(_packed(kind))
    of, length = struct.unpack_from("<IQ", content, at)
    at += 12
    if of not in (_TEXT, _LIST):
        return None, at + length * struct.calcsize(_packed(of))
    for _ in range(length):
        at = _value(content, at, of)[1] if of == _LIST else at + 8 + struct.unpack_from("<Q", content, at)[0]
    return None, at


def _packed(kind: int) -> str:
    if kind not in _SCALARS:
        raise ValueError(f"type {kind} of a value is not known")
    return _SCALARS[kind]


def _text(content: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", content, at)
    if at + 8 + length > len(content):
        raise ValueError("it ends within its header")
    return content[at + 8 : at + 8 + length].decode(), at + 8 + length
