"""Answers from passages, and passages in a better order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.generic.retrieval.answer import AnswerFromPassages, RetrievalGenerator
from operators.generic.retrieval.by_retriever import RetrievePassages
from operators.generic.retrieval.rerank import RerankPassages
from operators.retrieval.passages import NotRetrieved, Query, Retrieved
from operators.tables.errors import StageFailed
from operators.testing import ScriptedRetriever, ScriptedServing
from operators.testing.scripted_retriever import echo
from tests.faults import fault

PASSAGES = [{"id": name, "text": f"About {name}.", "score": float(9 - place)} for place, name in enumerate("abcd")]


def last_line(request: Request) -> str:
    return "answer to " + str(request.messages[-1].content).splitlines()[-1]


def run(operator: Any, rows: Any, **resources: Any) -> Any:
    return operator.run(rows, resources={"retriever": ScriptedRetriever(), "llm": ScriptedServing(last_line), **resources})


@fault("run is async, so the pipeline runner never awaits it")
def test_questions_are_answered_from_what_the_retriever_finds_with_the_passages_beside_the_answer() -> None:
    serving = ScriptedServing(last_line)
    (row,) = run(RetrievalGenerator(top=1), {"question": ["When?"]}, llm=serving).table.to_pylist()
    assert (row["answer"], row["passage_ids"], row["passages"][0]["text"]) == ("answer to Question: When?", ["p1"], "It is said: When?")
    assert "[1] It is said: When?" in str(serving.requests[0].messages[-1].content)
    assert serving.requests[0].messages[0].role == "system"


@fault("rows with empty input are skipped when prompts are built but the answers are assigned to the full frame: length mismatch raises ValueError")
def test_empty_and_null_questions_keep_every_answer_with_its_question() -> None:
    result = run(RetrievalGenerator(), {"question": ["one", None, "", "two"]})
    assert [(row["question"], row["answer"]) for row in result.table.to_pylist()] == [
        ("one", "answer to Question: one"),
        (None, None),
        ("", "answer to Question: "),
        ("two", "answer to Question: two"),
    ]


@fault("LLM exception is caught and the step returns without writing, so the next step fails far from the cause")
def test_a_failure_is_a_row_set_aside_with_the_reason_and_many_end_the_stage() -> None:
    def find(query: Query) -> Retrieved:
        return NotRetrieved("the index has no such document") if query.text == "bad" else echo(query)

    def answer(request: Request) -> str | Failure:
        return Failure("timeout", "no answer in time") if "slow" in str(request.messages[-1].content) else last_line(request)

    rows = {"question": ["good", "bad", "slow", "fine"]}
    given = {"retriever": ScriptedRetriever(find), "llm": ScriptedServing(answer)}
    result = run(RetrievalGenerator(max_failed=0.5), rows, **given)
    assert result.table.column("question").to_pylist() == ["good", "fine"]
    assert [reason.split(":")[0] for reason in result.rejected.column("rejected_reason").to_pylist()] == ["the index has no such document", "timeout"]
    with pytest.raises(StageFailed, match="the index has no such document"):
        run(RetrievalGenerator(), rows, **given)


def test_passages_found_before_are_answered_from() -> None:
    found = run(RetrievePassages(top=2), {"question": ["When?"]}).table
    (row,) = run(AnswerFromPassages(), found).table.to_pylist()
    assert row["answer"] == "answer to Question: When?"


def test_passages_are_put_in_the_order_of_the_model_and_a_wrong_number_is_asked_about_again() -> None:
    answers = iter(['{"order": [4, 9]}', '{"order": [4, 4]}', '{"order": [4, 2, 1]}'])
    rows = [{"question": "q", "passages": PASSAGES}, {"question": "q", "passages": []}]
    serving = ScriptedServing(lambda request: next(answers))
    result = run(RerankPassages(top=2), rows[:1], llm=serving).table.to_pylist()
    assert [row["reranked_ids"] for row in result] == [["d", "b"]]
    assert result[0]["reranked_passages"] == [PASSAGES[3], PASSAGES[1]]
    assert len(serving.requests) == 3
    assert run(RerankPassages(), rows, llm=ScriptedServing(lambda _: json.dumps({"order": []}))).table.column("reranked_ids").to_pylist() == [[], []]
