"""Faults of the reference's makers of questions from texts, and that ours have them not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operators.asking.requests import Request
from operators.knowledge.questions.checking import QuestionAnswerCheckFilter
from operators.knowledge.questions.quoted import MultiHopQuestionsGenerator, QuotedQuestionsGenerator
from operators.knowledge.questions.verified import VerifiedQuotesFilter
from tests.faults import fault
from tests.text.faults.asking import BAD_ANSWERS, always, ask, user_text

TEXT = "Ada Lovelace was born in London in 1815. Charles Babbage designed the Analytical Engine. She wrote 7 notes on it."
SINGLE = {
    "quote": "Ada Lovelace was born in London in 1815.",
    "question": "In which city was Ada Lovelace born?",
    "answer": "She was born in London.",
}
HOPS = [
    {"quote": "Charles Babbage designed the Analytical Engine.", "step": "The engine is by Babbage."},
    {"quote": "She wrote 7 notes on it.", "step": "There are 7 notes on the engine."},
]
MULTI = {"hops": HOPS, "question": "How many notes were written on the engine that Charles Babbage designed?", "answer": "7 notes"}


# Single-hop


@fault(
    "when a step-1 answer is not valid JSON it is skipped WITHOUT keeping the index: every later prompt is paired with the wrong source text (silent "
    "corruption)"
)
def test_a_bad_answer_moves_no_question_to_another_text() -> None:
    texts = [f"The capital of land {number} is city {number} by the sea." for number in range(6)]

    def answer(request: Request) -> str:
        said = user_text(request).split("Text:\n")[1].split("\n")[0]
        number = said.split("land ")[1].split(" ")[0]
        if number in ("1", "3"):
            return '{"pairs": [{"quote": "The cap'
        return json.dumps({"pairs": [{"quote": said, "question": f"What is the capital of land {number}?", "answer": f"It is city {number}."}]})

    kept, aside, _ = ask(QuotedQuestionsGenerator(pairs=1), [{"text": text} for text in texts], answer)
    assert [row["answer"] for row in kept] == [f"It is city {number}." for number in (0, 2, 4, 5)]
    assert all(row["text"] == row["sources"][0] == row["quotes"][0]["quote"] for row in kept)
    assert [row["text"] for row in aside] == [texts[1], texts[3]]
    assert all("invalid_answer" in row["rejected_reason"] for row in aside)


@fault("not a subclass of the operator base class")
def test_it_is_an_operator_with_declared_columns() -> None:
    operator = QuotedQuestionsGenerator()
    assert operator.kind == "generate"
    assert set(operator.output_columns()) == {"question", "answer", "quotes", "sources", "hops"}


@fault("step-2 prompt contains stray quote and plus characters from a copy error")
def test_the_prompt_holds_the_text_and_no_leftovers() -> None:
    _, _, serving = ask(QuotedQuestionsGenerator(pairs=2), [{"text": TEXT, "url": "a book"}], always(pairs=[SINGLE]))
    assert user_text(serving.requests[0]) == f"Text:\n{TEXT}\n\nWrite 2 questions about different facts, with their answers."
    assert len(serving.requests) == 1


@fault("only single-line Q/A")
def test_questions_and_answers_may_have_any_number_of_lines() -> None:
    pair = {**SINGLE, "question": "In which city\nwas Ada Lovelace born?", "answer": "In London:\n\n- the city\n- on the Thames"}
    kept, _, _ = ask(QuotedQuestionsGenerator(), [{"text": TEXT}], always(pairs=[pair]))
    assert (kept[0]["question"], kept[0]["answer"]) == (pair["question"], pair["answer"])


@fault("zip(*) crashes when nothing is left")
def test_texts_without_anything_to_ask_are_set_aside_and_the_table_is_empty() -> None:
    kept, aside, serving = ask(QuotedQuestionsGenerator(), [{"text": ""}, {"text": "  \n"}, {"text": None}])
    assert kept == []
    assert [row["rejected_reason"] for row in aside] == ["no row was made from it", "no row was made from it", "text is null"]
    assert not serving.requests


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_an_answer_of_no_use_is_asked_for_again_and_then_set_aside(bad: str) -> None:
    kept, aside, serving = ask(QuotedQuestionsGenerator(), [{"text": TEXT}], lambda _: bad)
    assert not kept
    assert len(serving.requests) == 3
    assert aside[0]["rejected_reason"].startswith("invalid_answer")


def test_a_quote_that_is_made_up_is_missing_and_the_filter_says_which() -> None:
    made_up = {**SINGLE, "quote": "Ada Lovelace was born in Paris in 1815."}
    kept, _, _ = ask(QuotedQuestionsGenerator(), [{"text": TEXT}], always(pairs=[SINGLE, made_up]))
    assert [row["quotes"][0]["found"] for row in kept] == ["exact", "missing"]
    result = VerifiedQuotesFilter().run(kept)
    assert len(result.table) == 1
    [aside] = result.rejected.to_pylist()
    assert aside["rejected_reason"] == "quote 1 of 1: 'Ada Lovelace was born in Paris in 1815.' does not stand in the source"


def test_quotes_stand_in_the_original_where_a_cleaned_text_is_read() -> None:
    row = {"original": f"**Notes**: {TEXT.replace('London', '*London*')}", "cleaned_text": TEXT}
    operator = QuotedQuestionsGenerator().bind(input_text="cleaned_text", input_source="original")
    kept, _, _ = ask(operator, [row], always(pairs=[SINGLE]))
    [quote] = kept[0]["quotes"]
    assert row["original"][quote["start"] : quote["end"]] == quote["quote"] == "Ada Lovelace was born in *London* in 1815."


# Multi-hop


@fault("cost grows with sentences: about 20 or more calls per 512-token chunk")
@fault("one LLM call per sentence window (hundreds per document) and then all but num_q thrown away")
def test_one_request_a_chunk_however_many_sentences_it_has() -> None:
    for sentences in (2, 50):
        _, _, serving = ask(MultiHopQuestionsGenerator(pairs=3), [{"text": "A thing is so. " * sentences}], always(pairs=[MULTI]))
        assert len(serving.requests) == 1


@fault("hops are three neighbouring sentences, so not multi-document")
def test_a_question_may_need_several_documents() -> None:
    texts = ["Charles Babbage designed the Analytical Engine. He lived in London.", "Ada wrote on the Analytical Engine. She wrote 7 notes on it."]
    kept, _, _ = ask(MultiHopQuestionsGenerator(), [{"text": texts}], always(pairs=[MULTI]))
    assert [quote["source"] for quote in kept[0]["quotes"]] == [0, 1]
    assert kept[0]["sources"] == texts
    assert len(VerifiedQuotesFilter(fewest=2).run(kept).table) == 1


@fault("custom template ignored in batch mode; Chinese joined with English punctuation")
def test_a_prompt_of_ones_own_is_used_and_the_text_is_given_as_it_is() -> None:
    text = "北京是首都。上海在南方。"
    _, _, serving = ask(MultiHopQuestionsGenerator(prompt="看：{{ texts[0] }}"), [{"text": text}, {"text": text + "好。"}], always(pairs=[MULTI]))
    assert sorted(user_text(request) for request in serving.requests) == [f"看：{text}", f"看：{text}好。"]


@fault("a None reply raises before the JSON fallback (TypeError not caught)")
@pytest.mark.parametrize("bad", ["null", "", "None", '{"pairs": null}'])
def test_a_reply_of_nothing_sets_the_row_aside(bad: str) -> None:
    kept, aside, _ = ask(MultiHopQuestionsGenerator(), [{"text": TEXT}], lambda _: bad)
    assert not kept
    assert "invalid_answer" in aside[0]["rejected_reason"]


@fault("overwrites its input files; crashes in the log line when a file has no chunks")
def test_the_rows_that_were_read_stay_and_a_table_without_rows_is_fine() -> None:
    rows = [{"text": TEXT, "page": 3}]
    kept, _, _ = ask(MultiHopQuestionsGenerator(), rows, always(pairs=[MULTI]))
    assert rows == [{"text": TEXT, "page": 3}]
    assert kept[0]["page"] == 3
    kept, aside, _ = ask(MultiHopQuestionsGenerator(), [{"text": "One sentence alone."}], always(pairs=[MULTI]))
    assert not kept
    assert aside[0]["rejected_reason"] == "no row was made from it"


@fault("documents are processed one after another, so concurrency is limited to one document")
def test_rows_are_in_flight_together() -> None:
    _, _, serving = ask(MultiHopQuestionsGenerator(), [{"text": f"{TEXT} {number}."} for number in range(8)], always(pairs=[MULTI]), seconds=0.05)
    assert serving.most_at_once > 1


@fault("first path accepts objects with only a question, second demands five keys")
@pytest.mark.parametrize("gone", ["question", "answer", "hops"])
def test_every_answer_has_the_same_fields(gone: str) -> None:
    kept, aside, _ = ask(
        MultiHopQuestionsGenerator(), [{"text": TEXT}], always(pairs=[{name: value for name, value in MULTI.items() if name != gone}])
    )
    assert not kept
    assert gone in aside[0]["rejected_reason"]


@fault("supporting facts are never checked against the text")
def test_each_step_has_a_quote_that_is_looked_up() -> None:
    kept, _, _ = ask(MultiHopQuestionsGenerator(), [{"text": TEXT}], always(pairs=[MULTI]))
    row = kept[0]
    assert [TEXT[quote["start"] : quote["end"]] for quote in row["quotes"]] == [hop["quote"] for hop in HOPS]
    assert row["steps"] == [{"step": hop["step"], "quote": place} for place, hop in enumerate(HOPS)]
    invented = {**MULTI, "hops": [HOPS[0], {"quote": "She wrote 9 notes on it.", "step": "There are 9."}]}
    kept, _, _ = ask(MultiHopQuestionsGenerator(), [{"text": TEXT}], always(pairs=[invented]))
    assert "quote 2 of 2" in VerifiedQuotesFilter().run(kept).rejected.to_pylist()[0]["rejected_reason"]


@fault("splitting on '.' breaks numbers")
def test_a_number_with_a_point_is_no_two_sentences() -> None:
    kept, aside, serving = ask(MultiHopQuestionsGenerator(), [{"text": "The value of pi is about 3.14159 as far as needed"}], always(pairs=[MULTI]))
    assert not kept
    assert not serving.requests
    assert aside[0]["rejected_reason"] == "no row was made from it"


@fault("seed unused; computed related context unused")
def test_every_parameter_does_something() -> None:
    """The seed reaches the server, and what is quoted is kept with the row."""
    _, _, serving = ask(MultiHopQuestionsGenerator(seed=7, pairs=2, characters=60), [{"text": TEXT}], always(pairs=[MULTI]))
    [request] = serving.requests
    assert request.sampling.seed == 7
    assert "Write 2 such questions" in user_text(request)
    assert "7 notes" not in user_text(request)


def test_a_question_that_one_quote_answers_alone_needs_no_second() -> None:
    shortcut: dict[str, Any] = {**MULTI, "question": "What did Charles Babbage design?", "answer": "The Analytical Engine"}
    kept, _, _ = ask(MultiHopQuestionsGenerator(pairs=2), [{"text": TEXT}], always(pairs=[MULTI, shortcut]))
    result = QuestionAnswerCheckFilter().run(kept)
    assert [row["question"] for row in result.table.to_pylist()] == [MULTI["question"]]
    assert result.rejected.to_pylist()[0]["rejected_reason"] == "several_hops: one quote alone holds question and answer"


def test_a_small_model_may_point_to_sentences_by_number() -> None:
    pair = {"sentence": 1, "question": SINGLE["question"], "answer": SINGLE["answer"]}
    page = f"## Her life\n\n{TEXT}\n\n![a portrait](ada.png)\n"
    kept, _, serving = ask(
        QuotedQuestionsGenerator(quote_by="number"), [{"text": page}, {"text": "# A title"}], always(pairs=[pair, {**pair, "sentence": 9}])
    )
    assert len(serving.requests) == 1
    assert "[1] Ada Lovelace was born in London in 1815.\n[2] Charles" in user_text(serving.requests[0])
    assert [row["quotes"][0]["found"] for row in kept] == ["exact", "missing"]
    assert kept[0]["quotes"][0]["quote"] == SINGLE["quote"]
    hops = [{"sentence": number, "step": HOPS[place]["step"]} for place, number in enumerate((2, 3))]
    kept, _, _ = ask(MultiHopQuestionsGenerator(quote_by="number"), [{"text": TEXT}], always(pairs=[{**MULTI, "hops": hops}]))
    assert [quote["quote"] for quote in kept[0]["quotes"]] == [hop["quote"] for hop in HOPS]
    assert kept[0]["steps"] == [{"step": hop["step"], "quote": place} for place, hop in enumerate(HOPS)]
