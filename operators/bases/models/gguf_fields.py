"""What a GGUF file says of itself, read without its weights. gguf's own reader takes seconds for it."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Type of a value -> how it is packed. 8 is a text, 9 a list."""
_TEXT, _LIST = 8, 9
_ALIGNMENT = 32
"""Where tensors begin: at multiples of it, unless the file says another number."""

Result = TypeVar("Result")


def read_fields(path: Path, lists: Collection[str] = ()) -> dict[str, Any]:
    """The fields of the header, by name. Lists, such as those of tokens, are passed over, but for those named.

    Raises:
        ValueError: it is no GGUF file, or a cut one.
        OSError: it cannot be read.
    """
    return _read(path, lambda content: _fields(content, lists)[0])


def least_size(path: Path) -> int:
    """Bytes that the file must have to hold what its header announces: up to the first of its last tensor; 0 where it has none.

    Raises:
        ValueError: it is no GGUF file, or one that ends within its header.
        OSError: it cannot be read.
    """
    return _read(path, _start_of_last_tensor)


def _read(path: Path, reading: Callable[[mmap.mmap], Result]) -> Result:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return reading(content)
    except (OverflowError, struct.error, UnicodeDecodeError) as error:
        raise ValueError("its header is cut or damaged") from error


def _start_of_last_tensor(content: mmap.mmap) -> int:
    fields, at = _fields(content, ())
    (count,) = struct.unpack_from("<Q", content, 8)
    last = -1
    for _ in range(count):
        _, at = _text(content, at)
        (dimensions,) = struct.unpack_from("<I", content, at)
        (offset,) = struct.unpack_from("<Q", content, at + 4 + 8 * dimensions + 4)
        at += 4 + 8 * dimensions + 4 + 8
        last = max(last, offset)
    alignment = int(fields.get("general.alignment", 0)) or _ALIGNMENT
    return -(-at // alignment) * alignment + last + 1 if count else 0


def _fields(content: mmap.mmap, lists: Collection[str]) -> tuple[dict[str, Any], int]:
    """The fields, and where what follows them begins."""
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
    return fields, at


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
