"""Faults of the reference's F1 of answers, and that ours has them not."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from operators.rag.answer_overlap import AnswerOverlapEvaluator
from tests.faults import fault
from tests.math.asking import run


@fault("[verified] Chinese text is one token: near-identical answers score 0")
def test_a_chinese_answer_is_compared_by_its_characters() -> None:
    [row], _ = run(AnswerOverlapEvaluator(), [{"prediction": "上海交通大学", "answer": "上海的交通大学"}])
    assert row["f1"] == pytest.approx(12 / 13)
    assert (row["exact_match"], row["precision"]) == (False, 1.0)


@fault("NaN or numbers crash")
def test_numbers_are_answers_and_nothing_is_none() -> None:
    table = pd.DataFrame({"prediction": [1000.0, math.nan, 3.0], "answer": ["1,000", "1", math.nan]})
    rows = AnswerOverlapEvaluator().run(table).table.to_pylist()
    assert [row["f1"] for row in rows] == [1.0, None, None]


@fault("no exact match score")
def test_an_exact_match_with_any_of_several_gold_answers_is_told() -> None:
    rows, _ = run(
        AnswerOverlapEvaluator(),
        [
            {"prediction": "the U.S.", "answer": ["America", "US"], "aliases": None},
            {"prediction": "USA", "answer": ["America"], "aliases": ["USA"]},
            {"prediction": "", "answer": ["America"], "aliases": []},
        ],
    )
    assert [(row["exact_match"], row["f1"]) for row in rows] == [(True, 1.0), (True, 1.0), (False, 0.0)]
