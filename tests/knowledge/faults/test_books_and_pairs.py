"""Faults of the reference's extractors of book questions and of pairs, and of its judge of pairs; and that ours have them not."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.requests import Request
from operators.knowledge.questions import books
from operators.knowledge.questions.books import FollowingTextEvaluator, MathBookQuestionsGenerator
from operators.knowledge.questions.flattened import InstructionRowsGenerator
from operators.knowledge.questions.rating import PAIR_DIMENSIONS, QuestionAnswerQualityEvaluator
from operators.knowledge.questions.verified import VerifiedQuotesFilter
from tests.faults import fault
from tests.text.faults.asking import BAD_ANSWERS, always, ask, user_text

PAGES = [
    {
        "url": "book",
        "page": 2,
        "text": "3.2 Find the roots of x^2 - 1 = 0.\nAnswer to 3.2: x = 1 and x = -1.\n3.3 The triangle of Figure 3.1 has a right",
    },
    {"url": "book", "page": 3, "text": "angle. Show that its sides are unequal.\n3.4 Prove that 2 is prime. ![a circle](circle.png)"},
    {"url": "other", "page": 1, "text": "1 What is the sum of 2 and 3?"},
]


def reader(request: Request) -> str:
    """Finds the exercises that begin on a page, and one of the next page too, as models do."""
    asked = user_text(request)
    found = {
        "3.2 Find": {"label": "3.2", "question": "Find the roots of x^2 - 1 = 0.", "answer": "x = 1 and x = -1."},
        "3.3 The": {"label": "3.3", "question": "The triangle of Figure 3.1 has a right angle. Show that its sides are unequal.", "answer": ""},
        "3.4 Prove": {"label": "3.4", "question": "Prove that 2 is prime. ![a circle](circle.png)", "answer": ""},
        "1 What": {"label": "", "question": "What is the sum of 2 and 3?", "answer": ""},
    }
    return json.dumps({"pairs": [pair for mark, pair in found.items() if mark in asked]})


def book_rows() -> list[dict[str, Any]]:
    paged = FollowingTextEvaluator().run([PAGES[1], PAGES[2], PAGES[0]]).table.to_pylist()
    kept, _, _ = ask(MathBookQuestionsGenerator(), paged, reader)
    return kept


@fault("not an operator in the pipeline sense: takes paths, never writes to storage")
@fault("the last page is only seen as second page, so its own exercises are never extracted")
def test_each_exercise_of_each_page_is_a_row_once_also_those_of_the_last_page() -> None:
    rows = book_rows()
    assert sorted((row["url"], row["page"], row["label"]) for row in rows) == [
        ("book", 2, "3.2"),
        ("book", 2, "3.3"),
        ("book", 3, "3.4"),
        ("other", 1, None),
    ]
    assert all(quote["found"] != "missing" for row in rows for quote in row["quotes"])
    overleaf = next(row for row in rows if row["label"] == "3.3")
    assert overleaf["quotes"][0]["end"] > len(overleaf["text"])


@fault("missing figure file aborts everything; answers are not extracted")
def test_figures_are_named_and_answers_are_taken_where_they_stand() -> None:
    rows = {row["label"]: row for row in book_rows()}
    assert rows["3.2"]["answer"] == "x = 1 and x = -1."
    assert rows["3.3"]["answer"] is None
    assert rows["3.3"]["figures"] == ["Figure 3.1"]
    assert rows["3.4"]["figures"] == ["![a circle](circle.png)"]
    assert not Path("circle.png").exists()


@fault("mineru started through a shell string without quoting (injection, spaces in names)")
@fault("default backend argument of the helper differs from the class; unknown names raise KeyError")
def test_a_book_is_read_as_text_and_no_program_is_started() -> None:
    """Pages are rows: whatever converted them, a name of a file is a value in a column."""
    assert not {"subprocess", "os", "shlex"} & set(vars(books))
    assert "backend" not in MathBookQuestionsGenerator.model_fields
    assert "path" not in inspect.signature(MathBookQuestionsGenerator.generate).parameters
    odd = [{**PAGES[2], "url": "a b; rm -rf $(x).pdf"}]
    kept, _, _ = ask(MathBookQuestionsGenerator(), odd, reader)
    assert kept[0]["url"] == odd[0]["url"]


def test_an_exercise_that_the_page_does_not_have_is_missing() -> None:
    found = [
        {"label": label, "question": question, "answer": ""}
        for label, question in (("1", "What is the sum of 2 and 3?"), ("9", "Compute 7 times 8."))
    ]
    kept, _, _ = ask(MathBookQuestionsGenerator(), [PAGES[2]], always(pairs=found))
    result = VerifiedQuotesFilter().bind(input_source="pages").run(kept)
    assert [row["label"] for row in result.table.to_pylist()] == ["1"]
    assert "does not stand in the source" in result.rejected.to_pylist()[0]["rejected_reason"]


# Pairs in a column


PAIRS = [
    {"question": "What is 2 + 2?", "answer": 4, "reasoning_steps": [{"step": "Add."}], "supporting_facts": ["2 and 2 are 4."]},
    {"question": "", "answer": "nothing"},
    {"question": "Is it so?", "answer": {"yes": True}},
]


@fault("reasoning steps and supporting facts are dropped (code commented out) although documented")
@fault("non-string answers crash")
def test_pairs_become_rows_with_steps_and_facts_whatever_their_answers_are() -> None:
    rows = InstructionRowsGenerator().run([{"question_answers": {"qa_pairs": PAIRS}, "page": 1}]).table.to_pylist()
    assert [(row["input"], row["output"]) for row in rows] == [("What is 2 + 2?", "4"), ("Is it so?", '{"yes": true}')]
    assert (rows[0]["reasoning_steps"], rows[0]["supporting_facts"]) == (["Add."], ["2 and 2 are 4."])
    assert rows[0]["instruction"] == "Answer the question."


@fault("the warning about changed names fires with the defaults")
@fault("two shipped GPU pipelines pass Qa_pairs instead of QA_pairs and fail here")
def test_a_column_of_any_name_is_read_and_defaults_warn_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    rows = [{"QA_pairs": json.dumps(PAIRS)}]
    assert len(InstructionRowsGenerator().bind(input_pairs="QA_pairs").run(rows).table) == 2
    assert not list(recwarn)
    [problem] = InstructionRowsGenerator().bind(input_pairs="Qa_pairs").problems(pa.schema({"QA_pairs": pa.string()}))
    assert '"Qa_pairs" does not exist' in problem.message
    assert "QA_pairs" in str(problem)


@fault("no result: returns without writing")
def test_a_row_without_pairs_is_set_aside_and_the_table_is_written() -> None:
    result = InstructionRowsGenerator(max_failed=1.0).run([{"question_answers": "[]"}, {"question_answers": "[1]"}])
    assert result.table.num_rows == 0
    assert set(result.table.column_names) >= {"instruction", "input", "output"}
    reasons = sorted(row["rejected_reason"] for row in result.rejected.to_pylist())
    assert reasons[1] == "no row was made from it"
    assert "is no list of questions with answers" in reasons[0]


# The judge


ROW = {"question": "What is the capital of Peru?", "answer": "Lima", "quotes": ["Lima is the capital of Peru."]}
GRADES = {dimension.name: 4 for dimension in PAIR_DIMENSIONS}


@fault("four sequential passes instead of one")
def test_one_request_rates_all_dimensions() -> None:
    kept, _, serving = ask(QuestionAnswerQualityEvaluator(), [ROW], always(**GRADES))
    assert len(serving.requests) == 1
    assert {name: kept[0][name] for name in GRADES} == GRADES
    assert "Lima is the capital of Peru." in user_text(serving.requests[0])


@fault("regex needs the exact bold form **Grading**: N")
@fault("0 for parse failure mixes with real low scores")
@pytest.mark.parametrize("bad", [*BAD_ANSWERS.values(), json.dumps({**GRADES, "answer_quality": 0}), json.dumps({**GRADES, "answer_quality": 6})])
def test_what_is_no_rating_is_asked_for_again_and_is_no_low_rating(bad: str) -> None:
    kept, aside, serving = ask(QuestionAnswerQualityEvaluator(), [ROW], lambda _: bad)
    assert not kept
    assert len(serving.requests) == 3
    assert aside[0]["rejected_reason"].startswith("invalid_answer")


@fault("fails when output columns already exist")
def test_a_second_judge_has_columns_of_its_own() -> None:
    first, _, _ = ask(QuestionAnswerQualityEvaluator(), [ROW], always(**GRADES))
    reasoned = {name: {"reason": "so it is", "score": 2} for name in GRADES}
    again, _, _ = ask(QuestionAnswerQualityEvaluator(prefix="second_", reasons=True), first, always(**reasoned))
    assert (again[0]["answer_quality"], again[0]["second_answer_quality"], again[0]["second_answer_quality_reason"]) == (4, 2, "so it is")
