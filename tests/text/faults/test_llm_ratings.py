"""Faults of the reference's ratings by language models: what becomes of answers that are not as they were asked for, and of what was answered."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core import registry
from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from operators.text.raters.dimension_prompts import Dimension
from operators.text.raters.dimensions import MetaRaterEvaluator
from operators.text.raters.instructions import AlpagasusEvaluator, InstagEvaluator, TreeInstructEvaluator
from tests.faults import fault
from tests.text.faults.asking import BAD_ANSWERS, Rows, always, ask, in_turn, user_text

RATERS = {
    "AlpagasusFilter": (AlpagasusEvaluator(), {"reason": "right", "score": 4.5}, "alpagasus_score"),
    "TreeinstructFilter": (TreeInstructEvaluator(), {"nodes": ["write", "poem", "short"]}, "tree_nodes"),
    "InstagFilter": (InstagEvaluator(), {"tags": [{"tag": "poetry", "explanation": ""}, {"tag": "rhyme", "explanation": ""}]}, "tag_count"),
    "MetaSampleEvaluator": (MetaRaterEvaluator(), {dimension.name: 4 for dimension in MetaRaterEvaluator().dimensions}, "rating_safety"),
}
"""Name of what it stands for -> the rater, an answer that fits, and a column of numbers that it makes."""


def rows(count: int) -> Rows:
    return [{"instruction": f"task {row}", "output": "done", "text": f"task {row}"} for row in range(count)]


@fault("float() on the first word has no guard: one 'Score: 4' answer or one failed call aborts the whole run")
@fault("inherits the crash on unparsable answer")
@fault("no guard on float(): one bad last line aborts the run")
@fault("inherits crash")
@fault("a JSON parse error is turned into an object with a tag, i.e. score 1 (looks like a real value)")
@pytest.mark.parametrize("name", RATERS)
@pytest.mark.parametrize("kind", [*BAD_ANSWERS, "a failed call"])
def test_a_bad_answer_is_no_score_and_sets_aside_its_own_row_alone(name: str, kind: str) -> None:
    rater, good, column = RATERS[name]

    def answer(request: Request) -> Any:
        if "task 1" not in user_text(request):
            return json.dumps(good)
        return BAD_ANSWERS.get(kind, Failure("unavailable", "no connection"))

    rated, aside, _ = ask(rater, rows(4), answer)
    assert [row["instruction"] for row in rated] == ["task 0", "task 2", "task 3"]
    assert all(row[column] is not None for row in rated)
    (failed,) = aside
    assert (failed["instruction"], failed["rejected_as"]) == ("task 1", "failed")
    assert failed["rejected_reason"].startswith("unavailable" if kind == "a failed call" else "invalid_answer")
    kept = MemoryStorage()
    ScoreFilter(min=0).run(MemoryStorage(pa.Table.from_pylist(rated)), into=kept, input_score=column)
    assert kept.count_rows() == 3


@fault("last-line parsing breaks on a trailing sentence or code fence, no retry")
@pytest.mark.parametrize("name", RATERS)
class TestAnswersWithSomethingAround:
    def test_a_code_fence_is_taken_off(self, name: str) -> None:
        rater, good, column = RATERS[name]
        rated, _, serving = ask(rater, rows(1), lambda request: f"```json\n{json.dumps(good, indent=1)}\n```\n")
        assert rated[0][column] is not None
        assert len(serving.requests) == 1

    def test_a_trailing_sentence_is_told_to_the_model_which_answers_again(self, name: str) -> None:
        rater, good, column = RATERS[name]
        rated, _, serving = ask(rater, rows(1), in_turn(f"{json.dumps(good)}\nI hope that this helps!", json.dumps(good)))
        assert rated[0][column] is not None
        first, second = serving.requests
        assert [message.role for message in second.messages[len(first.messages) :]] == ["assistant", "user"]
        assert "does not fit the schema" in str(second.messages[-1].content)


@fault("explanation thrown away")
def test_the_reason_of_a_rating_stands_beside_it() -> None:
    rated, _, _ = ask(AlpagasusEvaluator(), rows(2), always(reason="it forgets the second half", score=2.5))
    assert [(row["alpagasus_score"], row["alpagasus_reason"]) for row in rated] == [(2.5, "it forgets the second half")] * 2


@fault("LLM counting is noisy")
@pytest.mark.parametrize("nodes", [0, 1, 7, 60])
def test_the_nodes_of_a_tree_are_listed_by_the_model_and_counted_by_us(nodes: int) -> None:
    rated, _, serving = ask(TreeInstructEvaluator(), rows(1), always(nodes=[f"node {node}" for node in range(nodes)]))
    assert (rated[0]["tree_nodes"], len(rated[0]["tree"])) == (nodes, nodes)
    assert "count" not in json.dumps(serving.requests[0].json_schema), "the model is not asked for a number"


# InsTag


def tagged(*tags: str) -> str:
    return json.dumps({"tags": [{"tag": tag, "explanation": ""} for tag in tags]})


@fault("tags themselves are discarded, so InsTag diversity cannot be computed")
def test_the_tags_stay_so_that_their_variety_over_a_table_can_be_counted() -> None:
    by_row = {"task 0": tagged("Poetry", "rhyme"), "task 1": tagged("poetry ", "French"), "task 2": tagged("poetry", "POETRY")}
    rated, _, _ = ask(InstagEvaluator(), rows(3), lambda request: next(tags for task, tags in by_row.items() if task in user_text(request)))
    assert [(row["tag_count"], row["tags"]) for row in rated] == [(2, ["poetry", "rhyme"]), (2, ["poetry", "french"]), (1, ["poetry"])]
    assert len({tag for row in rated for tag in row["tags"]}) == 3


@fault("defaults keep only 0 or 1 tag, i.e. the simplest instructions plus every parse failure: inverted")
def test_the_filter_that_is_recommended_keeps_complex_instructions_and_no_failure() -> None:
    assert "ScoreFilter(min=2)" in str(registry.find("InstagFilter").__doc__)
    by_row = {"task 0": tagged("a"), "task 1": tagged("a", "b"), "task 2": '{"tag": "no list"', "task 3": tagged(*"abcdef")}
    rated, _, _ = ask(InstagEvaluator(), rows(4), lambda request: next(tags for task, tags in by_row.items() if task in user_text(request)))
    kept = MemoryStorage()
    ScoreFilter(min=2).run(MemoryStorage(pa.Table.from_pylist(rated)), into=kept, input_score="tag_count")
    assert [row["instruction"] for row in kept.read().to_pylist()] == ["task 1", "task 3"]


@fault("one row per generate call; generate sees no attention mask")
@pytest.mark.parametrize("name", RATERS)
def test_many_rows_are_asked_about_at_once(name: str) -> None:
    rater, good, _ = RATERS[name]
    _, _, serving = ask(rater, rows(30), always(**good), seconds=0.01)
    assert serving.most_at_once > 8
    assert len(serving.requests) == 30


# Meta-rater


@fault("the number 6 is hard-coded in prompt and parser: other dimension counts always give NaN")
@pytest.mark.parametrize("count", [1, 2, 6, 11])
def test_any_number_of_dimensions_is_asked_for_and_read(count: int) -> None:
    dimensions = tuple(Dimension(name=f"side_{side}", description="is it good?") for side in range(count))
    rated, _, serving = ask(MetaRaterEvaluator(dimensions=dimensions), rows(1), always(**{f"side_{side}": 1 + side % 5 for side in range(count)}))
    assert [rated[0][f"rating_side_{side}"] for side in range(count)] == [1 + side % 5 for side in range(count)]
    (request,) = serving.requests
    assert str(request.messages[0].content).count("is it good?") == count
    assert list((request.json_schema or {})["properties"]) == [dimension.name for dimension in dimensions]


@fault("columns are joined with concat on index")
def test_ratings_stand_on_the_row_that_they_are_of_also_after_a_row_that_failed() -> None:
    dimensions = (Dimension(name="charm", description="is it charming?"),)

    def answer(request: Request) -> Any:
        number = int(user_text(request).rsplit(maxsplit=1)[-1])
        return Failure("timeout", "no answer in time") if number % 3 == 0 else json.dumps({"charm": number % 5 + 1})

    rated, aside, _ = ask(MetaRaterEvaluator(dimensions=dimensions), rows(20), answer, seconds=0.001)
    assert [(row["text"], row["rating_charm"]) for row in rated] == [(f"task {row}", row % 5 + 1) for row in range(20) if row % 3]
    assert [row["text"] for row in aside] == [f"task {row}" for row in range(0, 20, 3)]


@fault("column names contain spaces; no output_key prefix")
def test_columns_are_plain_names_with_a_prefix_of_ones_own_or_bound_one_by_one() -> None:
    made = MetaRaterEvaluator(prefix="judge_").bind(output_safety="harmless").output_columns()
    assert made["safety"] == "harmless"
    assert {name for name in made.values() if not name.startswith("judge_")} == {"harmless"}
    assert all(name.isidentifier() and name.islower() for name in made.values())
    six: Operator = MetaRaterEvaluator()
    assert len(six.outputs()) == 6
