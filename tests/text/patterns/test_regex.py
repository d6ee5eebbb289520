"""Filters and replacements by patterns of the user's, which no pattern and no text makes hang."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tables.errors import ParameterError
from operators.text.patterns.expressions import SHORT
from operators.text.patterns.regex import RegexFilter, RegexReplace
from operators.text.rules.blocklist import BlocklistFilter


def kept(texts: list[str], **parameters: Any) -> list[str]:
    return list(RegexFilter(**parameters).run({"text": texts}, progress=False).table.column("text").to_pylist())


def reasons(texts: list[str], **parameters: Any) -> list[str]:
    return list(RegexFilter(**parameters).run({"text": texts}, progress=False).rejected.column("rejected_reason").to_pylist())


def replaced(*texts: str, **parameters: Any) -> list[str]:
    return list(RegexReplace(**parameters).run({"text": list(texts)}, progress=False).table.column("text").to_pylist())


TEXTS = ["one 1", "two", "DOI: 2", "straße 北京"]


def test_any_all_or_none_of_the_patterns() -> None:
    both = (r"\d", r"(?i)doi")
    assert kept(TEXTS, patterns=both) == ["one 1", "DOI: 2"]
    assert kept(TEXTS, patterns=both, match="all") == ["DOI: 2"]
    assert kept(TEXTS, patterns=both, match="none") == ["two", "straße 北京"]
    assert kept(TEXTS, patterns="doi", ignore_case=True) == ["DOI: 2"]
    assert kept(TEXTS, patterns=(r"\p{Han}",)) == ["straße 北京"]


def test_the_reason_names_the_pattern_and_what_it_found() -> None:
    assert reasons(TEXTS[3:], patterns=(r"\d", r"\p{Han}+"), match="none") == [r"RegexFilter: matches '\\p{Han}+' at '北京'"]
    assert reasons(TEXTS[:1], patterns=(r"\d", "x"), match="all") == ["RegexFilter: does not match 'x'"]
    assert reasons(TEXTS[1:2], patterns=(r"\d", "x")) == [r"RegexFilter: matches none of '\\d', 'x'"]


def test_matches_are_replaced_with_their_groups() -> None:
    assert replaced("3 km and 4 km", pattern=r"(\d+) km", replacement=r"\1 kilometres") == ["3 kilometres and 4 kilometres"]
    assert replaced("a\nb\n", pattern=r"(?m)^", replacement="> ") == ["> a\n> b\n> "]
    assert replaced("Page 3\ntext", "nothing", pattern="page \\d+\n", ignore_case=True) == ["text", "nothing"]


def test_long_texts_are_replaced_as_short_ones_are() -> None:
    long = "abc 12 " * SHORT
    texts = ["12", long, "", "b", long + "é"]
    assert replaced(*texts, pattern=r"\d+", replacement="<\\0>") == [re.sub(r"(\d+)", r"<\1>", text) for text in texts]


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"pattern": "(a"}, "the pattern '(a' is not understood: missing )"),
        ({"pattern": "(?=a)b"}, "RE2 has no look-around and no back-references"),
        ({"pattern": r"(a)\1"}, "RE2 has no look-around and no back-references"),
        ({"pattern": "(a{1000}){1000}"}, "invalid repetition size"),
        ({"pattern": "a", "replacement": r"\1"}, "does not fit 'a'"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said_before_anything_runs(parameters: dict[str, str], why: str) -> None:
    with pytest.raises(ParameterError) as raised:
        RegexReplace(**parameters)
    assert why in str(raised.value)


HOSTILE = ["(a+)+$", "(a|aa)+$", "(a|a)*b", "(.*a){20}b", "(x+x+)+y", r"(\w+\s?)*;", "(?s)a.*b|a"]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_pattern_hangs_on_a_megabyte(pattern: str) -> None:
    """Fault: a pattern that takes exponential time in Python's re. The clock is what this is about; the limit is far from both sides."""
    texts = ["a" * 1_000_000 + "!", "a" * 30 + "!"]
    started = time.monotonic()
    RegexFilter(patterns=(pattern,)).run({"text": texts}, progress=False)
    result = RegexReplace(pattern=pattern, replacement="x", seconds=0.2, max_failed=1).run({"text": texts}, progress=False)
    assert time.monotonic() - started < 60
    assert result.report.rows_in == result.report.rows_out + result.report.failed


def test_a_replacement_that_takes_too_long_sets_its_row_aside_alone() -> None:
    texts = ["a" * 1_000_000, "cab" * SHORT, "b"]
    result = RegexReplace(pattern="(?s)a.*c|a", replacement="x", seconds=4, max_failed=1).run({"text": texts}, progress=False)
    assert result.table.num_rows == 2
    (aside,) = result.rejected.to_pylist()
    assert aside["text"] == texts[0]
    assert "took longer than 4 seconds, and was given up" in aside["rejected_reason"]


@settings(deadline=None)
@given(st.lists(st.text("ab1 \n", max_size=20), max_size=5))
def test_simple_patterns_do_what_they_do_in_python(texts: list[str]) -> None:
    for pattern in (r"a+b", r"\d", r"(?m)^b", r"a|1 "):
        assert kept(texts, patterns=(pattern,)) == [text for text in texts if re.search(pattern, text)]
        assert replaced(*texts, pattern=pattern, replacement="_") == [re.sub(pattern, "_", text) for text in texts]


@pytest.mark.parametrize("pattern", [r"\bécole\b", r"\bcafé\b", r"\bшкола", r"\b(?:ecole|école)\b", r"\b(cafe|café)\b", r"\b[а-я]+\b", r"é+\b"])
def test_an_edge_of_a_word_that_re2_does_not_see_is_refused(pattern: str) -> None:
    with pytest.raises(ParameterError, match="ASCII alone"):
        RegexFilter(patterns=(pattern,))


@pytest.mark.parametrize(
    "pattern", [r"\bmüller\b", r"(^|\PL)école(\PL|$)", r"\bNew York\b|мир", r"\\bécole", r"é \b", r"\bcafés\b", r"(\bx|é)", r"“\bx\b”"]
)
def test_an_edge_of_a_word_of_ascii_is_none_of_the_others(pattern: str) -> None:
    RegexFilter(patterns=(pattern,))


def test_a_blocked_phrase_may_have_any_space_in_it() -> None:
    assert (
        BlocklistFilter(phrases=("bad phrase",)).run({"text": [f"a bad{space}phrase" for space in " \u00a0\u2003\u3000\u0085-"]}).table.num_rows == 0
    )
