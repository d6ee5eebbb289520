"""A hash of each text."""

from __future__ import annotations

from typing import Any

from operators.kernels.compiled.compiler import compiled
from operators.kernels.compiled.hashing import hash_bytes, mix


@compiled
def hash_texts(data: Any, starts: Any, ends: Any, out: Any) -> None:
    for row in range(len(starts)):
        out[row] = mix(hash_bytes(data, starts[row], ends[row]))
