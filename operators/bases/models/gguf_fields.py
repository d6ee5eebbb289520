"""What a GGUF file says of itself, read without its weights. gguf's own reader takes seconds for it."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Collection
from pathlib import Path
from typing import Any

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Type of a value -> how it is packed. 8 is a text, 9 a list."""
_TEXT, _LIST = 8, 9


def read_fields(path: Path, lists: Collection[str] = ()) -> dict[str, Any]:
    """The fields of the header, by name. Lists, such as those of tokens, are passed over, but for those named.

    Raises:
        ValueError: it is no GGUF file, or a cut one.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _fields(content, lists)
    except (OverflowError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def _fields(content: mmap.mmap, lists: Collection[str]) -> dict[str, Any]:
    if content[:4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, _, count = struct.unpack_from("<IQQ", content, 4)
    if version not in (2, 3):
        raise ValueError(f"version {version} of the format is not known")
    at, fields = 24, {}
    for _ in range(count):
        name, at = _text(content, at)
        (kind,) = struct.unpack_from("<I", content, at)
        value, at = _value(content, at + 4, kind, name in lists)
        if value is not None:
            fields[name] = value
    return fields


def _value(content: mmap.mmap, at: int, kind: int, read_lists: bool) -> tuple[Any, int]:
    """A value and where the next thing stands; None for a list that is passed over."""
    if kind == _TEXT:
        return _text(content, at)
    if kind != _LIST:
        return struct.unpack_from(_packed(kind), content, at)[0], at + struct.calcsize(_packed(kind))
    of, length = struct.unpack_from("<IQ", content, at)
    at += 12
    if of not in (_TEXT, _LIST):
        size = length * struct.calcsize(_packed(of))
        return list(struct.unpack_from(f"<{length}{_packed(of)[1]}", content, at)) if read_lists else None, at + size
    values: list[Any] = []
    for _ in range(length):
        if of == _LIST or read_lists:
            value, at = _value(content, at, of, read_lists)
            values.append(value)
        else:
            at += 8 + struct.unpack_from("<Q", content, at)[0]
    return values if read_lists else None, at


def _packed(kind: int) -> str:
    if kind not in _SCALARS:
        raise ValueError(f"type {kind} of a value is not known")
    return _SCALARS[kind]


def _text(content: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", content, at)
    if at + 8 + length > len(content):
        raise ValueError("it ends within its header")
    return content[at + 8 : at + 8 + length].decode(), at + 8 + length
