"""Faults of the reference's wider questions, and that ours have them not; and comparisons and intersections."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.rag.checks.evidence import EvidenceFilter
from operators.rag.checks.wording import LeakageFilter
from operators.rag.questions.pairs import CommonAnswerPairsGenerator, RelatedPairsGenerator
from operators.rag.questions.width import BothQuestionGenerator, ComparisonQuestionGenerator, IntersectionQuestionGenerator
from operators.rag.task import Step, Task
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedServing
from tests.faults import fault
from tests.math.asking import Answer, always, in_turn
from tests.rag.library import BORN_MARA, WHO_BRISK, WHO_LUMEN, atomic, kept_and_aside, reader, tasks
from tests.text.faults.asking import user_text


def year(thing: str, number: str, document: str) -> Task:
    text = f"The {thing} was built in {number}. It stands by the river."
    return atomic(text, f"In which year was the {thing} built?", number, thing, document)


def lists(names: list[str], question: str, document: str) -> Task:
    text = f"They have {', '.join(names)} in all their shops."
    task = atomic(text, question, "; ".join(names), "shops", document, quote=text)
    return task.model_copy(update={"kind": "list", "steps": [Step(question=question, answer=name, document=0) for name in names]})


def joined(
    pairing: Operator, joining: Operator, rows: list[Task], answer: Answer = reader
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ScriptedServing]:
    pairs, kept, aside, serving = MemoryStorage(), MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    pairing.run(MemoryStorage(tasks(rows)), into=pairs)
    joining.changed(max_failed=1.0).run(pairs, into=kept, rejected=aside, resources={"llm": serving})
    return kept.read().to_pylist(), aside.read().to_pylist(), serving


@fault("pairs are just neighbours, not related questions")
def test_questions_are_paired_by_what_they_have_in_common() -> None:
    rows = [WHO_LUMEN, year("old bridge", "1703", "b1"), WHO_BRISK, year("stone tower", "1688", "b2")]
    result = RelatedPairsGenerator().run(tasks(rows))
    pairs = [[one["topic"] for one in row["pair"]] for row in result.table.to_pylist()]
    assert pairs == [["Lumen engine", "Brisk engine"], ["old bridge", "stone tower"]]


def test_questions_of_one_document_or_with_one_answer_make_no_pair() -> None:
    same_document = WHO_BRISK.model_copy(update={"document_ids": ["d1"]})
    same_answer = WHO_BRISK.model_copy(update={"answer": "mara voss"})
    for other in (same_document, same_answer):
        result = RelatedPairsGenerator().run(tasks([WHO_LUMEN, other]))
        assert result.table.num_rows == 0
        assert result.rejected.num_rows == 2


@given(st.permutations(range(5)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_rows_makes_no_other_pairs(order: list[int]) -> None:
    rows = [WHO_LUMEN, WHO_BRISK, year("old bridge", "1703", "b1"), year("stone tower", "1688", "b2"), BORN_MARA]
    made = RelatedPairsGenerator().run(tasks([rows[place] for place in order])).table.to_pylist()
    assert {frozenset(one["topic"] for one in row["pair"]) for row in made} == {
        frozenset(("Lumen engine", "Brisk engine")),
        frozenset(("old bridge", "stone tower")),
    }


@fault("output_question_key is used for the echo of the checker, not for the merged question")
@fault("index taken from the LLM reply (may be out of range); only the first merged item is used")
def test_the_merged_question_of_each_pair_stands_in_the_column_of_questions_beside_both_answers() -> None:
    rows = [WHO_LUMEN, WHO_BRISK]
    made, _, _ = joined(RelatedPairsGenerator(), BothQuestionGenerator().bind(output_question="asked"), rows)
    assert [row["asked"] for row in made] == ["Who wrote the Lumen engine and who wrote the Brisk engine?"]
    assert [(row["answer"], row["document_ids"], row["hidden"]) for row in made] == [
        ("Mara Voss; Otto Kern", ["d1", "d3"], ["Mara Voss", "Otto Kern"])
    ]
    assert len(kept_and_aside(EvidenceFilter(), made)[0]) == 1


@fault("empty intermediate frame raises KeyError")
def test_nothing_in_gives_nothing_out() -> None:
    made, aside, serving = joined(RelatedPairsGenerator(), BothQuestionGenerator(), [])
    assert (made, aside, serving.requests) == ([], [], [])


def comparison(request: Request) -> str:
    asked = user_text(request)
    return json.dumps({"question": f"Which was built {'later' if 'greater' in asked else 'earlier'}, the old bridge or the stone tower?"})


def test_the_answer_of_a_comparison_is_computed() -> None:
    rows = [year("old bridge", "1703", "b1"), year("stone tower", "1688", "b2")]
    for seed in range(4):
        [made], _, _ = joined(RelatedPairsGenerator(), ComparisonQuestionGenerator(seed=seed), rows, comparison)
        assert made["answer"] == ("old bridge" if "later" in made["question"] else "stone tower")
        assert len(kept_and_aside(LeakageFilter(), [made])[0]) == 1  # it names its answer, as a comparison must


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1703", "1703"),
        ("1703", "Oslo"),
        ("5 MB", "3 kg"),
        ("from 3 to 5", "4"),
        ("$5 million", "€3 million"),
        ("12 pm", "1 pm"),
        ("300 BC", "100 BC"),
    ],
)
def test_what_cannot_be_compared_is_not_asked_about(one: str, other: str) -> None:
    rows = [year("old bridge", one, "b1"), year("stone tower", other, "b2")]
    pairs = MemoryStorage(RelatedPairsGenerator().run(tasks(rows)).table)
    if one == other:  # the same answer makes no pair
        assert pairs.read().num_rows == 0
        return
    serving = ScriptedServing(comparison)
    aside = MemoryStorage()
    ComparisonQuestionGenerator().run(pairs, into=MemoryStorage(), rejected=aside, resources={"llm": serving})
    assert not serving.requests
    assert aside.read().num_rows == 1


def test_a_comparison_that_says_a_number_or_leaves_a_name_out_is_asked_for_again() -> None:
    rows = [year("old bridge", "1703", "b1"), year("stone tower", "1688", "b2")]
    wrong = in_turn(
        json.dumps({"question": "Is the old bridge of 1703 older than the stone tower?"}),
        json.dumps({"question": "Which is older, the old bridge or the tower?"}),
        json.dumps({"question": "Which is older, the old bridge or the stone tower?"}),
    )
    [made], _, serving = joined(RelatedPairsGenerator(), ComparisonQuestionGenerator(), rows, wrong)
    assert made["question"] == "Which is older, the old bridge or the stone tower?"
    assert [str(request.messages[-1].content)[:60] for request in serving.requests[1:]] != []
    assert "1703" in str(serving.requests[1].messages[-1].content)
    assert "stone tower" in str(serving.requests[2].messages[-1].content)


def test_two_lists_with_one_name_in_common_make_a_question_for_it() -> None:
    rows = [
        lists(["figs", "plums", "pears"], "Which fruit has the first shop?", "s1"),
        lists(["apples", "Pears", "melons"], "Which fruit has the second shop?", "s2"),
        lists(["apples", "melons"], "Which fruit has the third shop?", "s3"),
    ]
    answer = always(question="Which fruit is in the first and in the second shop?")
    made, _, _ = joined(CommonAnswerPairsGenerator(), IntersectionQuestionGenerator(), rows, answer)
    assert [(row["answer"], row["document_ids"], row["kind"]) for row in made] == [("pears", ["s1", "s2"], "intersection")]
    assert "apples" in made[0]["hidden"]
