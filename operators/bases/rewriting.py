"""Rewriting only the texts that need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc


def rewrite_where(text: pa.Array, pattern: str | Sequence[str], rewrite: Callable[[str], str]) -> pa.Array:
    """Rewrite the texts in which a pattern (in the syntax of RE2) occurs, or each of several; the others are passed on as they are."""
    patterns = [pattern] if isinstance(pattern, str) else pattern
    places = pc.indices_nonzero(reduce(pc.and_, [pc.match_substring_regex(text, one) for one in patterns]))
    if not len(places):
        return text
    rewritten = pa.array([rewrite(value) for value in text.take(places).to_pylist()], text.type)
    mask = pc.is_in(pa.array(range(len(text)), pa.uint64()), places)
    return pc.replace_with_mask(text, mask, rewritten)
