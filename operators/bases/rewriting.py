"""Rewriting only the texts that need it."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def rewrite_where(text: pa.Array, pattern: str, rewrite: Callable[[str], str]) -> pa.Array:
    """Rewrite the texts in which a pattern (in the syntax of RE2) occurs; the others are passed on as they are."""
    return rewrite_those(text, pc.match_substring_regex(text, pattern), rewrite)


def rewrite_those(text: pa.Array, chosen: pa.BooleanArray, rewrite: Callable[[str], str]) -> pa.Array:
    """Rewrite the texts that are `chosen`; the others are passed on as they are."""
    places = pc.indices_nonzero(chosen)
    if not len(places):
        return text
    rewritten = pa.array([rewrite(value) for value in text.take(places).to_pylist()], text.type)
    mask = pc.is_in(pa.array(range(len(text)), pa.uint64()), places)
    return pc.replace_with_mask(text, mask, rewritten)
