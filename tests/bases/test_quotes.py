"""Verified quotes: found to the letter, where they stand, and nothing else."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.quotes import Source, find_quote

SOURCE = "Mr. O’Neill said: “The coffee\n  costs 5 € — no more.” Über den Weg läuft die Katze; ﬁve ﬁngers. 天気がいいから、散歩しましょう。"


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("Mr. O'Neill said", "Mr. O’Neill said"),
        ("The coffee costs 5 € - no more.", "The coffee\n  costs 5 € — no more."),
        ('"The coffee costs', "“The coffee\n  costs"),
        ('"costs 5 €"', "costs 5 €"),
        ("‘costs’", "costs"),
        ("  costs\t5 ", "costs 5"),
        (unicodedata.normalize("NFD", "läuft die"), "läuft die"),
        ("five fingers", "ﬁve ﬁngers"),
        ("Ka\u00adtze", "Katze"),
        ("いいから", "いいから"),
        ("ｃｏｓｔｓ ５", "costs 5"),
    ],
)
def test_what_copying_changes_does_not_hide_a_quote(quote: str, stands: str) -> None:
    span = find_quote(quote, SOURCE)
    assert span is not None
    assert SOURCE[span.start : span.end] == stands


@pytest.mark.parametrize(
    "quote",
    [
        "the coffee", "costs 6", "costs 50 €", "cost", "offee", "The coffee costs 5 more", "Uber den Weg",
        "lauft", "Katz", "x² ", "", "  ", "…", '""', "—", "か゛い",
        "天氣",
    ],
)  # fmt: skip
def test_what_is_not_there_to_the_letter_is_not_found(quote: str) -> None:
    assert find_quote(quote, SOURCE) is None


@pytest.mark.parametrize(("quote", "source"), [("x2", "x²"), ("art", "party"), ("e", "é"), ("cafe", "cafe\u0301"), ("12", "123"), ("か", "か\u3099")])
def test_a_part_of_a_word_or_letter_is_not_the_word(quote: str, source: str) -> None:
    assert find_quote(quote, source) is None


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("500 people died", "In all 1,500 people died."),
        ("5 million came", "About 3.5 million came."),
        ("It grew by 1", "It grew by 1.5 percent."),
        ("5 °C was measured", "There −5 °C was measured."),
        ("5 people in the town", "It is 1/5 people in the town."),
        ("500人死亡", "共1,500人死亡"),
    ],
)
def test_a_part_of_a_number_is_not_the_number(quote: str, source: str) -> None:
    assert find_quote(quote, source) is None


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("1,500 people died", "In all 1,500 people died."),
        ("It grew by 1.5", "It grew by 1.5."),
        ('"-5 °C was measured"', "There −5 °C was measured."),
        ("-5 °C", "There (-5 °C) was cold."),
        ("10 of them", "The 5-10 of them"),
        ("3 came", "No. 3 came"),
    ],
)
def test_a_whole_number_is_found_with_its_sign_and_marks(quote: str, source: str) -> None:
    assert find_quote(quote, source) is not None


WORDS = st.lists(st.text(st.characters(categories=("L", "N", "P", "Zs"), max_codepoint=0x2FFF), min_size=1, max_size=6), min_size=1, max_size=12)


@given(words=WORDS, seed=st.randoms(use_true_random=False))
def test_any_run_of_words_of_a_source_is_found_with_its_place(words: list[str], seed: random.Random) -> None:
    source = " ".join(words)
    start = seed.randrange(len(words))
    quote = " ".join(words[start : seed.randrange(start, len(words)) + 1])
    if not any(map(str.isalnum, quote)):
        return
    span = Source(source).find(quote.replace(" ", "\n "))
    assert span is not None
    assert find_quote(source[span.start : span.end], quote) is not None, "what stands there says the same"


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(quote: str, source: str) -> None:
    span = find_quote(quote, source)
    assert span is None or 0 <= span.start < span.end <= len(source)


@pytest.mark.parametrize("piece", ["e\u0301", "\u0323\u0301", "“", " ", "中", "\u200b", "ab é ", "a ", "각", "\u1100\u1161"])
def test_the_compared_text_is_no_longer_than_three_times_its_source(piece: str) -> None:
    """What is compared, and with it time and memory, grows with the text and not faster."""
    source = Source(piece * 20_000)
    assert len(source._compared.text) <= 3 * len(source.text) + 2
