"""Only the texts in which a pattern occurs are rewritten."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.bases.rewriting import rewrite_where


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("a", ["A", None, "b", "AB"]),
        ("c", ["a", None, "b", "ab"]),
    ],
)
def test_texts_in_which_a_pattern_occurs_are_rewritten(pattern: str, texts: list[str | None]) -> None:
    for type_ in (pa.string(), pa.large_string()):
        found = rewrite_where(pa.array(["a", None, "b", "ab"], type_), pattern, str.upper)
        assert found.type == type_
        assert found.to_pylist() == texts
