"""Quotes are found where they stand, however they were typed, and nowhere else; what is kept can be proven again from its columns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.verified_quotes import QuotedSources, quote_fault

MARKED = "Call **`read_csv`** with the [path](https://a.example/x) first.\n\n- It returns a *table* of rows.\n"


@pytest.mark.parametrize(
    ("quote", "found", "stands"),
    [
        ("It returns a *table* of rows.", "exact", "It returns a *table* of rows."),
        ("It returns a table of rows.", "without markup", "It returns a *table* of rows."),
        ("Call read_csv with the path first", "without markup", "Call **`read_csv`** with the [path](https://a.example/x) first"),
        ("with  the [path]", "normalised", "with the [path]"),
        ("It returns a list of rows.", "missing", "It returns a list of rows."),
        ("t returns a", "missing", "t returns a"),
        ("", "missing", ""),
    ],
)
def test_a_quote_is_given_as_it_stands(quote: str, found: str, stands: str) -> None:
    verified = QuotedSources([MARKED]).verify(quote)
    assert (verified.found, verified.quote) == (found, stands)
    if verified.start is not None:
        assert MARKED[verified.start : verified.end] == stands


def test_of_several_texts_the_one_is_named_that_holds_it() -> None:
    sources = QuotedSources(["the sun is hot", "the moon is cold", "the “moon” is cold and far"])
    assert sources.verify("moon is cold").source == 1
    assert sources.verify("moon is cold and far").found == "missing"
    assert sources.verify('"moon" is cold').source == 2


@settings(max_examples=60)
@given(st.text(alphabet="ab *_`[]()\n中文é5", min_size=1, max_size=60), st.data())
def test_what_is_found_can_be_proven_from_its_columns(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    verified = QuotedSources([text]).verify(quote)
    if verified.found != "missing":
        assert text[verified.start : verified.end] == verified.quote
        assert quote_fault(verified.model_dump(), [text]) in (None, f"{verified.quote[:80]!r} is too short to prove anything")
    else:
        assert quote_fault(verified.model_dump(), [text]) is not None


@pytest.mark.parametrize(
    "change", [{"start": 5}, {"end": 12}, {"source": 1}, {"source": None}, {"quote": "the moon is hot"}, {"end": 900}, {"start": None}]
)
def test_any_change_of_a_place_breaks_the_proof(change: dict[str, object]) -> None:
    text = "All day the sun is hot here."
    verified = QuotedSources([text]).verify("the sun is hot").model_dump()
    assert quote_fault(verified, [text]) is None
    assert quote_fault({**verified, **change}, [text]) is not None
