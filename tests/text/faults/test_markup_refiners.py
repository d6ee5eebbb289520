"""Faults of the reference's refiners of markup, addresses, pictures and marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.tables.storage import MemoryStorage
from operators.text.classical import emoticons
from operators.text.classical.emoji import RemoveEmoji
from operators.text.classical.emoticons import RemoveEmoticons
from operators.text.classical.punctuation import CollapsePunctuation
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.image_references import RemoveImageReferences
from operators.text.cleaning.plain_text import DecodeHtmlEntities, NormalizeSpaces
from operators.text.cleaning.urls import RemoveUrls
from operators.text.cleaning.wiki_references import RemoveReferences
from operators.text.rules.lines import TerminalPunctuationFilter
from tests.faults import fault

# HtmlEntityRefiner, HtmlUrlRemoverRefiner


@fault("deletes instead of decoding, so 'a &lt; b' becomes 'a  b' and meaning is lost")
def test_html_entities_are_decoded(refined: Any) -> None:
    assert refined(DecodeHtmlEntities(), "a &lt; b &amp;&#160;c &hellip;") == "a < b &\xa0c …"


@pytest.mark.parametrize("name", ["timestamp", "current", "section", "region", "notify", "order1", "copy_of", "parameter", "degree", "amplitude"])
def test_a_name_that_begins_like_an_entity_is_none(name: str, refined: Any) -> None:
    assert refined(DecodeHtmlEntities(), f"p = &{name}; q = &lt;") == f"p = &{name}; q = <"


@fault("'a < b and c > d' loses its middle")
@pytest.mark.parametrize(
    "text", ["a < b and c > d", "if (a<b && c>d) return x<y;", "vector<int> v; Map<K, V> m; Box<T> b;", "`<b>` is bold", "x <- 3 -> y", "<3 you"]
)
def test_what_only_looks_like_a_tag_stays(text: str, refined: Any) -> None:
    assert refined(HtmlToText(), text) == text


@fault("multi-line tags and script bodies remain")
def test_tags_over_several_lines_and_the_bodies_of_scripts_go(refined: Any) -> None:
    assert refined(HtmlToText(), "<div\n class='a'>Text</div><script>var a = 1;</script>") == "Text"


@fault("closing bracket or Markdown after a URL is eaten")
@fault("www. links untouched")
@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("See (https://a.example/b). Then", "See (). Then"),
        ("[the docs](https://a.example/x_(y)) say", "the docs say"),
        ("**https://a.example/b** is bold", "**** is bold"),
        ("Go to www.a.example/b, please", "Go to, please"),
        ("a https://a.example b", "a b"),
        ("访问https://a.example/中文。好", "访问中文。好"),
        ("<https://a.example>", ""),
        ("https://en.wikipedia.org/wiki/A_(b)", ""),
        ("no link: //comment, and/or, http:", "no link: //comment, and/or, http:"),
    ],
)
def test_addresses_go_with_nothing_of_what_stands_around_them(text: str, without: str, refined: Any) -> None:
    assert refined(RemoveUrls(), text) == without


# ReferenceRemoverRefiner


@fault("BUG: the cleaned string is never stored, the ORIGINAL is appended: the operator is a no-op")
def test_the_text_without_its_references_is_what_is_stored(refined: Any) -> None:
    text = 'Water boils at 100 °C.<ref name="a">{{cite web|url=x|title={{lang|en|y}}}}</ref> It freezes at 0 °C.<ref name="b" />{{sfn|Doe|1999}}'
    assert refined(RemoveReferences(), text) == "Water boils at 100 °C. It freezes at 0 °C."


@fault("modified counter is incremented twice")
def test_a_row_with_two_references_is_counted_as_one_changed_row() -> None:
    rows = [{"text": "a<ref>x</ref> b{{sfn|c}}"}, {"text": "no reference"}, {"text": "d<ref>e</ref>"}]
    report = RemoveReferences().run(MemoryStorage(pa.Table.from_pylist(rows)), into=MemoryStorage())
    assert report.changed_by == {"RemoveReferences": 2}


# RemoveEmojiRefiner, RemoveEmoticonsRefiner


@fault("supplementary blocks 1F900-1FAFF, 2600-26FF, variation selector, ZWJ and keycaps stay, leaving broken residues")
@pytest.mark.parametrize(
    "emoji",
    [
        *("👩\u200d👩\u200d👧", "1\ufe0f\u20e3", "🇩🇪", "👍🏽", "❤\ufe0f", "☀", "🥹", "🏴\U000e0067\U000e0062\U000e0065\U000e007f", "🧑\u200d💻"),
        *("\U0001f90c", "\U0001f93a", "\U0001f970", "\U0001fa70", "\U0001faf6", "\u2600\ufe0f", "\u26c4", "#\ufe0f\u20e3", "*\u20e3"),
    ],
)
def test_an_emoji_goes_as_a_whole(emoji: str, refined: Any) -> None:
    assert refined(RemoveEmoji(), f"Good {emoji} day{emoji}") == "Good day"


@fault("no boundary test: verified that 'https://' loses ':/', 'ratio 3:30' becomes 'ratio 30', 'WORLD:D8' becomes 'WORL', 'XPath' loses 'XP'")
@pytest.mark.parametrize("text", ["https://a.example/c:D8", "ratio 3:30", "WORLD:D8", "XPath", "f(x):)", "dict[a:b]", "C:/users", "2 <3x"])
def test_what_holds_the_signs_of_an_emoticon_inside_stays(text: str, refined: Any) -> None:
    assert refined(RemoveEmoticons(), text) == text
    assert refined(RemoveEmoticons(), f"see {text} :-)") == f"see {text}"


@fault("order matters: ':)' is removed inside ':))'")
@pytest.mark.parametrize("face", [":))", ":)))", ":-))", ":((", "xDD", "<33", ":)) :)", ":) :)) :-))"])
def test_the_longest_emoticon_goes_at_once(face: str, refined: Any) -> None:
    assert refined(RemoveEmoticons(), f"nice {face} day") == "nice day"
    assert refined(RemoveEmoticons(), f"nice {face}") == "nice"


@fault("5000 of its 5164 lines are emoji tables that are never used")
def test_emoticons_are_a_few_lines_and_leave_emoji_alone(refined: Any) -> None:
    source = Path(emoticons.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 100
    assert source.isascii()
    assert refined(RemoveEmoticons(), "a 😀 b") == "a 😀 b"


# RemoveExtraSpacesRefiner


@fault(
    "destroys newlines, so paragraphs, code and tables are flattened and all later line-based filters become meaningless "
    "(shipped pipeline runs it before them)"
)
def test_lines_paragraphs_and_indentation_survive(refined: Any, keeps: Any) -> None:
    text = "A  heading\r\n\r\n\r\n\r\nA\u3000paragraph \n    code(x,  y)\n"
    assert refined(NormalizeSpaces(), text) == "A heading\n\nA paragraph\n    code(x, y)"
    assert refined(NormalizeSpaces(keep_runs=True), "a   b\n1   2") == "a   b\n1   2"
    page = "One  line.\nAnother  line.\n" * 3 + "menu\n" * 2
    assert keeps(TerminalPunctuationFilter(min_share=0.7), page, refined(NormalizeSpaces(), page)) == [True, True]
    assert keeps(TerminalPunctuationFilter(min_share=0.8), page, refined(NormalizeSpaces(), page)) == [False, False]


# RemoveImageRefsRefiner

_WORDS = "Photosynthesis converts carbon dioxide into organic molecules."


@fault(
    "verified: the alphanumeric alternative deletes EVERY word of 7 or more letters "
    "('Photosynthesis converts carbon dioxide into organic molecules.' leaves '  carbon  into  .')"
)
def test_only_references_to_images_go(refined: Any) -> None:
    assert refined(RemoveImageReferences(), _WORDS) == _WORDS
    assert refined(RemoveImageReferences(), f"![a [b]](x(1).png) {_WORDS} images/0a1b2c3d4e5f.jpg <img src='x>y'>") == _WORDS


@fault("nested quantifiers")
@pytest.mark.parametrize(
    "text",
    [
        *("![" + "a" * 20_000, "![" + "[]" * 5_000, "![" * 2_000, "![a](" + "(" * 5_000, "![a](" + "()" * 5_000),
        *("<img " + "'" * 2_001, "<img " + "a='b' " * 2_000, "images/" + "a." * 5_000, "images/" + "-" * 20_000),
    ],
    ids=lambda text: f"{text[:8]}...",
)
def test_a_reference_that_is_never_closed_is_read_once_and_stays(text: str, refined: Any) -> None:
    """With nested quantifiers these would not end in a lifetime."""
    assert refined(RemoveImageReferences(), text) == text


# RemoveRepetitionsPunctuationRefiner


@fault("turns '...' into '.', '--' into '-', '==' into '=', '//' in URLs into '/': breaks code, Markdown and links")
@pytest.mark.parametrize(
    "text",
    [
        *("Wait... what", "a -- b", "x == y != z", "https://a.example//b"),
        *("---\n# T\n===\n", "**bold** __x__ ``c``", "f(*args, **kwargs)", "s[::-1]; i++; a && b"),
    ],
)
def test_runs_that_mean_something_stay_and_those_of_sentences_become_one(text: str, refined: Any) -> None:
    assert refined(CollapsePunctuation(), text) == text
    assert refined(CollapsePunctuation(), f"{text}\nWhat??? No!!!") == f"{text}\nWhat? No!"


def test_the_words_of_a_refined_text_are_those_that_it_had(refined: Any) -> None:
    for refiner in (RemoveImageReferences(), CollapsePunctuation(), RemoveEmoticons(), RemoveEmoji(), NormalizeSpaces(), RemoveUrls()):
        assert re.findall(r"\w+", refined(refiner, _WORDS * 3)) == re.findall(r"\w+", _WORDS * 3)
