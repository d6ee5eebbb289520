"""Questions and answers are checked without a model, and found where a text holds them already."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest

from operators.bases.dangling_references import dangling_reference
from operators.bases.pieces import sentences
from operators.knowledge.questions.checking import QuestionAnswerCheckEvaluator
from operators.knowledge.questions.faults import Pair, pair_fault
from operators.knowledge.questions.held import HeldQuestionsGenerator, MarkedQuestionsGenerator
from operators.knowledge.questions.preferring import ClosedBookPreferenceGenerator
from operators.knowledge.questions.quoted import QuotedQuestionsGenerator
from operators.knowledge.questions.verified import VerifiedQuotesFilter
from tests.text.faults.asking import always, ask

GOOD = [
    ("In which city was Ada Lovelace born?", "She was born in London.", ["Ada Lovelace was born in London in 1815."]),
    ("How long did the bridge take to build?", "12 years", ["The bridge was built in 12 years."]),
    ("Is copper a metal?", "Yes", ["Copper is a soft metal."]),
    ("Is a tomato a fruit or a vegetable?", "a fruit", ["Botanically, a tomato is a fruit."]),
    ("When did Marie Curie die?", "In 1934", ["Marie Curie died on July 4, 1934 in Passy."]),
    ("How do you wrap the text of a cell in openpyxl?", "Set wrap_text to true.", ["To wrap it, set wrap_text to true in openpyxl."]),
    ("长城有多长？", "21196千米", ["长城全长21196千米。"]),
    ("Was ist die Hauptstadt von Peru?", "Lima", ["Die Hauptstadt von Peru ist Lima."]),
    ("من بنى البرج القديم؟", "أحمد", ["أحمد بنى البرج القديم في القاهرة."]),
    ("मीनार किसने बनाई?", "राम ने", ["राम ने मीनार बनाई।"]),
    ("누가 이 오래된 탑을 지었나요?", "김철수입니다.", ["김철수가 오래된 탑을 지었다."]),
    ("Ποιος έχτισε τον πύργο;", "Ο Γιώργος", ["Ο Γιώργος έχτισε τον πύργο."]),
    ("ใครสร้างหอคอยนี้", "สมชาย", ["สมชายสร้างหอคอยในปี 2500"]),
    ("How many dogs ran in the park?", "6", ["Six dogs ran in the park."]),
    ("How many people live in Ulm?", "1.2 million", ["In Ulm live 1,200,000 people."]),
    ("Which p counts as small in the field?", "0.05", ["In the field p < 0.05 counts as small."]),
]
BAD = [
    ("According to the passage, who found radium?", "Marie Curie", ["Marie Curie found radium."], "self_contained"),
    ("What is shown in the figure above?", "A bridge", ["A bridge is shown."], "self_contained"),
    ("What does it return?", "A table", ["It returns a table."], "self_contained"),
    ("How many of these packages are free?", "Five", ["Five packages are free."], "self_contained"),
    ("文中提到了哪座城市？", "北京", ["这座城市是北京。"], "self_contained"),
    ("本文的作者是谁？", "鲁迅", ["作者是鲁迅。"], "self_contained"),
    ("What is the capital city Paris called?", "Paris", ["Paris is the capital."], "answer_in_question"),
    ("Where is the Eiffel Tower of Paris?", "The Eiffel Tower is of Paris.", ["The Eiffel Tower stands in Paris."], "answer_in_question"),
    ("How long did the bridge take to build?", "12 years", ["The bridge was built in 10 years."], "supported"),
    ("In which city was Ada Lovelace born?", "In Paris", ["Ada Lovelace was born in London."], "supported"),
    ("Is copper soft enough to bend it?", "It is not soft.", ["Copper is a soft metal."], "supported"),
    ("What does pip do for you?", "It compiles kernels quickly.", ["pip installs packages from an index."], "supported"),
    ("长城有多长？", "8851千米", ["长城全长21196千米。"], "supported"),
    ("Which p counts as small in the field?", "p > 0.05", ["In the field p < 0.05 counts as small."], "supported"),
    ("Dove è nata Ada secondo il testo?", "A Londra", ["Ada è nata a Londra."], "self_contained"),
    ("この文章によると、塔を建てたのは誰ですか？", "田中", ["田中が塔を建てた。"], "self_contained"),
    ("위 글에 따르면 탑을 누가 지었나요?", "김철수", ["김철수가 탑을 지었다."], "self_contained"),
    ("¿Quién construyó la torre alta?", "No se menciona.", ["Juan construyó la torre alta."], "no_answer"),
    ("Кто построил эту башню?", "Не указано.", ["Иван построил эту башню."], "no_answer"),
    ("من بنى البرج؟ ومتى بناه؟", "أحمد", ["أحمد بنى البرج."], "form"),
    ("Who wrote the first program?", "The text does not say.", ["Ada wrote the first program."], "no_answer"),
    ("Ada Lovelace wrote notes.", "Seven", ["Ada wrote seven notes."], "form"),
    ("What is it? And who made it?", "Seven", ["Ada wrote seven notes."], "form"),
    ("Who?", "Ada", ["Ada wrote seven notes."], "form"),
    ("What should a mapping have for the", "A method", ["A mapping should have a method for membership."], "form"),
    ("What are the settings of tar?", "The settings, and their defaults:", ["The settings of tar, and their defaults:"], "form"),
    ("What is the warranty of the software?", "None of any kind", ["It comes without warranty of any kind."], "self_contained"),
    ("Which metric is computed when the feature is enabled?", "The word error rate", ["The word error rate is computed."], "self_contained"),
    ("Who wrote the notes?", "who wrote the notes", ["Ada wrote the notes."], "form"),
]


@pytest.mark.parametrize(("question", "answer", "quotes"), GOOD)
def test_a_good_pair_has_no_fault(question: str, answer: str, quotes: list[str]) -> None:
    assert pair_fault(Pair(question, answer, quotes)) is None


@pytest.mark.parametrize(("question", "answer", "quotes", "check"), BAD)
def test_a_bad_pair_fails_by_the_check_that_it_should(question: str, answer: str, quotes: list[str], check: str) -> None:
    assert str(pair_fault(Pair(question, answer, quotes))).split(":")[0] == check


def test_checks_are_chosen_and_quotes_may_be_missing() -> None:
    rows = [{"question": "What does it return?", "answer": "A table"}]
    assert QuestionAnswerCheckEvaluator().run(rows).table.to_pylist()[0]["pair_fault"].startswith("self_contained")
    assert QuestionAnswerCheckEvaluator(checks=("form",)).run(rows).table.to_pylist()[0]["pair_fault"] is None
    assert pair_fault(Pair("Who wrote the notes?", "Ada", [])) == "supported: there is no quote"


@pytest.mark.parametrize(
    "question",
    [
        "How is it called when it rains and snows?",
        "Is it possible to pickle a lambda?",
        "What is this that people call love?",
        "Which licence has the library NumPy?",
        "Who designed the library of Celsus?",
        "What is the code used to call Malta?",
        "Che cosa dice l'articolo 5 della Costituzione, nel documento 3?",
        "どの文字がこの文字列に含まれますか？",
        "이 표범은 어디에 사나요?",
    ],
)
def test_a_word_that_points_to_nothing_is_no_reference(question: str) -> None:
    assert dangling_reference(question) is None


SHARED = Path(os.environ.get("DATAFLOW_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pairs_that_people_wrote_pass_and_answers_of_other_questions_do_not(language: str) -> None:
    """XQuAD, with the sentence of the answer as its quote."""
    path = SHARED / "rag" / f"xquad_{language}_open.jsonl"
    if not path.exists():
        pytest.skip("no shared data: set DATAFLOW_SHARED_DATA to the folder that holds rag/xquad_en_open.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()][:250]
    passed = rejected = others = 0
    for row, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        spans = [span for span in sentences(row["context"]) if span.start <= row["answer_start"] < span.end]
        quote = row["context"][spans[0].start : spans[0].end] if spans else row["context"]
        passed += pair_fault(Pair(row["question"], row["answer"], [quote])) is None
        if other["answer"] not in quote:
            others += 1
            rejected += pair_fault(Pair(row["question"], other["answer"], [quote])) is not None
    assert passed / len(rows) >= 0.95
    assert rejected / others >= 0.95


# Questions that a text holds


FAQ = "**Q: What is it?**\n\nA: A cat.\nIt purrs.\n\nQuestion 2: Who\nis there?\nAnswer: Nobody.\n\nQ: Unanswered?\n\n问：几点了？\n答：三点。"


def test_marked_questions_are_found_with_all_their_lines_and_places() -> None:
    rows = MarkedQuestionsGenerator().run([FAQ]).table.to_pylist()
    assert [(row["question"], row["answer"]) for row in rows] == [
        ("What is it?", "A cat.\nIt purrs."),
        ("Who\nis there?", "Nobody."),
        ("几点了？", "三点。"),
    ]
    assert all(FAQ[quote["start"] : quote["end"]] == quote["quote"] for row in rows for quote in row["quotes"])


def test_headings_that_ask_are_questions() -> None:
    text = "# Help\n\n## How do I install it?\nRun pip.\n\n## Licence\nMIT\n\n## Why is it slow?\n\nIt waits.\n"
    rows = MarkedQuestionsGenerator().run([text]).table.to_pylist()
    assert [(row["question"], row["answer"]) for row in rows] == [("How do I install it?", "Run pip."), ("Why is it slow?", "It waits.")]
    assert MarkedQuestionsGenerator(headings=False).run([text]).table.num_rows == 0


def test_what_a_model_finds_in_prose_is_looked_up() -> None:
    text = "We asked the mayor whether the bridge is safe. She told us that engineers had seen it. Somebody wanted to know what it cost."
    pairs = [
        {"question": "whether the bridge is safe", "answer": "engineers had seen it"},
        {"question": "what it cost", "answer": ""},
        {"question": "who built the bridge", "answer": "engineers"},
    ]
    kept, _, _ = ask(HeldQuestionsGenerator(), [{"text": text}], always(pairs=pairs))
    assert [(row["question"], row["answer"]) for row in kept[:2]] == [("whether the bridge is safe", "engineers had seen it"), ("what it cost", "")]
    rejected = VerifiedQuotesFilter().bind(input_source="text").run(kept).rejected.to_pylist()
    assert [row["question"] for row in rejected] == ["who built the bridge"]


# Preferences


def test_an_answer_from_memory_is_rejected_only_where_the_quotes_do_not_hold_it() -> None:
    quote = {"quote": "The bridge was built in 12 years.", "source": 0, "start": 0, "end": 33, "found": "exact"}
    row = {"question": "How long did it take to build the bridge?", "answer": "12 years", "quotes": [quote]}
    for said, wrong in (("It took 12 years.", False), ("It took 3 years.", True), ("About twelve months in Paris.", True)):
        kept, _, serving = ask(ClosedBookPreferenceGenerator(), [row], lambda _, said=said: said)
        assert kept[0]["rejected"] == (said if wrong else None)
        assert (kept[0]["prompt"], kept[0]["chosen"]) == (row["question"], "12 years")
        assert "12" not in serving.requests[0].text


def test_two_inputs_of_one_column_are_one_origin() -> None:
    """Dagster refuses a lineage that names a column twice."""
    schema = pa.schema({"row_id": pa.string(), "text": pa.string()})
    assert QuotedQuestionsGenerator().column_lineage(schema)["question"] == [(0, "text")]
