"""Benchmarks as they are published: which format a table is of, and what its rows become."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.evaluation.formats import FORMATS, chosen_format
from operators.evaluation.formats.options import parted, right_places, without_letters
from operators.evaluation.reading import BenchmarkItemGenerator
from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.tables.files import FileStorage
from operators.tables.row_ids import with_row_ids
from tests.faults import fault

SHARED = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

ROWS: dict[str, dict[str, Any]] = {
    "gsm8k": {"question": "How many legs have two cats?", "answer": "Each has 4, so 2 * 4 = 8.\n#### 8"},
    "math": {"problem": "Add 1/4 and 1/4.", "solution": r"It is \boxed{\frac12}.", "level": 1, "subject": "Algebra"},
    "problems": {"id": 3, "problem": "Add 20 and 7.", "answer": 27.0},
    "svamp": {"Body": "Ann has 3 pens.", "Question": "How many if she buys 2 more?", "Answer": 5.0, "Type": "Addition", "Equation": "3 + 2"},
    "agieval_cloze": {"passage": None, "question": "What is 2 + 2?", "options": None, "label": None, "answer": "4"},
    "solved": {"question": "What is 2 + 2?", "solution": "Count.", "answer": "4"},
    "golden_label": {"question": "What is 2 + 2?", "golden_label": "4"},
    "golden_answer": {"question": "What is 2 + 2?", "golden_answer": "4"},
    "squad": {"context": "Rain falls.", "question": "What falls?", "answers": {"text": ["Rain", "Rain"], "answer_start": [0, 0]}},
    "xquad": {"context": "Rain falls.", "question": "What falls?", "answer": "Rain"},
    "squad_articles": {
        "title": "Rain",
        "paragraphs": [{"context": "Rain falls.", "qas": [{"question": "What falls?", "answers": [{"text": "Rain", "answer_start": 0}]}]}],
    },
    "nq_open": {"question": "what falls", "answer": ["rain", "snow"]},
    "targets": {"question": "What falls?", "targets": ["rain", "snow"], "context": "Weather."},
    "text": {"text": "Rain falls on the roof."},
    "preference": {"question": "What falls?", "better": "Rain.", "rejected": "Stones."},
    "mmlu": {"question": "What falls?", "choices": ["stones", "rain"], "answer": 1, "subject": "weather"},
    "lettered_columns": {"question": "What falls?", "A": "stones", "B": "rain", "answer": "B"},
    "openbookqa": {"Question Stem": "What falls?", "Choices": "(A) stones (B) rain", "Answer Key": "B"},
    "stem": {"question": {"stem": "What falls?", "choices": [{"text": "stones", "label": "1"}, {"text": "rain", "label": "2"}]}, "answerKey": "2"},
    "arc": {"question": "What falls?", "choices": {"text": ["stones", "rain"], "label": ["A", "B"]}, "answerKey": "B"},
    "openbookqa_hub": {"question_stem": "What falls?", "choices": {"text": ["stones", "rain"], "label": ["A", "B"]}, "answerKey": "B"},
    "agieval": {"passage": "Weather.", "question": "What falls?", "options": ["(A)stones", "(B)rain"], "label": "B", "answer": None},
    "mmlu_pro": {"question": "What falls?", "options": ["stones", "rain"], "answer": "B", "answer_index": 1, "category": "weather"},
    "medqa": {"question": "What falls?", "options": {"A": "stones", "B": "rain"}, "answer": "rain", "answer_idx": "B"},
    "named_options": {"question": "What falls?", "options": {"A": "stones", "B": "rain", "C": None}, "answer": "B"},
    "aqua": {"question": "What falls?", "options": ["A)stones", "B)rain"], "correct": "B", "rationale": "It does."},
    "choices_label": {"question": "What falls?", "choices": ["stones", "rain"], "label": 1},
    "choices_labels": {"question": "What falls?", "choices": ["snow", "rain", "stones"], "labels": [0, 1]},
    "truthfulqa": {
        "Category": "Weather",
        "Question": "What falls?",
        "Best Answer": "Rain",
        "Correct Answers": "Rain; Snow",
        "Incorrect Answers": "Stones; Cats",
    },
    "human_eval": {"task_id": "0", "prompt": "def two():\n", "entry_point": "two", "test": "def check(f):\n    assert f() == 2\n"},
    "mbpp": {"text": "Write two.", "code": "def two():\r\n  return 2", "test_list": ["assert two() == 2"], "test_setup_code": ""},
    "mbpp_sanitized": {"prompt": "Write two.", "code": "def two():\n  return 2", "test_list": ["assert two() == 2"], "test_imports": ["import math"]},
}


def table(name: str) -> pa.Table:
    return pa.Table.from_batches(list(with_row_ids(pa.Table.from_pylist([ROWS[name]]).to_batches())))


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_format_is_told_by_its_columns_and_gives_a_whole_question(name: str) -> None:
    source = table(name)
    told = chosen_format(source.schema)
    assert told is not None
    assert told.name == name
    [row] = BenchmarkItemGenerator(format="auto").run(source).table.to_pylist()
    assert row == BenchmarkItemGenerator(format=name).run(source).table.to_pylist()[0]
    assert row["question"]
    assert row["parent_ids"] == [source["row_id"][0].as_py()]
    if row["shape"] in ("single_choice", "multiple_choice", "preference"):
        right = [row["choices"][place] for place in row["right_choices"]]
        assert right in (["rain"], ["Rain"], ["Rain."], ["snow", "rain"])
    elif row["measure"] == "tests":
        assert row["entry_point"] == "two"
        assert "== 2" in row["tests"]
    elif row["shape"] != "text":
        assert row["references"] in (["8"], [r"\frac12"], ["27"], ["5"], ["4"], ["Rain"], ["rain", "snow"])


def test_a_table_of_no_format_is_told_before_it_runs_with_what_the_nearest_lacks() -> None:
    with pytest.raises(ColumnError) as error:
        BenchmarkItemGenerator().run([{"question": "What?", "choice": ["a", "b"], "label": 0}])
    said = str(error.value)
    assert "of no known format of a benchmark" in said
    assert 'it has no column "choices"' in said
    with pytest.raises(ColumnError, match='column "answer" does not exist'):
        BenchmarkItemGenerator(format="gsm8k").run([{"question": "What?"}])
    with pytest.raises(ParameterError, match='there is no format "gsm8"'):
        BenchmarkItemGenerator(format="gsm8")


@fault("labels 1..n and 0..n-1 are guessed (1 is read as 0-based)")
def test_a_table_with_options_is_no_table_of_open_questions() -> None:
    source = pa.Table.from_pylist(
        [{"question": "What falls?", "choices": ["stones", "rain"], "answer_letter": "B", "answers": ["B"], "context": "c"}]
    )
    assert chosen_format(source.schema) is None
    with pytest.raises(ColumnError, match="no known format"):
        BenchmarkItemGenerator().run(source)


def test_an_empty_option_moves_no_other_to_its_letter() -> None:
    row = {"question": "What falls?", "A": "stones", "B": None, "C": "rain", "D": "cats", "answer": "C"}
    rows = [row, {**row, "B": "", "answer": "D"}, {**row, "B": "snow", "D": None}, {**row, "B": "snow", "D": " "}]
    read = BenchmarkItemGenerator(max_failed=1).run(rows)
    assert [one["rejected_reason"] for one in read.rejected.to_pylist()] == ["ValueError: its option B is empty"] * 2
    assert [(one["choices"], one["right_choices"]) for one in read.table.to_pylist()] == [(["stones", "snow", "rain"], [2])] * 2
    with pytest.raises(StageFailed, match="its option B is empty"):
        BenchmarkItemGenerator().run([{"question": "What falls?", "choices": ["rain", None, "cats"], "label": 2}])


def test_all_other_columns_of_the_file_may_be_kept_and_one_that_there_is_not_is_told() -> None:
    row = {**ROWS["gsm8k"], "model_answer": "8", "shape": "of the file"}
    [read] = BenchmarkItemGenerator(carry="all").run([row]).table.to_pylist()
    assert (read["model_answer"], read["shape"], read["question"]) == ("8", "question", row["question"])
    with pytest.raises(ColumnError, match=r'column "model_anser" does not exist[^?]*carry="model_anser"[^?]*did you mean "model_answer"'):
        BenchmarkItemGenerator(carry=("model_anser",)).run([row])


def test_marks_of_options_are_not_their_places() -> None:
    row = {"question": "What falls?", "choices": ["rain", "stones", "cats"]}
    with pytest.raises(StageFailed, match="name an option twice"):
        BenchmarkItemGenerator().run([{**row, "labels": [1, 0, 0]}])
    [read] = BenchmarkItemGenerator().run([{**row, "labels": [1, 0]}]).table.to_pylist()
    assert read["right_choices"] == [0, 1]


@pytest.mark.parametrize(
    ("answer", "reference"), [(1234567.0, "1234567"), (0.123456789, "0.123456789"), (12.0, "12"), (1e20, "1" + "0" * 20), (7, "7")]
)
def test_an_answer_that_is_a_number_keeps_its_digits(answer: float, reference: str) -> None:
    [read] = BenchmarkItemGenerator(format="problems").run([{"problem": "How many?", "answer": answer}]).table.to_pylist()
    assert read["references"] == [reference]


def test_an_answer_that_is_nan_is_none() -> None:
    [read] = BenchmarkItemGenerator(format="problems").run([{"problem": "How many?", "answer": math.nan}]).table.to_pylist()
    assert read["references"] is None


@pytest.mark.parametrize("column", ["context", "passage", "article"])
@pytest.mark.parametrize("name", ["mmlu", "mmlu_pro", "lettered_columns", "named_options", "gsm8k", "nq_open", "choices_label", "arc"])
def test_what_is_to_be_read_with_a_question_is_given_with_it(name: str, column: str) -> None:
    row = {**ROWS[name], column: "Weather."}
    [read] = BenchmarkItemGenerator(format=name).run([row]).table.to_pylist()
    assert read["context"] == "Weather."


def test_numbers_of_options_are_counted_from_where_it_is_said_and_one_that_there_is_not_is_told() -> None:
    rows = [{"question": "What falls?", "choices": ["stones", "rain"], "label": label} for label in (1, 2)]
    with pytest.raises(StageFailed, match="its label 2 is none of its 2 options, counted from 0"):
        BenchmarkItemGenerator().run(rows)
    counted = BenchmarkItemGenerator(first_label=1).run(rows).table.column("right_choices").to_pylist()
    assert counted == [[0], [1]]


@pytest.mark.parametrize(
    ("label", "places"), [("C", (2,)), ("AC", (0, 2)), ("A C", (0, 2)), ("(A), (C)", (0, 2)), ("A and C", (0, 2)), ([0, 2], (0, 2)), (2.0, (2,))]
)
def test_labels_name_options_by_letters_and_numbers(label: Any, places: tuple[int, ...]) -> None:
    assert right_places(label, 3, 0) == places


@pytest.mark.parametrize("label", ["", None, True, "E", "AA", "cat", 3, -1, 1.5, []])
def test_a_label_that_names_no_option_is_an_error(label: Any) -> None:
    with pytest.raises(ValueError, match=r"its label|which option is right"):
        right_places(label, 3, 0)


def test_letters_go_from_options_only_where_all_have_their_own() -> None:
    assert without_letters(["(A) a", "(B) b"]) == ("a", "b")
    assert without_letters(["B) a", "A) b"]) == ("B) a", "A) b")
    assert parted("(A) rain or (at night) snow (B) hail") == ("rain or (at night) snow", "hail")
    with pytest.raises(ValueError, match="not lettered"):
        parted("rain, snow")


@pytest.mark.parametrize(
    ("file", "format_", "rows"),
    [
        ("bench/agieval_gaokao-mathqa_open.jsonl", "agieval", 186),
        ("bench/agieval_gaokao-mathcloze_open.jsonl", "agieval_cloze", 59),
        ("bench/mmlu_stem_choice_open.jsonl", "mmlu", 500),
        ("bench/openbookqa_test_open.jsonl", "openbookqa", 244),
        ("bench/truthfulqa_open.jsonl", "truthfulqa", 395),
        ("math/gsm8k_test_open.jsonl", "gsm8k", 682),
        ("math/math500_open.jsonl", "math", 250),
        ("code/humaneval.jsonl", "human_eval", 164),
        ("code/mbpp_open.jsonl", "mbpp", 484),
        ("rag/xquad_en_open.jsonl", "xquad", 664),
        ("rag/nq_open_dev_open.jsonl", "nq_open", 500),
    ],
)
def test_published_files_are_read_without_losing_a_row(file: str, format_: str, rows: int) -> None:
    if not (SHARED / file).is_file():
        pytest.skip("the public data is not beside the checkout, nor named by DATAFLOW_SHARED_DATA")
    source = FileStorage(SHARED / file)
    told = chosen_format(source.schema)
    assert told is not None
    assert told.name == format_
    made = BenchmarkItemGenerator(max_failed=0).run(source).table
    assert made.num_rows == rows
    assert all(row["references"] or row["right_choices"] or row["tests"] for row in made.to_pylist())
