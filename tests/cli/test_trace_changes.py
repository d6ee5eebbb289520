"""What `dataflow trace` shows of a changed text."""

from __future__ import annotations

import pytest

from dataflow_assets.cli.trace import around_the_change


def test_of_long_texts_the_place_where_they_differ_is_shown() -> None:
    before, after = around_the_change("a" * 500 + "OLD tail", "a" * 500 + "NEW tail")
    assert before == "…" + "a" * 30 + "OLD tail"
    assert after == "…" + "a" * 30 + "NEW tail"


def test_a_text_that_was_cut_or_made_is_shown_from_its_end() -> None:
    assert around_the_change("abc  ", "abc") == ("abc  ", "abc")
    assert around_the_change(None, 3)[1] == "3"


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("one\xa0two", "one two", ("one\\xa0two", "one two")),
        ("a\u200bb", "ab", ("a\\u200bb", "ab")),
        ("a\r\nb", "a\nb", ("a\\r⏎b", "a⏎b")),
        ("a\nb", "a b", ("a⏎b", "a b")),
    ],
)
def test_a_change_that_nobody_would_see_is_written_out(old: str, new: str, shown: tuple[str, str]) -> None:
    assert around_the_change(old, new) == shown
