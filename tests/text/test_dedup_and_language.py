"""Near-duplicates are found, others are left alone, and languages are told apart."""

from __future__ import annotations

import random
from typing import Any

import pytest

from operators.tables.errors import ParameterError
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LANGUAGES, LanguageFilter, identify_language


def planted(random_: random.Random, words: int, similarity: float) -> tuple[str, str]:
    """Two texts whose word 5-shingles have about this Jaccard similarity: the second has another end."""
    shared = round(2 * similarity / (1 + similarity) * words)
    base = [f"w{random_.randrange(10**6)}" for _ in range(words)]
    return " ".join(base), " ".join([*base[:shared], *(f"v{random_.randrange(10**6)}" for _ in range(words - shared))])


@pytest.mark.parametrize(("similarity", "least", "most"), [(0.6, 0, 0.05), (0.7, 0, 0.1), (0.9, 0.95, 1), (0.95, 0.99, 1)])
def test_near_duplicates_above_the_threshold_are_found_and_others_left(similarity: float, least: float, most: float, keeps: Any) -> None:
    random_ = random.Random(7)
    texts = [text for _ in range(150) for text in planted(random_, 300, similarity)]
    dropped = 1 - sum(keeps(MinHashDedup(threshold=0.8), *texts)[1::2]) / 150
    assert least <= dropped <= most


def test_a_group_keeps_its_first_or_its_longest(keeps: Any, reasons: Any) -> None:
    words = [f"w{number}" for number in range(100)]
    short, long = " ".join(words), " ".join([*words, "end"])
    assert keeps(MinHashDedup(), short, long, short) == [True, False, False]
    assert keeps(MinHashDedup(keep="longest"), short, long, short) == [False, True, False]
    assert reasons(MinHashDedup(keep="longest"), short, long)[0].startswith("MinHashDedup: near-duplicate of 1 (similarity about ")


def test_what_is_linked_through_others_is_one_group(keeps: Any) -> None:
    words = [f"w{number}" for number in range(400)]
    chain = [" ".join([*words[start : start + 300]]) for start in (0, 20, 40, 60)]
    assert sum(keeps(MinHashDedup(permutations=512), *chain)) == 1


@pytest.mark.parametrize("operator", [ExactDedup(), MinHashDedup()], ids=lambda operator: operator.name)
def test_empty_and_missing_texts_are_no_trouble(operator: Any, keeps: Any) -> None:
    assert keeps(operator, *([None] * 3)) == [False] * 3
    assert keeps(operator, "x", None, "y") == [True, False, True]


def test_results_do_not_depend_on_anything_but_the_table(keeps: Any) -> None:
    random_ = random.Random(1)
    texts = [text for _ in range(50) for text in planted(random_, 60, 0.8)]
    assert keeps(MinHashDedup(), *texts) == keeps(MinHashDedup(), *texts)


@pytest.mark.parametrize(("threshold", "bands"), [(0.5, (42, 3)), (0.8, (18, 7)), (0.9, (11, 11)), (1.0, (1, 128))])
def test_bands_are_chosen_from_the_threshold(threshold: float, bands: tuple[int, int]) -> None:
    assert MinHashDedup(threshold=threshold).bands() == bands


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The committee decided to publish the report in the spring.", "en"),
        ("Der Ausschuss beschloss, den Bericht im Frühjahr zu veröffentlichen.", "de"),
        ("今天天气很好，我们决定去公园散步。", "zh"),
        ("これは日本語の文章です。", "ja"),
        ("이것은 한국어 문장입니다.", "ko"),
        ("ЭТО ПРЕДЛОЖЕНИЕ НАПИСАНО НА РУССКОМ ЯЗЫКЕ.", "ru"),
        ("https://example.com/the/english/path\nCeci est une phrase écrite en français.", "fr"),
        ("12345 !!! 😀", "und"),
        ("", "und"),
    ],
)
def test_languages_are_told_apart(text: str, code: str) -> None:
    found, confidence = identify_language(text)
    assert found == code
    assert 0 <= confidence <= 1


def test_every_language_of_the_model_can_be_asked_for() -> None:
    assert "en" in LANGUAGES
    assert LanguageFilter(keep=tuple(sorted(LANGUAGES))).keep


@pytest.mark.parametrize(("wrong", "right"), [("eng", "en"), ("EN", "en"), ("zh-CN", "zh"), ("German", "de"), ("jp", "ja")])
def test_a_wrong_code_is_answered_with_the_closest(wrong: str, right: str) -> None:
    with pytest.raises(ParameterError, match=f'did you mean "{right}"'):
        LanguageFilter(keep=[wrong])
