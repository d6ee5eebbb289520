"""Faults of the reference's atomic questions, and that ours have them not."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.rag.checks.answerable import AnswerableEvaluator, AnswerableFilter
from operators.rag.checks.evidence import EvidenceFilter
from operators.rag.questions.aliases import AnswerAliasesEvaluator
from operators.rag.questions.atomic import AtomicQuestionsGenerator, ListQuestionGenerator
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedServing
from tests.faults import fault
from tests.math.asking import always, ask, in_turn, run, system_text
from tests.rag.library import ENGINE, MARA, WHO_LUMEN, kept_and_aside, reader
from tests.text.faults.asking import user_text

PAIR = {"quote": "Mara Voss was born in Tarnholm.", "topic": "Mara Voss", "answer": "Tarnholm", "question": "Where was Mara Voss born?"}


def test_each_question_comes_with_its_document_and_the_place_of_its_quote() -> None:
    [made], _, _ = ask(AtomicQuestionsGenerator(), [{"text": MARA, "row_id": "d2"}], reader)
    assert (made["question"], made["answer"], made["kind"], made["document_ids"]) == ("Where was Mara Voss born?", "Tarnholm", "atomic", ["d2"])
    [quote] = made["quotes"]
    assert made["documents"][quote["source"]][quote["start"] : quote["end"]] == quote["quote"] == "Mara Voss was born in Tarnholm"
    assert made["parent_ids"] == ["d2"]


@fault("several early returns write nothing, so the next step fails")
@pytest.mark.parametrize("rows", [[], [{"text": "", "row_id": "d1"}], [{"text": None, "row_id": "d1"}]])
def test_a_table_of_which_nothing_comes_is_an_empty_table_with_all_columns(rows: list[dict[str, Any]]) -> None:
    source = pa.Table.from_pylist(rows, schema=pa.schema([("text", pa.string()), ("row_id", pa.string())]))
    kept, aside = MemoryStorage(), MemoryStorage()
    operator = AtomicQuestionsGenerator()
    operator.run(MemoryStorage(source), into=kept, rejected=aside, resources={"llm": ScriptedServing(reader)})
    assert kept.read().schema.equals(operator.schema_out(source.schema))
    assert kept.read().num_rows == 0
    assert aside.read().num_rows == len(rows)
    assert EvidenceFilter().run(kept).table.num_rows == 0


@fault("unparsable judge replies count as 0 and are therefore KEPT as hard questions in the closed-book stage")
def test_a_judge_that_cannot_be_read_sets_the_row_aside_and_keeps_no_question() -> None:
    def answer(request: Request) -> str:
        return "it is, more or less" if "Answer to mark" in user_text(request) else json.dumps({"answer": "Mara, I think"})

    kept, aside, _ = ask(AnswerableEvaluator(given="nothing"), [WHO_LUMEN.as_row()], answer)
    assert not kept
    assert aside[0]["rejected_as"] == "failed"
    assert "invalid_answer" in aside[0]["rejected_reason"]


@fault("parse failure of the alias list stores the whole pandas column as the value")
def test_a_list_of_aliases_that_cannot_be_read_fails_its_row_alone() -> None:
    rows = [{"question": "Who?", "answer": "New York City"}, {"question": "Which bank?", "answer": "World Bank"}]

    def answer(request: Request) -> str:
        return "NYC, I would say" if "New York" in user_text(request) else json.dumps({"aliases": ["W.B.", "Bank", "the World Bank", "World Bank 2"]})

    kept, aside, serving = ask(AnswerAliasesEvaluator(), rows, answer)
    assert [(row["answer"], row["aliases"]) for row in kept] == [("World Bank", ["W.B."])]
    assert [row["answer"] for row in aside] == ["New York City"]
    assert not any("say the same?" in user_text(request) for request in serving.requests)  # initials are seen


def test_an_alias_is_kept_where_the_model_says_that_it_says_the_same() -> None:
    def answer(request: Request) -> str:
        asked = user_text(request)
        return json.dumps({"same": "Big Apple" in asked}) if "Other answer" in asked else json.dumps({"aliases": ["Big Apple", "Boston"]})

    [row], _, _ = ask(AnswerAliasesEvaluator(), [{"question": "Where?", "answer": "New York City"}], answer)
    assert row["aliases"] == ["Big Apple"]


@fault("empty prompt is sent when identifier parsing fails")
def test_an_answer_without_its_topic_is_asked_for_again_and_no_empty_prompt_is_sent() -> None:
    without = {name: value for name, value in PAIR.items() if name != "topic"}
    [made], _, serving = ask(
        AtomicQuestionsGenerator(), [{"text": MARA, "row_id": "d2"}], in_turn(json.dumps({"pairs": [without]}), json.dumps({"pairs": [PAIR]}))
    )
    assert made["topic"] == "Mara Voss"
    assert all(MARA in user_text(request) for request in serving.requests)
    assert "topic" in str(serving.requests[1].messages[-1].content)


@fault("groups by full document text; group apply drops or reorders columns depending on pandas version")
def test_equal_texts_are_two_documents_each_with_questions_of_its_own() -> None:
    made, _, _ = ask(AtomicQuestionsGenerator(carry=("page",)), [{"row_id": name, "text": MARA, "page": name} for name in ("d1", "d2")], reader)
    assert [(row["document_ids"], row["page"]) for row in made] == [(["d1"], "d1"), (["d2"], "d2")]


@fault("F1 helper is dead code")
def test_an_answer_that_says_the_same_words_is_judged_without_a_model() -> None:
    kept, _, serving = ask(AnswerableEvaluator(given="nothing"), [WHO_LUMEN.as_row()], always(answer="MARA Voss."))
    assert kept[0]["answerable"] is True
    assert len(serving.requests) == 1


@fault("no dedup of questions")
def test_a_question_that_comes_twice_is_made_once() -> None:
    again = {**PAIR, "question": "where was Mara Voss born"}
    made, _, _ = ask(AtomicQuestionsGenerator(), [{"text": MARA, "row_id": "d2"}], always(pairs=[PAIR, again]))
    assert len(made) == 1


@fault("all prompts fixed although the class is decorated with 8 allowed templates")
def test_every_prompt_can_be_given() -> None:
    _, _, serving = ask(AtomicQuestionsGenerator(prompt={"system": "Ask like a pirate."}), [{"text": MARA, "row_id": "d2"}], reader)
    assert system_text(serving.requests[0]).startswith("Ask like a pirate.")
    evaluator = AnswerableEvaluator(prompt={"system": "Answer like a pirate."}, judge_prompt={"system": "Judge like a pirate."})
    _, _, serving = ask(evaluator, [WHO_LUMEN.as_row()], in_turn(json.dumps({"answer": "Mara"}), json.dumps({"reason": "aye", "same": True})))
    assert [system_text(request).split(".")[0] for request in serving.requests] == ["Answer like a pirate", "Judge like a pirate"]


def test_a_quote_that_does_not_stand_is_thrown_out_with_the_reason() -> None:
    invented = {**PAIR, "quote": "Mara Voss was born in Tarnholm in 1912."}
    made, _, _ = ask(AtomicQuestionsGenerator(), [{"text": MARA, "row_id": "d2"}], always(pairs=[invented]))
    kept, aside = kept_and_aside(EvidenceFilter(), made)
    assert not kept
    assert "does not stand in the source" in aside[0]["rejected_reason"]


def test_an_answer_that_the_quote_does_not_say_is_thrown_out() -> None:
    made, _, _ = ask(AtomicQuestionsGenerator(), [{"text": MARA, "row_id": "d2"}], always(pairs=[{**PAIR, "answer": "Felmark"}]))
    _, aside = kept_and_aside(EvidenceFilter(), made)
    assert aside[0]["rejected_reason"] == 'the answer "Felmark" does not stand in what is quoted of its document'


def test_a_question_with_several_answers_lists_each_once() -> None:
    text = "The harbour has four boats: the Ann, the Bee, the Cat and the Dot, which are all painted green."
    answer = always(
        quote="the Ann, the Bee, the Cat and the Dot", topic="boats", answers=["Ann", "Bee", "ann", "Dot"], question="Which boats has it?"
    )
    [made], _, _ = ask(ListQuestionGenerator(), [{"text": text, "row_id": "d"}], answer)
    assert made["answer"] == "Ann; Bee; Dot"
    assert [step["answer"] for step in made["steps"]] == ["Ann", "Bee", "Dot"]
    assert len(kept_and_aside(EvidenceFilter(), [made])[0]) == 1


def test_a_failed_call_is_told_as_such() -> None:
    kept, aside, _ = ask(AtomicQuestionsGenerator(), [{"text": ENGINE, "row_id": "d1"}], lambda request: Failure("timeout", "no answer"))
    assert not kept
    assert "timeout" in aside[0]["rejected_reason"]
    assert run(AnswerableFilter(), [{"answerable": True, "from_documents": [2], "said": "x"}])[1][0]["rejected_reason"] == (
        'it was answered from document 2 alone: "x"'
    )
