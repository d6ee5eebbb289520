"""Faults of the reference's operators on answers, and that ours have them not."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from operators.bases.models.tokenizer import find_tokenizer
from operators.generic.join import Union
from operators.generic.selection.present import PresentFilter
from operators.math.solutions.form import AnswerFormatFilter, SolutionRepetitionFilter
from operators.math.solutions.ground_truth import AnswerComparisonEvaluator, FinalAnswerEvaluator, GroundTruthFilter
from operators.math.solutions.pretraining import PretrainingTextGenerator
from operators.math.solutions.tokens import EstimatedTokenEvaluator, EstimatedTokenFilter, estimated_tokens
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ColumnError, ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.tokens.counts import TokenCountEvaluator, TokenCountFilter
from tests.faults import fault
from tests.math.asking import run
from tests.text.tokens.tiny_tokenizers import words_into

SOLVED = [
    {"solution": r"3 + 4 is \boxed{7}.", "golden_answer": "7"},
    {"solution": r"3 + 4 is \boxed{8}.", "golden_answer": "7"},
    {"solution": r"3 + 4 is \boxed{7}.", "golden_answer": None},
    {"solution": "Nobody can say how that ends, and I cannot either.", "golden_answer": "7"},
]


# Ground truth


@fault(
    "rows without gold answer never match, so all synthetic questions of the maths pipeline (three LLM questions per seed, each filtered, rated, "
    "classified and answered) are thrown away here"
)
def test_rows_without_a_gold_answer_are_rejected_as_such_or_kept_and_can_be_divided_off() -> None:
    kept, aside = run(GroundTruthFilter(), SOLVED)
    assert [row["solution"] for row in kept] == [SOLVED[0]["solution"]]
    assert [row["rejected_reason"] for row in aside] == [
        "different: 8 beside 7",
        "cannot tell: there is no gold answer",
        "cannot tell: the solution has no final answer",
    ]
    kept, _ = run(GroundTruthFilter(without_gold="keep"), SOLVED)
    assert [row["golden_answer"] for row in kept] == ["7", None]


@fault("uses label indexing on a column after filters; fails on a non-default index (in memory modes)")
@fault("index array is filled by label, wrong for a non-default index")
def test_rows_of_a_frame_with_any_index_keep_their_own_verdict() -> None:
    frame = pd.DataFrame(SOLVED[:2] * 2, index=[9, 3, 9, 70])
    kept = GroundTruthFilter().run(frame).table.to_pylist()
    assert [row["solution"] for row in kept] == [SOLVED[0]["solution"]] * 2
    assert len(AnswerFormatFilter().run(frame).table) == 4


def test_the_three_verdicts_stand_in_columns() -> None:
    kept, _ = run(AnswerComparisonEvaluator(), SOLVED)
    assert [row["answer_verdict"] for row in kept] == ["equal", "different", "cannot tell", "cannot tell"]


@fault("returns empty string both for no answer and for a destroyed answer")
def test_no_answer_is_null_and_what_is_found_is_as_it_was_written() -> None:
    solutions = (r"\boxed{a+b}", "nobody can say how that ends, not even they", r"\boxed{}")
    kept, _ = run(FinalAnswerEvaluator(), [{"solution": text} for text in solutions])
    assert [(row["final_answer"], row["answer_found_by"]) for row in kept] == [("a+b", "boxed"), (None, None), (None, None)]


# Format


@fault("[read] is a no-op although three shipped pipelines rely on it")
def test_an_answer_without_a_box_is_rejected_unless_other_forms_are_allowed() -> None:
    solutions = (r"So \boxed{7}.", "The answer is 7.", r"So \boxed{7", "We shall see what comes of it all")
    rows = [{"solution": text} for text in solutions]
    kept, aside = run(AnswerFormatFilter(), rows)
    assert [row["solution"] for row in kept] == [rows[0]["solution"]]
    assert aside[0]["rejected_reason"] == "the final answer is found by marker, not by boxed"
    kept, _ = run(AnswerFormatFilter(found_by=("boxed", "marker")), rows)
    assert len(kept) == 2
    kept, _ = run(AnswerFormatFilter(min_characters=20), rows)
    assert kept == []


@fault("missing column only logs, then KeyError")
@fault("missing column: logs and returns without writing, next operator fails")
@fault("if the gold column is missing it returns without writing and the next step fails")
def test_a_missing_column_is_told_with_the_closest_name_before_anything_runs() -> None:
    for operator in (AnswerFormatFilter(), GroundTruthFilter(), PretrainingTextGenerator()):
        with pytest.raises(ColumnError, match='column "solution" does not exist'):
            operator.run([{"solutions": "7", "golden_answer": "7", "question": "?"}])
    with pytest.raises(ColumnError, match='column "value" does not exist'):
        PresentFilter().run([{"golden_answer": "7"}])


# Repetition

LOOP = "We add the two numbers. " * 40


@fault("texts shorter than n units score 0 and are dropped although they have no repetition")
@fault("default 0.1 only removes extreme loops")
@fault("score not written, so no audit")
def test_loops_are_rejected_with_their_share_and_short_texts_are_kept() -> None:
    rows = [{"solution": text} for text in ("It is 7.", "", LOOP, "First we count the red ones, of which there are four, then the blue ones, three.")]
    kept, aside = run(SolutionRepetitionFilter(), rows)
    assert [row["solution"] for row in kept] == [rows[0]["solution"], "", rows[3]["solution"]]
    assert aside[0]["rejected_reason"] == "0.02551 of the runs of 5 words are different, below min_share = 0.5"


@fault("a single Chinese character switches an English text to character mode")
@fault("Japanese kana and Hangul are deleted before counting")
def test_each_script_is_counted_in_its_own_words() -> None:
    english = "the angle 角 is half of the arc that it stands on, which is why both of them are right angles here"
    for text in (english, "だからこの角は直角であり、三角形の面積は六になる", "그러므로 이 각은 직각이고 삼각형의 넓이는 육이다 그래서 답은 육이다"):
        assert run(SolutionRepetitionFilter(), [{"solution": text}])[0]
    for loop in ("これは六です。" * 30, "답은 육이다 그래서 " * 30, "因为三加四等于七。" * 30):
        assert not run(SolutionRepetitionFilter(), [{"solution": loop}])[0]


def test_bounds_that_nothing_could_pass_are_refused() -> None:
    with pytest.raises(ParameterError, match="nothing could pass"):
        SolutionRepetitionFilter(min_share=0.9, max_share=0.1)


# Branches with and without gold


class ByGold(Pipeline):
    """Solutions with gold answers are proven, the others go on, and both meet again."""

    expects = {"solution": str, "golden_answer": str}

    def __init__(self) -> None:
        self.with_gold = PresentFilter()
        self.without_gold = PresentFilter(which="missing")
        self.proven = GroundTruthFilter()
        self.all = Union()

    def forward(self, solutions: Handle) -> Handle:
        gold = self.proven(self.with_gold(solutions, input_value="golden_answer"))
        return self.all(gold, self.without_gold(solutions, input_value="golden_answer"))


@fault(
    "both branches write to the same step file: the second write overwrites the first, losing the rows with gold "
    "(upstream issue #520, still present in this checkout)"
)
@fault("fabricates gold answers from unverified outputs")
@fault("returns None")
def test_two_branches_by_gold_answer_lose_no_row_and_invent_no_gold_answer() -> None:
    result = ByGold().run(SOLVED)
    assert sorted((row["golden_answer"] or "-") for row in result.table.to_pylist()) == ["-", "7"]
    assert [stage.name for stage in ByGold().compile().stages] == ["with_gold", "proven", "without_gold", "all"]
    both = [run(PresentFilter(which=which), SOLVED, input_value="golden_answer")[0] for which in ("present", "missing")]
    assert sum(map(len, both)) == len(SOLVED)


@pytest.mark.parametrize(("values", "present"), [(["a", " ", "", None], 1), ([1, None, 0], 2), ([[], None, ["x"]], 2)])
def test_present_means_neither_null_nor_blank(values: list[Any], present: int) -> None:
    assert len(run(PresentFilter(), [{"value": value} for value in values])[0]) == present
    assert len(run(PresentFilter(which="missing"), [{"value": value} for value in values])[0]) == len(values) - present


# Tokens


@fault("tokenizer downloaded in the constructor")
def test_making_the_operator_touches_no_network_and_a_missing_tokenizer_is_told_at_compile_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was touched"))
    operator = TokenCountFilter(tokenizer="./nowhere/tokenizer.json", max=10)
    with pytest.raises(ColumnError, match=r"nowhere/tokenizer\.json"):
        operator.run(["a text"])
    assert len(EstimatedTokenFilter().run(["a text"]).table) == 1


@fault("single-text encode loop")
@fault("one encode call per text, no batching; tokenizer reloaded on every run")
def test_a_batch_is_encoded_in_one_call_by_a_tokenizer_that_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.text.tokens import counts

    calls: list[int] = []
    count_tokens = counts.count_tokens
    monkeypatch.setattr(counts, "count_tokens", lambda tokenizer, texts: calls.append(len(texts)) or count_tokens(tokenizer, texts))
    operator = TokenCountEvaluator(tokenizers={"words": str(words_into(tmp_path))})
    find_tokenizer.cache_clear()
    found = [operator.run(["the cat sat", "the dog", ""]).table.column("tokens_words").to_pylist() for _ in range(2)]
    assert (found, calls) == ([[3, 2, 0]] * 2, [3, 3])
    assert find_tokenizer.cache_info().misses == 1


@fault("frame rebuilt from a list of Series (slow, loses dtypes)")
@fault("length not stored; if nothing survives the schema is lost (frame without columns)")
def test_types_survive_and_so_do_columns_where_nothing_else_does() -> None:
    table = pa.table({"text": ["word " * 50], "code": ["001"], "score": pa.array([3], pa.int16())})
    result = EstimatedTokenFilter(max_tokens=10).run(MemoryStorage(table))
    assert len(result.table) == 0
    assert result.table.schema.field("score").type == pa.int16()
    assert result.rejected.to_pylist()[0]["rejected_reason"] == "about 51 tokens, above max_tokens = 10"
    assert EstimatedTokenEvaluator().run(MemoryStorage(table)).table.column("code").to_pylist() == ["001"]


@fault("NaN cells are truthy floats and crash the tokenizer")
def test_missing_texts_stay_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["the cat", float("nan"), None]})
    for operator in (
        EstimatedTokenEvaluator(),
        TokenCountEvaluator(
            tokenizers={"words": str(words_into(tmp_path))},
        ),
    ):
        assert operator.run(frame).table.column(next(iter(operator.output_columns().values()))).to_pylist() == [2, None, None]


def test_the_estimate_is_near_what_vocabularies_give() -> None:
    assert estimated_tokens("The quick brown fox jumps over the lazy dog.") == 10
    assert 8 <= estimated_tokens(r"\frac{3}{4} + x^2") <= 16
    assert estimated_tokens("1234") == 4
    assert estimated_tokens("") == 0


# Pretraining text


@fault("output_key is ignored")
@fault("returns the dropped input keys as if they were still present")
@fault("no chat template, no separator control, NaN handling only")
def test_text_goes_where_it_is_bound_to_as_the_template_says_and_all_columns_stay() -> None:
    rows = [{"question": "What is 3 + 4? ", "solution": "7.", "id": 5}, {"question": "?", "solution": None, "id": 6}]
    kept, _ = run(PretrainingTextGenerator(), rows, output_text="document")
    assert [row["document"] for row in kept] == ["What is 3 + 4?\n\n7.", None]
    assert set(kept[0]) >= {"question", "solution", "id", "document"}
    own = PretrainingTextGenerator(template="User: {{ question }}\nAssistant: {{ answer }}<eos>")
    assert run(own, rows)[0][0]["text"] == "User: What is 3 + 4?\nAssistant: 7.<eos>"
    with pytest.raises(ParameterError, match="there are question and answer"):
        PretrainingTextGenerator(template="{{ prompt }}")
