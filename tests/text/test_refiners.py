"""Refiners never corrupt: what is clean stays as it is, and a second time changes nothing more."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.text.classical.emoji import RemoveEmoji
from operators.text.cleaning.html_text import HtmlToText, html_to_text
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces, RemoveLines
from operators.text.cleaning.urls import RemoveUrls

REFINERS = [
    FixUnicode(),
    FixUnicode(html_entities=True),
    HtmlToText(),
    NormalizeSpaces(),
    NormalizeSpaces(join_lines=True),
    RemoveUrls(),
    RemoveEmoji(),
]
REFINERS += [
    DecodeHtmlEntities(),
    RemoveLines(),
    NormalizeSpaces(keep_indentation=False, keep_runs=True, max_blank_lines=0),
    RemoveUrls(replacement="[URL]"),
]

PIECES = [
    *(
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<br/>",
        "<div class='x'>",
        "</div>",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<li>",
        "<ul>",
        "</ul>",
        "<script>",
        "</script>",
        "<!-- c -->",
    ),
    *(
        "<html>",
        "</html>",
        "<td>",
        "</td>",
        "<table>",
        "</table>",
        "<sup>",
        "</sup>",
        "<ol>",
        "<br>",
        "<math>",
        "<mfrac>",
        "</mfrac>",
        "</math>",
        "<o:p>",
        "</o:p>",
        "`",
        "```\n",
        "~~~\n",
        "&lt;",
        "&gt;",
        "&amp;",
        "&#60;",
        "&amp;lt;",
        "&nbsp;",
        "<",
        ">",
        "a<b",
        "x > y",
        "<a href='u'>",
    ),
    *(
        "</a>",
        "http://a.b/c",
        "www.a.b",
        "(",
        ")",
        "[",
        "](",
        "https://",
        "!",
        "😀",
        "👩\u200d👧",
        "1\ufe0f\u20e3",
        "🇩🇪",
        "\u200d",
        "\ufe0f",
        "©",
        "🏽",
        "❤",
    ),
    *(
        " ",
        "  ",
        "\n",
        "\n\n\n\n",
        "\t",
        "\r\n",
        "\xa0",
        "\u3000",
        "\u2028",
        "word",
        "Ã©",
        "schÃ¶n",
        "â€œ",
        "\x00",
        "\x1b[31m",
        "\ufeff",
        "ﬁ",
        "e\u0301",
        "javascript",
        "汉字",
        "。",
        "-",
        "- ",
    ),
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=25).map("".join)


def refine(refiner: Any, text: str) -> str:
    if hasattr(refiner, "refine_batch"):
        return str(refiner.refine_batch(pa.array([text, "", text]))[2].as_py())
    return str(refiner.refine(text))


@pytest.mark.parametrize("refiner", REFINERS, ids=repr)
@given(text=texts)
@settings(deadline=None, max_examples=75)
def test_a_second_time_changes_nothing(refiner: Any, text: str) -> None:
    once = refine(refiner, text)
    assert refine(refiner, once) == once


CLEAN = [
    "A plain sentence.\n\nAnother paragraph, with “quotes”, an em dash — and a price of 3.50 €.",
    "def f(x):\n    if x < 3 and y > 2:\n        return a[1:2]  \n".rstrip(),
    "# Title\n\n- item *one*\n- item `<b>` two\n\n```html\n<div>kept</div>\n```\n\n1. x < y",
    "今天天气很好，我们去公园。「你好」！（好）",
    "ภาษาไทยไม่มีช่องว่าง",
    "© 2024 Company™ → next ✔ ♠ §",
    "std::vector<std::pair<int, int>> v; a << b; template <typename T>",
    "E = mc² and 5 % of ½; naïve café; \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "Mail <john@a.example>, or 10:30 :-) and/or ... etc. 1.2.34 -- end",
]


@pytest.mark.parametrize(
    "refiner",
    [FixUnicode(), HtmlToText(), NormalizeSpaces(keep_runs=True), RemoveUrls(), RemoveEmoji(), DecodeHtmlEntities(), RemoveLines()],
    ids=repr,
)
@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_stays_as_it_is(refiner: Any, text: str) -> None:
    assert refine(refiner, text) == text


@given(st.text(st.characters(exclude_characters="<"), max_size=60))
@settings(deadline=None)
def test_text_without_tags_is_no_html(text: str) -> None:
    assert html_to_text(text) == text


@given(st.lists(st.sampled_from(["a", "if", "x", "(", ")", " ", "<", "< ", "> ", ">", "<=", "\n", "T", ">>", "<<", "3"]), max_size=30).map("".join))
@settings(deadline=None)
def test_comparisons_and_shifts_are_no_html(text: str) -> None:
    if "<a" not in text:  # could be a link
        assert html_to_text(text) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<html><head><title>T</title></head><body><nav>Menu</nav><h1>Head</h1><p>One\n two &amp; three.</p></body></html>",
            "Menu\n\nHead\n\nOne two & three.",
        ),
        ("<!DOCTYPE html><ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1\t2\n3"),
        ("<body><pre>def f(x):\n    return x &lt; 1</pre></body>", "```\ndef f(x):\n    return x < 1\n```"),
        ("<body>Use <code>&lt;b&gt;x&lt;/b&gt;</code></body>", "Use `<b>x</b>`"),
        ("<body>Write &lt;b&gt;x&lt;/b&gt;</body>", "Write &lt;b>x&lt;/b>"),
        ('# Title\n\n<p align="center"><img src="x"></p>\n\nSome <b>bold</b> text, x < y.', "# Title\n\nSome bold text, x < y."),
        ("Line<br>break", "Line\nbreak"),
        ("<p>open", "open"),
        ("a <!-- hidden --> b", "a  b"),
    ],
)
def test_html_becomes_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    ("broken", "text"), [("schÃ¶n", "schön"), ("a\x00b\r\nc", "ab\nc"), ("e\u0301", "é"), ("ﬁne", "fine"), ("“kept” ，ok", "“kept” ，ok")]
)
def test_broken_encodings_are_repaired_and_typography_stays(broken: str, text: str) -> None:
    assert refine(FixUnicode(), broken) == text


def test_paragraphs_survive_space_normalisation_and_can_be_joined() -> None:
    text = "\n a \xa0 b\t\n\n\n\n\nc\u2028d"
    assert refine(NormalizeSpaces(), text) == " a b\n\nc\nd"
    assert refine(NormalizeSpaces(keep_indentation=False, max_blank_lines=0), text) == "a b\nc\nd"
    assert refine(NormalizeSpaces(join_lines=True), text) == "a b c d"


def test_a_deeply_nested_page_needs_no_deep_stack() -> None:
    assert html_to_text("<body>" + "<div>" * 5000 + "x" + "</div>" * 5000 + "</body>") == "x"
