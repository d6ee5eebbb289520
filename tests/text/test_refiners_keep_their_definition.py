"""The fast refiners give what their definitions give: ftfy on the whole text, a list of regular expressions."""

from __future__ import annotations

import html
import re
from itertools import product
from typing import Literal

import ftfy
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ftfy.badness import MOJIBAKE_CATEGORIES
from ftfy.chardata import LIGATURES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from operators.text.cleaning.broken_text import MOST_ROUNDS, repair, repair_lines
from operators.text.cleaning.html_text import html_to_text
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.cleaning.structure import has_structure
from tests.growth import seconds, slowness
from tests.text import plain_structure

SUSPICIOUS = "".join(MOJIBAKE_CATEGORIES.values()) + "".join(map(chr, LIGATURES)) + "\x00\x0b\x0c\x1b[31m\r\x7f\x85\xa0\u2028\u2029\u206a\ufeff\ufffc"
MARKS = "e\u0301a\u0308\u1100\u1161\u0958\u212b漢あＡｱ😀 é\n\n\n"
ENCODINGS = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "macroman", "cp437")


def decoded_wrongly(text: str, encodings: list[str]) -> str:
    for encoding in encodings:
        text = text.encode().decode(encoding, errors="replace")
    return text


lines = st.text(st.sampled_from("ab ’“”…–é漢ру\n€"), max_size=20)
broken = st.builds(decoded_wrongly, lines, st.lists(st.sampled_from(ENCODINGS), max_size=3))
texts = st.lists(st.one_of(broken, st.text(st.sampled_from(SUSPICIOUS + MARKS), max_size=12), st.text(max_size=8), lines), max_size=5).map("".join)


@pytest.mark.parametrize("normalization", ["NFC", "NFKC", None])
@given(text=texts)
@settings(deadline=None, max_examples=150)
def test_fix_unicode_is_ftfy_until_nothing_changes(normalization: Literal["NFC", "NFKC"] | None, text: str) -> None:
    refiner = FixUnicode(normalization=normalization)
    config = ftfy.TextFixerConfig(
        unescape_html=False,
        uncurl_quotes=False,
        fix_character_width=False,
        normalization=normalization,
        explain=False,
    )
    expected = text.replace("\r\n", "\n").replace("\r", "\n")  # to ftfy a carriage return stands inside a line when it decodes that
    for _ in range(MOST_ROUNDS):
        expected = ftfy.fix_text(expected, config)
    assert refiner.refine_batch(pa.array(["plain", text])).to_pylist() == ["plain", expected]


def test_a_line_too_long_for_ftfy_is_cut_where_ftfy_cuts_it() -> None:
    config = FixUnicode()._settings._replace(max_decode_length=10)
    text = "short\n" + "schÃ¶n und grÃ¼n " * 3 + "\nÃ¶\n"
    expected = ftfy.fix_text(ftfy.fix_text(text, config), config)
    assert repair_lines(text, config) == expected


@pytest.mark.parametrize("second", ["\u00c2 b", "\u00c3 b", "\u00c2\u00a0b"])
def test_what_is_broken_at_the_start_of_a_line_alone_is_seen_in_every_line(second: str) -> None:
    settings = FixUnicode()._settings
    text = f"caf\u00e9\n{second}\nend"
    assert repair_lines(text, settings) == repair(text, settings)
    assert repair_lines(second, settings) == repair(second, settings) != second


@pytest.mark.parametrize("category", MOJIBAKE_CATEGORIES)
def test_what_ftfy_knows_is_no_sign_of_wrong_decoding_between_ascii_characters_but_for_four_letters(category: str) -> None:
    settings = FixUnicode()._settings
    around = ["".join(characters) for length in range(3) for characters in product("aA1 .|", repeat=length)]
    for character in map(chr, range(0xA0, 0x10000)):
        if re.match(f"[{MOJIBAKE_CATEGORIES[category]}]", character) and character not in {*"ŒœÂÃ", *map(chr, LIGATURES)}:
            text = "#".join(f"{before}{character}{after}" for before in around for after in around)
            assert repair_lines(text, settings) == repair(text, settings) == text


def test_entities_are_not_looked_for_line_by_line() -> None:
    with pytest.raises(ValueError, match="use repair"):
        repair_lines("x", FixUnicode(html_entities=True)._settings)


SPACES = r"[ \t\x{A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]"
LINE_BREAKS = (r"\r\n|[\r\x0b\x0c\x1c-\x1e\x{85}\x{2028}\x{2029}]", "\n")


def definition(refiner: NormalizeSpaces) -> list[tuple[str, str]]:
    """In the syntax of RE2, one after the other."""
    if refiner.join_lines:
        return [LINE_BREAKS, (rf"(?:{SPACES}|\n)+", " "), (r"^ | $", "")]
    return [
        LINE_BREAKS,
        (SPACES.replace(r" \t", ""), " "),
        *([] if refiner.keep_runs else [(r"([^ \t\n])[ \t]+", r"\1 ")]),
        (r"[ \t]+\n", "\n"),
        (r"[ \t\n]+\z", ""),
        (r"\A(?:[ \t]*\n)+", ""),
        (rf"\n{{{refiner.max_blank_lines + 2},}}", "\n" * (refiner.max_blank_lines + 1)),
        *([] if refiner.keep_indentation else [(r"(?m)^[ \t]+", "")]),
    ]


SPACED = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u1681\u2000\u200a\u200b\u202f\u205f\u2060\u2028\u2029\u3000\u3001ab漢é😀" + "  \n\n\t"


@given(
    texts=st.lists(st.one_of(st.none(), st.text(st.sampled_from(SPACED), max_size=20)), max_size=6),
    refiner=st.builds(
        NormalizeSpaces,
        keep_structure=st.just(False),
        max_blank_lines=st.integers(0, 3),
        keep_indentation=st.booleans(),
        keep_runs=st.booleans(),
        join_lines=st.booleans(),
    ),
    type_=st.sampled_from([pa.string(), pa.large_string()]),
    first=st.integers(0, 2),
)
@settings(deadline=None, max_examples=200)
def test_normalize_spaces_is_its_regular_expressions(texts: list[str | None], refiner: NormalizeSpaces, type_: pa.DataType, first: int) -> None:
    array = pa.array(texts, type_)[first:]
    expected = array
    for pattern, replacement in definition(refiner):
        expected = pc.replace_substring_regex(expected, pattern, replacement)
    found = refiner.refine_batch(array)
    found.validate(full=True)
    assert found.equals(expected)


def normalized(text: str, refiner: NormalizeSpaces, keep_runs: bool) -> str:
    """By its regular expressions, white space laying out nothing."""
    made = pa.array([text])
    for pattern, replacement in definition(refiner.model_copy(update={"keep_runs": keep_runs})):
        made = pc.replace_substring_regex(made, pattern, replacement)
    return str(made[0])


LAID_OUT = (
    *("```\n", "```", "````", "``` `\n", "~~~\n", " \t~~~ ~\n", "`", "> x", ">", "|", " | ", ">   code\n", "> \tx", "|a|\n", "\xa0|a  b|\xa0\n"),
    *("a  b", "a   b\n", "a.  b", "a.   b", "é  漢", "a\tb\n", "\u3000\ta\n", "a  b\nc  d\ne  f\n", "word, " * 12, "a b " * 20, "é b " * 20),
    *("@@ -1", "@@ -\u0663", "@@ -\xb2", "diff --git ", "Index: ", "--- a", "--- \u3000", "+++ ", "\n", "\n\n\n", " ", "  ", "\t", "c"),
    *("\x1f\n", "\n\x1f", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\xa0", "\u2003", "\u3000", "\x00", "\u200b"),
)


@given(
    texts=st.lists(st.one_of(st.none(), st.lists(st.sampled_from(LAID_OUT), max_size=20).map("".join)), max_size=20),
    refiner=st.builds(NormalizeSpaces, max_blank_lines=st.integers(0, 3), keep_indentation=st.booleans(), keep_runs=st.booleans()),
    type_=st.sampled_from([pa.string(), pa.large_string()]),
    first=st.integers(0, 2),
)
@example(texts=["```\na\n```\n\n\x1f\n\n\x1f\n\n```\n"] * 9, refiner=NormalizeSpaces(max_blank_lines=9), type_=pa.string(), first=0)
@settings(deadline=None, max_examples=200)
def test_what_is_laid_out_is_normalized_part_by_part(texts: list[str | None], refiner: NormalizeSpaces, type_: pa.DataType, first: int) -> None:
    def of_part(part: plain_structure.Part) -> str:
        return normalized(part.text, refiner, refiner.keep_runs or part.layout == "columns")

    def expected(text: str | None) -> str | None:
        if text is None or not has_structure(pa.array([text]))[0].as_py():
            return text if text is None else normalized(text, refiner, refiner.keep_runs)
        return plain_structure.rewritten(text, of_part, refiner.max_blank_lines + 1)

    found = refiner.refine_batch(pa.array(texts, type_)[first:])
    found.validate(full=True)
    assert found.to_pylist() == [expected(text) for text in texts[first:]]


def test_the_time_for_html_grows_with_its_length_only() -> None:
    assert html_to_text("<body>" + "<b>word</b> " * 20_000 + "</body>").count("word") == 20_000
    assert slowness(lambda page: seconds(lambda: html_to_text(f"<body>{page}</body>")), "<b>word</b> ") is None


ENTITY_OR_URL = re.compile(r"(?P<url>(?:[a-z]+://|www\.)\S+)|&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});", re.IGNORECASE)
PIECES = (*"&amp; &lt; &#60; &nbsp; & amp; # ; http :// ftp:// www. WWW . / a x1".split(), " ", "\n", "\u3000", "\u017f")


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_entities_are_decoded_outside_urls(text: str) -> None:
    expected = text
    for _ in range(MOST_ROUNDS):
        expected = ENTITY_OR_URL.sub(lambda match: match.group() if match["url"] else html.unescape(match.group()), expected)
    assert DecodeHtmlEntities().refine_batch(pa.array([text])).to_pylist() == [expected]
