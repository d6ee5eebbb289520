"""The refiners of personal data, dates, spelling, stems, references and marks: idempotent, and without effect on clean text."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.text.classical.contractions import ExpandContractions
from operators.text.classical.dates import NormalizeDatesAndMoney
from operators.text.classical.emoticons import RemoveEmoticons
from operators.text.classical.lemmas import LemmatizeWords
from operators.text.classical.punctuation import CollapsePunctuation
from operators.text.classical.spelling import CorrectSpelling, StemWords
from operators.text.classical.words import Lowercase, RemoveNumbers, RemovePunctuation, RemoveStopWords
from operators.text.cleaning.image_references import RemoveImageReferences, RemoveInvisibleCharacters
from operators.text.cleaning.wiki_references import RemoveReferences
from operators.text.privacy.anonymize import AnonymizePersonalData, PersonalDataEvaluator, PersonalDataFilter
from operators.text.privacy.personal_data import find_personal_data
from operators.text.rules.c4 import KeepC4Lines

GENTLE = [
    AnonymizePersonalData(),
    AnonymizePersonalData(how="mask"),
    AnonymizePersonalData(how="hash", salt="s"),
    NormalizeDatesAndMoney(),
    NormalizeDatesAndMoney(numeric="month first"),
    RemoveEmoticons(),
    RemoveImageReferences(),
    RemoveInvisibleCharacters(),
    CollapsePunctuation(),
    RemoveReferences(),
    CorrectSpelling(),
]
"""They leave clean text alone."""

THOROUGH = [
    *(Lowercase(), RemoveNumbers(), RemovePunctuation(), RemovePunctuation(inside_words=True), RemoveStopWords(), ExpandContractions()),
    *(StemWords(), LemmatizeWords(), ExpandContractions(quotations=True), KeepC4Lines(), RemoveReferences(marks=True)),
]
"""They change ordinary text, and say so."""

PIECES = [
    *("john.doe@mail.example", "+49 30 1234567", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "8.8.8.8", "2001:4860:4860::8888", "1.2.34"),
    *("March 5, 2024", "5th of March 2024", "25/12/2024", "03/04/2024", "25.12.2024", "$3.50", "$1,234.50 million", "$x$", "€5", "US$7", "`$5`"),
    *(":-)", ":)", "xD", "<3", "^_^", "https://a.b/c:D8", "3:30", "![a](b.png)", "<img src='x'>", "images/a.jpg", "\u200b", "\ufeff", "\u00ad"),
    *(
        "!!!",
        "???",
        "!?!?",
        "....",
        "...",
        "--",
        "==",
        ",,",
        "。。",
        "<ref>x</ref>",
        "<ref name=a />",
        "<ref>",
        "</ref>",
        "{{cite web|a={{b}}}}",
        "{{",
        "}}",
    ),
    *(
        "[12]",
        "[citation needed]",
        "don't",
        "can't",
        "it\u2019s",
        "John's",
        "WON'T",
        "the",
        "running",
        "recieve",
        "well-known",
        "1,234.5",
        "-3",
        "12 %",
    ),
    *("H2O", " ", " ", " ", "\n", "a", "word", ".", ",", "(", ")", "'", "-", "汉字", "İ", "ΑΣ", "`", "\t", "00:1A:2B:3C:4D:5E"),
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=20).map("".join)


def refine(refiner: Any, text: str) -> str:
    if problems := refiner.package_problems():
        pytest.skip(problems[0].suggestion)
    if hasattr(refiner, "refine_batch"):
        return str(refiner.refine_batch(pa.array([text, "", text]))[2].as_py())
    return str(refiner.refine(text))


@pytest.mark.parametrize("refiner", [*GENTLE, *THOROUGH], ids=repr)
@given(text=texts)
@settings(deadline=None, max_examples=60)
def test_a_second_time_changes_nothing(refiner: Any, text: str) -> None:
    once = refine(refiner, text)
    assert refine(refiner, once) == once


CLEAN = [
    "A plain sentence.\n\nAnother paragraph, with “quotes”, an em dash — and a price of 3.50 €... or so?",
    "def f(x):\n    if x < 3 and y > 2:\n        return a[1:2] == b[3]\n\n\nx = f'{y}'; a ||= !!b; url = '//x'",
    "# Title\n\n- item *one* -- two\n\n```html\n<img src='kept'>![kept](x.png) costs $5, March 5, 2024\n```\n\n1. x < y ---",
    "今天天气很好，我们去公园。「你好」！（好）",
    "Version 1.2.34 of 10.0.0.1 and 192.168.1.1 at 10:30, ratio 3:30, $x^2$ and $5$ and \\$HOME; ISBN 978-3-16-148410-0, call f(1, 2).",
    "std::vector<std::pair<int, int>> v; a << b; path C:\\D\\x and XPath; WORLD:D8; (see note 3) :: end",
    "In 1995 there were 12,345 people at 1234567890123456 of 100-200-300; arXiv 2403.04567, 10.1000/182, hash 5f2c8a9b1234.",
    "क्‍ष and می‌خواهم keep their joiners. 👩‍💻",
]


@pytest.mark.parametrize("refiner", GENTLE, ids=repr)
@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_stays_as_it_is(refiner: Any, text: str) -> None:
    assert refine(refiner, text) == text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Write to john.doe@mail.example, or <a_b@c.org>.", "Write to <EMAIL>, or <<EMAIL>>."),
        ("Card 4111 1111 1111 1111 (not 4111 1111 1111 1112)", "Card <CREDIT_CARD> (not 4111 1111 1111 1112)"),
        ("IBAN DE89 3704 0044 0532 0130 00, not DE88 3704 0044 0532 0130 00", "IBAN <IBAN>, not DE88 3704 0044 0532 0130 00"),
        ("Call +49 30 1234567 or (555) 123-4567", "Call <PHONE> or <PHONE>"),
        ("from 8.8.8.8 and 2001:4860:4860::8888, not 127.0.0.1", "from <IP_ADDRESS> and <IP_ADDRESS>, not 127.0.0.1"),
        ("mac 00:1A:2B:3C:4D:5E", "mac <MAC_ADDRESS>"),
        ("身份证11010519491231002X。", "身份证<IDENTITY_NUMBER>。"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text: str, without: str, refined: Any) -> None:
    assert refined(AnonymizePersonalData(), text) == without


def test_personal_data_is_masked_or_hashed_the_same_way_everywhere(refined: Any) -> None:
    assert refined(AnonymizePersonalData(how="mask"), "at j.doe@b.org") == "at j.***@*.***"
    hashed = refined(AnonymizePersonalData(how="hash", salt="pepper"), "J.Doe@b.org and j.doe@b.org")
    first, _, second = hashed.split()
    assert first == second
    assert first.startswith("<EMAIL_")
    assert hashed != refined(AnonymizePersonalData(how="hash", salt="salt"), "J.Doe@b.org and j.doe@b.org")


def test_personal_data_is_counted_and_filtered(keeps: Any) -> None:
    text = "a@b.org c@d.org 4111111111111111"
    assert [found.kind for found in find_personal_data(text)] == ["email", "email", "credit_card"]
    found = PersonalDataEvaluator().evaluate_batch(pa.array([text, "none"]))
    assert found["count"].tolist() == [3, 0]
    assert found["density"].tolist() == pytest.approx([3000 / 32, 0])
    assert keeps(PersonalDataFilter(max_count=2), text, "none") == [False, True]


@pytest.mark.parametrize(
    ("refiner", "text", "result"),
    [
        (ExpandContractions(), "Don't. It\u2019s John's; we'll, I'D, CAN'T, they've", "Do not. It is John's; we will, I'D, CANNOT, they have"),
        (RemoveNumbers(), "In 1995, 3 of 4 (12 %) had H2O and x2 at 10:30.", "In, of () had H2O and x2 at 10:30."),
        (RemovePunctuation(), "Well-known, isn't it? (Yes!) a/b 「好」。", "Well-known isn't it Yes a b 好"),
        (RemoveStopWords(), "The cat sat on the mat.\nIt is, of course, black.", "cat sat mat.\n, course, black."),
        (StemWords(), "Running dogs,\nflies!", "run dog,\nfli!"),
        (CorrectSpelling(), "I recieve, Recieve and\nXyzzy beleive it.", "I receive, Recieve and\nXyzzy believe it."),
        (RemoveEmoticons(), "Nice :-) work :D, <3 you ^_^", "Nice work, you"),
        (RemoveImageReferences(), "See ![a [b]](x(1).png) here. Photosynthesis <img src='a>b'> converts.", "See here. Photosynthesis converts."),
        (RemoveInvisibleCharacters(), "a\u200bb\u00adc\ufeff", "abc"),
        (CollapsePunctuation(), "What??? No!!! Well..... 好。。。 !?!?!", "What? No! Well... 好。 !?!"),
        (RemoveReferences(), "Fact.<ref name='a'>{{cite web|url=x|t={{lang|en}}}}</ref> More{{sfn|A|2}}.<ref>", "Fact. More.<ref>"),
        (RemoveReferences(marks=True), "Fact.[12][citation needed] a[1] = b", "Fact. a = b"),
        (
            NormalizeDatesAndMoney(),
            "On March 5, 2024 and 1 Jan 2023: $3.50, €1,200 million.",
            "On 2024-03-05 and 2023-01-01: 3.50 USD, 1,200 million EUR.",
        ),
        (NormalizeDatesAndMoney(), "25/12/2024, 03/04/2024, 31/02/2024, 25.12.2024", "2024-12-25, 03/04/2024, 31/02/2024, 2024-12-25"),
        (NormalizeDatesAndMoney(numeric="month first"), "03/04/2024", "2024-03-04"),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else None,
)
def test_what_a_refiner_does(refiner: Any, text: str, result: str) -> None:
    assert refine(refiner, text) == result
