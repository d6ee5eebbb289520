"""Faults of the reference's deeper questions, and that ours have them not; and how questions are led on."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.rag.checks.answerable import AnswerableEvaluator
from operators.rag.checks.evidence import EvidenceFilter
from operators.rag.checks.wording import LeakageFilter
from operators.rag.questions.chaining import BridgeFilter
from operators.rag.questions.hops import ChainQuestionGenerator, DepthQuestionGenerator
from operators.retrieval.passages import PASSAGES
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedServing
from tests.faults import fault
from tests.math.asking import Answer
from tests.rag.library import BORN_MARA, BRISK, ENGINE, MARA, WHO_BRISK, WHO_LUMEN, kept_and_aside, passage, reader, tasks
from tests.text.faults.asking import user_text

FOUND = [passage(BRISK, "d3"), passage(ENGINE, "d1"), passage(MARA, "d2")]


def led_on(
    operator: Operator, rows: list[dict[str, Any]], answer: Answer = reader
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ScriptedServing]:
    kept, aside, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    table = tasks(rows, passages=PASSAGES)
    operator.changed(max_failed=1.0).run(MemoryStorage(table), into=kept, rejected=aside, resources={"llm": serving})
    return kept.read().to_pylist(), aside.read().to_pylist(), serving


def found(task: Any, passages: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {**task.as_row(), "passages": FOUND if passages is None else passages}


@fault("the generated question is not composed with the original chain: it only asks for the subset")
def test_a_deeper_question_has_the_old_answer_and_describes_what_the_old_one_named() -> None:
    [made], _, _ = led_on(DepthQuestionGenerator(), [found(BORN_MARA)])
    assert made["question"] == "Where was the writer of the Lumen engine born?"
    assert (made["answer"], made["kind"], made["topic"], made["hidden"]) == ("Tarnholm", "depth", "Lumen engine", ["Mara Voss"])
    assert made["document_ids"] == ["d2", "d1"]
    assert [(step["answer"], step["document"]) for step in made["steps"]] == [("Mara Voss", 1), ("Tarnholm", 0)]
    assert len(kept_and_aside(EvidenceFilter(), [made])[0]) == len(kept_and_aside(LeakageFilter(), [made])[0]) == 1


def test_a_chain_leads_from_the_answer_to_a_further_one() -> None:
    [made], _, _ = led_on(ChainQuestionGenerator(), [found(WHO_LUMEN)])
    assert made["question"] == "Where was the writer of the Lumen engine born?"
    assert (made["answer"], made["kind"], made["topic"], made["hidden"]) == ("Tarnholm", "chain", "Lumen engine", ["Mara Voss"])
    assert made["document_ids"] == ["d1", "d2"]
    assert [quote["source"] for quote in made["quotes"]] == [0, 1]
    assert len(kept_and_aside(EvidenceFilter(), [made])[0]) == 1


@fault("[verified] the closed-book check asks the ORIGINAL question instead of the new one")
def test_the_closed_book_test_asks_the_new_question() -> None:
    [made], _, _ = led_on(DepthQuestionGenerator(), [found(BORN_MARA)])
    serving, kept = ScriptedServing(reader), MemoryStorage()
    AnswerableEvaluator(given="nothing").run(MemoryStorage(tasks([made])), into=kept, resources={"llm": serving})
    assert [made["question"] in user_text(request) for request in serving.requests] == [True]
    assert BORN_MARA.question not in user_text(serving.requests[0])
    assert kept.read().column("said").to_pylist() == ["no idea"]


@fault("[verified] the judge reply is parsed without removing code fences, so fenced replies score 0 and known questions are kept")
@fault("same unfenced judge parsing fault as the depth operator; None replies misalign")
def test_a_reply_in_fences_says_what_it_says() -> None:
    def answer(request: Request) -> str:
        judge = "Answer to mark" in user_text(request)
        return f"```json\n{json.dumps({'reason': 'the same', 'same': True} if judge else {'answer': 'Mara'})}\n```"

    kept = MemoryStorage()
    AnswerableEvaluator(given="nothing").run(MemoryStorage(tasks([WHO_LUMEN])), into=kept, resources={"llm": ScriptedServing(answer)})
    assert kept.read().column("answerable").to_pylist() == [True]


@fault("None judge replies are skipped, giving a list shorter than the frame")
def test_a_row_without_a_reply_is_set_aside_and_the_others_keep_their_verdicts() -> None:
    def answer(request: Request) -> Any:
        asked = user_text(request)
        if "Brisk" in asked:
            return Failure("unavailable", "it is down")
        return json.dumps({"answer": "Mara Voss" if "Lumen" in asked else "Felmark"})

    kept, aside = MemoryStorage(), MemoryStorage()
    rows = MemoryStorage(tasks([WHO_BRISK, WHO_LUMEN, BORN_MARA]))
    AnswerableEvaluator(given="nothing", max_failed=1.0).run(rows, into=kept, rejected=aside, resources={"llm": ScriptedServing(answer)})
    assert list(zip(*(kept.read().column(name).to_pylist() for name in ("question", "answerable")), strict=True)) == [
        (WHO_LUMEN.question, True),
        (BORN_MARA.question, False),
    ]
    assert aside.read().column("question").to_pylist() == [WHO_BRISK.question]


@fault("prompt tells the model to search with tools that are not provided, so supersets are invented")
def test_the_description_comes_from_a_document_that_was_found_or_there_is_none() -> None:
    [made], _, serving = led_on(DepthQuestionGenerator(), [found(BORN_MARA)])
    assert ENGINE in user_text(serving.requests[0])
    assert made["documents"][1] == ENGINE
    kept, aside, serving = led_on(DepthQuestionGenerator(), [found(BORN_MARA, [passage(BRISK, "d3"), passage(MARA, "d2")])])
    assert not kept
    assert not serving.requests
    assert aside[0]["rejected_reason"] == "no row was made from it"


@fault("identifier is the raw JSON text of the LLM when it has to be created")
def test_what_the_new_question_names_is_a_plain_name_that_stands_in_it() -> None:
    def answer(request: Request) -> str:
        return f"```json\n{reader(request)}\n```"

    [made], _, _ = led_on(DepthQuestionGenerator(), [found(BORN_MARA)], answer)
    assert made["topic"] == "Lumen engine"
    assert made["topic"] in made["question"]


def test_a_composed_question_that_names_the_bridge_is_asked_for_again() -> None:
    told: list[str] = []

    def answer(request: Request) -> str:
        if "The name:" not in user_text(request):
            return reader(request)
        told.append(str(request.messages[-1].content))
        return json.dumps({"question": "Where was Mara Voss, the writer of the Lumen engine, born?"}) if len(told) == 1 else reader(request)

    [made], _, _ = led_on(ChainQuestionGenerator(), [found(WHO_LUMEN)], answer)
    assert "Mara Voss" not in made["question"]
    assert 'must not say "Mara Voss"' in told[1]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Where was the writer of the Lumen engine?", "has lost what"),
        ("Where was the writer born?", "has lost what"),
        ("Who wrote the Lumen engine? Where was the writer born?", "several questions"),
    ],
)
def test_a_composed_question_that_lost_one_of_the_two_is_asked_for_again(written: str, told: str) -> None:
    asked: list[str] = []

    def answer(request: Request) -> str:
        if "The name:" not in user_text(request):
            return reader(request)
        asked.append(str(request.messages[-1].content))
        return json.dumps({"question": written}) if len(asked) == 1 else reader(request)

    [made], _, _ = led_on(ChainQuestionGenerator(), [found(WHO_LUMEN)], answer)
    assert made["question"] == "Where was the writer of the Lumen engine born?"
    assert told in asked[1]


def test_the_next_document_is_tried_where_one_gives_no_question() -> None:
    other = passage("Mara Voss likes tea.", "d9")

    def answer(request: Request) -> str:
        return (
            json.dumps({"quote": "It is not there at all.", "answer": "x", "question": "What is it?"})
            if "tea" in user_text(request)
            else reader(request)
        )

    row = found(WHO_LUMEN, [other, passage(MARA, "d2")])
    assert not led_on(ChainQuestionGenerator(max_reasks=0), [row], answer)[0]
    assert led_on(ChainQuestionGenerator(max_reasks=0, tries=2), [row], answer)[0][0]["document_ids"] == ["d1", "d2"]


def bridge_reasons(row: dict[str, Any], operator: BridgeFilter | None = None) -> list[str]:
    result = (operator or BridgeFilter()).run(tasks([row], passages=PASSAGES))
    return [str(one["rejected_reason"]) for one in result.rejected.to_pylist()]


def test_questions_that_lead_nowhere_are_seen_before_a_model_is_asked() -> None:
    assert bridge_reasons(found(WHO_LUMEN)) == []
    assert bridge_reasons({**found(WHO_LUMEN), "answer": "1843"}) == ['"1843" leads nowhere: it is a number, a yes or no, or no name']
    assert bridge_reasons(found(WHO_LUMEN, [passage(ENGINE, "d1")])) == ['no other document that was found says "Mara Voss"']
    assert bridge_reasons(found(WHO_LUMEN, [passage(ENGINE.upper(), "copy")])) == ['no other document that was found says "Mara Voss"']
    by_topic = BridgeFilter(in_question=True).bind(input_bridge="topic")
    assert bridge_reasons({**found(BORN_MARA), "question": "Where was she born?"}, by_topic) == ['the question does not name "Mara Voss"']


@pytest.mark.parametrize("name", ["北京", "서울", "アルベルト・アインシュタイン", "दिल्ली", "தமிழ்நாடு", "กรุงเทพ", "C++", "Ada Lovelace"])
def test_a_name_leads_on_in_any_script(name: str) -> None:
    assert bridge_reasons({**found(WHO_LUMEN, [passage(f"{name} 1843.", "other")]), "answer": name}) == []


@pytest.mark.parametrize("answer", ["李", "三百", "२०१०", "20th", "b", "no", "是", "in the year in which the engine was built by her"])
def test_numbers_letters_and_half_sentences_lead_nowhere_in_any_script(answer: str) -> None:
    row = {**found(WHO_LUMEN, [passage(f"{answer} 1843.", "other")]), "answer": answer}
    assert bridge_reasons(row) == [f'"{answer}" leads nowhere: it is a number, a yes or no, or no name']


def test_a_row_whose_columns_do_not_fit_each_other_fails_alone() -> None:
    broken = {**found(WHO_LUMEN), "document_ids": []}
    kept, aside, _ = led_on(ChainQuestionGenerator(), [broken, found(WHO_LUMEN)])
    assert len(kept) == 1
    assert "do not belong together" in aside[0]["rejected_reason"]


def test_the_table_of_a_chain_has_the_columns_of_a_question() -> None:
    schema = ChainQuestionGenerator().schema_out(pa.schema([*tasks([]).schema, pa.field("passages", PASSAGES)]))
    assert set(tasks([]).schema.names) <= set(schema.names)
