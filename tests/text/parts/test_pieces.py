"""Words, sentences, sections and windows of them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.pieces import Span, characters, grouped, sections, sentences, windows, words


def texts(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def test_words_of_scripts_with_and_without_spaces() -> None:
    text = "The ferry, at six. 北京 ist 大きい"
    assert texts(text, words(text)) == ["The", "ferry,", "at", "six.", "北", "京", "ist", "大", "き", "い"]


def test_a_mark_stays_with_its_letter() -> None:
    text = "e\u0301a👍🏽"
    assert texts(text, characters(text)) == ["e\u0301", "a", "👍🏽"]
    for whole in ("कि", "நீ", "ที่", "が", "👨‍👩‍👧", "🇩🇪", "葛\U000e0100"):
        assert texts(f"a{whole}b", characters(f"a{whole}b")) == ["a", whole, "b"]
    assert texts("ที่นี่", words("ที่นี่")) == ["ที่", "นี่"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is six. Is it? Yes!", ["It is six.", "Is it?", "Yes!"]),
        ('She said "No." Then she left.', ['She said "No."', "Then she left."]),
        ("Dr. Brown met J. K. Rowe, e.g. at 3.15 p.m. in town.", ["Dr. Brown met J. K. Rowe, e.g. at 3.15 p.m. in town."]),
        ("See www.example.org today. It is version 2.0.", ["See www.example.org today.", "It is version 2.0."]),
        ("Wait... what? and so on.", ["Wait... what? and so on."]),
        ("Das kostet z.B. 3 Euro. Gut.", ["Das kostet z.B. 3 Euro.", "Gut."]),
        ("这是第一句。这是第二句！真的吗？", ["这是第一句。", "这是第二句！", "真的吗？"]),
        ("これは文です。「はい。」次の文。", ["これは文です。", "「はい。」", "次の文。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("A line that is\nwrapped here. Next.", ["A line that is\nwrapped here.", "Next."]),
        ("No end\n\nA paragraph", ["No end", "A paragraph"]),
        ("Buy:\n- bread\n- milk\n1. first\n2. second", ["Buy:", "- bread", "- milk", "1. first", "2. second"]),
        ("# Title\nText.", ["# Title\nText."]),
        ("Text\n## Title", ["Text", "## Title"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert texts(text, sentences(text)) == expected


def test_sections_with_the_headings_above_them() -> None:
    text = "Before.\n\n# Guide\nA\n## Install\nB\n```\n# a comment\n```\n### Linux\nC\n## Use\nD\n# Notes\nE\n"
    found = sections(text)
    assert [section.headings for section in found] == [
        (),
        ("Guide",),
        ("Guide", "Install"),
        ("Guide", "Install", "Linux"),
        ("Guide", "Use"),
        ("Notes",),
    ]
    assert text[found[2].start : found[2].end] == "## Install\nB\n```\n# a comment\n```\n"
    assert "".join(text[section.start : section.end] for section in found) == text
    assert [section.headings for section in sections(text, 1)] == [(), ("Guide",), ("Notes",)]


def test_underlined_headings_and_what_only_looks_like_one() -> None:
    text = "Guide\n=====\nA\n\nInstall\n-------\nB\n\n---\n\n- item\n---\n#hashtag\n#!/bin/sh\n"
    assert [section.headings for section in sections(text)] == [("Guide",), ("Guide", "Install")]


spans = st.lists(st.integers(1, 4), max_size=30).map(lambda counts: [Span(place, place + 1, count) for place, count in enumerate(counts)])


@given(spans, st.integers(1, 8), st.integers(0, 7))
def test_windows_hold_at_most_their_size_leave_nothing_out_and_always_go_on(units: list[Span], size: int, overlap: int) -> None:
    overlap = min(overlap, size - 1)
    made = list(windows(units, size, overlap))
    covered: set[int] = set()
    for before, after in itertools.pairwise(made):
        shared = sum(unit.units for unit in units if after.start <= unit.start < before.end)
        assert shared <= overlap
        assert before.start < after.start <= before.end < after.end
    for window in made:
        inside = [unit for unit in units if window.start <= unit.start < window.end]
        assert window.units == sum(unit.units for unit in inside)
        assert window.units <= size or len(inside) == 1
        covered |= {unit.start for unit in inside}
    assert covered == {unit.start for unit in units}


@given(st.text("ab .!\n中。", max_size=60), st.integers(1, 6))
def test_sentences_as_groups_of_words_have_all_of_the_words(text: str, size: int) -> None:
    units = words(text)
    groups = grouped(sentences(text), units, size)
    assert sum(group.units for group in groups) == len(units)
    assert all(group.units <= size for group in groups)
    assert all(before.end <= after.start for before, after in itertools.pairwise(groups))


@given(st.text(max_size=80))
def test_sentences_leave_out_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(texts(text, sentences(text))).split()) == "".join(text.split())
