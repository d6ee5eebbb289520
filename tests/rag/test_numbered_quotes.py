"""Questions whose quotes are chosen among numbered sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.rag.checks.evidence import EvidenceFilter
from operators.rag.questions.atomic import AtomicQuestionsGenerator, ListQuestionGenerator
from operators.rag.questions.hops import ChainQuestionGenerator, DepthQuestionGenerator
from tests.math.asking import ask, in_turn
from tests.rag.library import BORN_MARA, MARA, WHO_LUMEN, kept_and_aside
from tests.rag.test_depth_faults import found, led_on
from tests.text.faults.asking import user_text

PAIR = {"sentence": 1, "topic": "Mara Voss", "answer": "Tarnholm", "question": "Where was Mara Voss born?"}
JOINED = {"question": "Where was the writer of the Lumen engine born?"}


def test_the_sentence_of_the_number_is_the_quote() -> None:
    answer = in_turn(json.dumps({"pairs": [PAIR]}))
    [made], _, serving = ask(AtomicQuestionsGenerator(quote_by="number"), [{"text": MARA, "row_id": "d2"}], answer)
    [quote] = made["quotes"]
    assert made["documents"][0][quote["start"] : quote["end"]] == quote["quote"] == "Mara Voss was born in Tarnholm."
    assert "[1] Mara Voss was born in Tarnholm.\n[2] She kept bees there" in user_text(serving.requests[0])
    assert len(kept_and_aside(EvidenceFilter(), [made])[0]) == 1


def test_a_number_that_no_sentence_has_is_no_quote() -> None:
    answer = in_turn(json.dumps({"pairs": [{**PAIR, "sentence": 7}]}))
    [made], _, _ = ask(AtomicQuestionsGenerator(quote_by="number"), [{"text": MARA, "row_id": "d2"}], answer)
    assert made["quotes"][0]["found"] == "missing"
    assert kept_and_aside(EvidenceFilter(), [made])[0] == []


def test_answers_that_do_not_stand_in_their_sentence_are_asked_for_once_more_and_the_good_ones_stay() -> None:
    kept = {"sentence": 2, "topic": "Mara Voss", "answer": "bees", "question": "What did Mara Voss keep?"}
    wrong = {**PAIR, "sentence": 2}
    other = {**PAIR, "sentence": 2, "question": "In which town was Mara Voss born?"}
    operator = AtomicQuestionsGenerator(quote_by="number")
    text = [{"text": MARA, "row_id": "d2"}]
    answers = in_turn(json.dumps({"pairs": [kept, wrong]}), json.dumps({"pairs": [PAIR, other]}))
    made, _, serving = ask(operator, text, answers)
    assert [row["question"] for row in made] == [kept["question"], PAIR["question"], other["question"]]
    assert len(kept_and_aside(EvidenceFilter(), made)[0]) == 2
    assert f'"{wrong["question"]}": the answer "Tarnholm" does not stand in' in str(serving.requests[1].messages[-1].content)
    assert len(ask(operator.model_copy(update={"pairs": 2}), text, answers)[0]) == 2
    made, aside, serving = ask(operator, text, in_turn(json.dumps({"pairs": [kept, wrong]}), "no", "no", "no"))
    assert ([row["question"] for row in made], aside) == ([kept["question"], wrong["question"]], [])
    made, _, serving = ask(operator.model_copy(update={"max_reasks": 0}), text, in_turn(json.dumps({"pairs": [kept, wrong]})))
    assert (len(made), len(serving.requests)) == (2, 1)


@pytest.mark.parametrize("operator", [AtomicQuestionsGenerator(quote_by="number"), ListQuestionGenerator(quote_by="number")])
def test_a_text_without_sentences_is_not_asked_about(operator: Any) -> None:
    made, aside, serving = ask(operator, [{"text": "# Heading\n\n| a | b |\n", "row_id": "d1"}], in_turn("{}"))
    assert (made, serving.requests) == ([], [])
    assert len(aside) == 1


def test_names_of_one_sentence_make_a_list() -> None:
    text = "Ferries of the line go to Oslo, Bergen and Narvik. They are all red."
    answer = json.dumps({"sentence": 1, "topic": "line", "answers": ["Oslo", "Bergen", "Narvik"], "question": "Where do ferries of the line go to?"})
    [made], _, _ = ask(ListQuestionGenerator(quote_by="number"), [{"text": text, "row_id": "d9"}], in_turn(answer))
    assert (made["answer"], made["quotes"][0]["found"]) == ("Oslo; Bergen; Narvik", "exact")


def test_chains_and_depths_choose_sentences_of_the_document_that_was_found() -> None:
    new = {"sentence": 1, "answer": "Tarnholm", "question": "Where was Mara Voss born?"}
    wrong = {**new, "sentence": 2}
    answers = in_turn(*map(json.dumps, (wrong, new, JOINED)))
    [chain], _, serving = led_on(ChainQuestionGenerator(quote_by="number"), [found(WHO_LUMEN)], answers)
    assert (chain["question"], chain["answer"]) == (JOINED["question"], "Tarnholm")
    assert "the answer does not stand in the quote" in str(serving.requests[1].messages[-1].content)
    naming = {"sentence": 1, "topic": "Lumen engine", "question": "Who wrote the Lumen engine?"}
    [depth], _, _ = led_on(DepthQuestionGenerator(quote_by="number"), [found(BORN_MARA)], in_turn(*map(json.dumps, (naming, JOINED))))
    assert (depth["question"], depth["answer"], depth["topic"]) == (JOINED["question"], "Tarnholm", "Lumen engine")
    for made in (chain, depth):
        assert len(kept_and_aside(EvidenceFilter(), [made])[0]) == 1
