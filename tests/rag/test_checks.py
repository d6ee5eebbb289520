"""What a question needs to be answered, what it gives away, and how hard it is."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.rag.checks.answerable import AnswerableEvaluator, AnswerableFilter
from operators.rag.checks.answering import by_words
from operators.rag.checks.difficulty import SolvedShareEvaluator
from operators.rag.checks.findable import FindableQuestionFilter
from operators.rag.checks.wording import LeakageFilter, SelfContainedQuestionFilter
from operators.rag.negatives import HardNegativesEvaluator
from operators.rag.task import Step, Task, quoted
from operators.tables.errors import ColumnError
from operators.tables.storage import MemoryStorage
from operators.testing import ScriptedServing
from tests.math.asking import Answer, run
from tests.rag.library import BOTH, BRISK, ENGINE, MARA, OTTO, TEXTS, WHO_LUMEN, passage, reader, tasks
from tests.text.faults.asking import user_text


def chain(*documents: str) -> Task:
    """Where the writer of an engine was born, from these documents."""
    question = "Where was the writer of the Lumen engine born?"
    return Task(
        question=question,
        answer="Tarnholm",
        kind="chain",
        topic="Lumen engine",
        documents=list(documents),
        document_ids=[f"d{place}" for place in range(len(documents))],
        quotes=[quoted(text, text.split(". ")[0], place) for place, text in enumerate(documents)],
        steps=[Step(question=question, answer="Tarnholm", document=1)],
        hidden=["Mara Voss"],
    )


def checked(operator: Operator, rows: list[Task], answer: Answer = reader) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ScriptedServing]:
    kept, aside, serving = MemoryStorage(), MemoryStorage(), ScriptedServing(answer)
    operator.changed(max_failed=1.0).run(MemoryStorage(tasks(rows)), into=kept, rejected=aside, resources={"llm": serving})
    return kept.read().to_pylist(), aside.read().to_pylist(), serving


def documents_in(request: Request) -> int:
    return user_text(request).count("Document ")


def test_a_question_that_needs_all_its_documents_is_answered_from_none_and_no_part_of_them() -> None:
    row = chain(ENGINE, MARA, BRISK)
    [alone], _, _ = checked(AnswerableEvaluator(given="nothing"), [row])
    assert (alone["answerable"], alone["tries"], alone["from_documents"]) == (False, 1, None)
    row = chain(ENGINE, MARA)
    [part], _, serving = checked(AnswerableEvaluator(given="some"), [row])
    assert (part["answerable"], part["tries"], part["said"]) == (False, 2, "no idea")
    assert [documents_in(request) for request in serving.requests] == [1, 1]
    [whole], _, _ = checked(AnswerableEvaluator(given="all"), [row])
    assert (whole["answerable"], whole["from_documents"], whole["said"]) == (True, [1, 2], "Tarnholm")


def test_a_document_that_is_not_needed_is_a_shortcut_and_the_search_ends_with_the_first() -> None:
    [row], _, serving = checked(AnswerableEvaluator(given="some"), [chain(ENGINE, MARA, BRISK)])
    assert (row["answerable"], row["from_documents"], row["tries"]) == (True, [1, 2], 1)
    assert len(serving.requests) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_proper_subset_but_the_empty_one_is_tried_once_the_largest_first(count: int) -> None:
    texts = [f"Nothing is said in text {place}, whatever it is." for place in range(count)]
    [row], _, serving = checked(AnswerableEvaluator(given="some"), [chain(*texts, BRISK)])
    sizes = [documents_in(request) for request in serving.requests]
    assert row["tries"] == len(sizes) == 2 ** (count + 1) - 2
    assert sizes == sorted(sizes, reverse=True)
    assert len({user_text(request) for request in serving.requests}) == len(sizes)


def test_a_withheld_document_can_be_replaced_by_a_passage_that_does_not_answer() -> None:
    row = {**chain(ENGINE, MARA).as_row(), "negatives": [OTTO]}
    kept, serving = MemoryStorage(), ScriptedServing(reader)
    table = tasks([row], negatives=pa.list_(pa.string()))
    AnswerableEvaluator(given="some", fill=True).run(MemoryStorage(table), into=kept, resources={"llm": serving})
    assert [(ENGINE in user_text(request), MARA in user_text(request)) for request in serving.requests] == [(True, False), (False, True)]
    assert [documents_in(request) for request in serving.requests] == [2, 2]
    assert all(OTTO in user_text(request) for request in serving.requests)


def test_too_many_documents_are_refused_and_not_asked_about() -> None:
    kept, aside, serving = checked(AnswerableEvaluator(given="some", most_documents=3), [chain(*TEXTS)])
    assert (kept, serving.requests) == ([], [])
    assert "5 documents" in aside[0]["rejected_reason"]
    assert "30 subsets" in aside[0]["rejected_reason"]


def test_of_several_samples_a_share_has_to_be_right() -> None:
    def answer(request: Request) -> str:
        return json.dumps({"answer": "Tarnholm" if request.sample == 0 else "Oslo"})

    often = AnswerableEvaluator(given="nothing", samples=4, temperature=0.7)
    assert checked(often, [chain(ENGINE, MARA)], answer)[0][0]["answerable"] is False
    assert checked(often.changed(needed=0.25), [chain(ENGINE, MARA)], answer)[0][0]["answerable"] is True


def test_the_filter_says_from_what_a_question_was_answered() -> None:
    rows = [
        {"answerable": False, "from_documents": None, "said": "no idea"},
        {"answerable": True, "from_documents": [], "said": "Oslo"},
        {"answerable": True, "from_documents": [1, 3], "said": "Oslo"},
    ]
    _, aside = run(AnswerableFilter(), rows)
    assert [row["rejected_reason"] for row in aside] == [
        'it was answered without its documents: "Oslo"',
        'it was answered from documents 1, 3 alone: "Oslo"',
    ]
    _, aside = run(AnswerableFilter(answerable=True), rows)
    assert [row["rejected_reason"] for row in aside] == ['it was not answered from what was given: "no idea"']


@pytest.mark.parametrize(
    ("said", "golds", "verdict"),
    [
        ("Mara Voss", ["mara voss"], "right"),
        ("It was Mara Voss.", ["Mara Voss"], "right"),
        ("1,000", ["1000 boats", "1000"], "right"),
        ("Otto Kern", ["Mara Voss"], "wrong"),
        ("Mara", ["Mara Voss"], "unclear"),
        ("Yes, they were", ["yes"], "right"),
        ("Yesterday", ["yes"], "wrong"),
        ("Mara Voss", ["Mara Voss; Otto Kern"], "unclear"),
        ("Otto Kern and Mara Voss", ["Mara Voss; Otto Kern"], "right"),
        ("Mara, Otto, Voss and Kern", ["Mara Voss; Otto Kern"], "unclear"),
        ("Otto Kern; Mara Voss", ["Mara Voss; Otto Kern"], "right"),
    ],
)
def test_words_decide_where_they_can(said: str, golds: list[str], verdict: str) -> None:
    assert by_words(said, golds) == verdict


@pytest.mark.parametrize(
    ("said", "gold"),
    [
        ("not in 1998", "1998"),
        ("before 1998", "1998"),
        ("less than 500", "500"),
        ("Bergen or Oslo", "Bergen"),
        ("There is no Bergen", "Bergen"),
        ("Oslo, not Bergen", "Bergen"),
        ("North Korea", "Korea"),
        ("the father of Mara Voss", "Mara Voss"),
        ("没有上海", "上海"),
        ("not 7; Mara", "Mara; seven"),
    ],
)
def test_an_answer_inside_another_one_is_not_right_by_its_words(said: str, gold: str) -> None:
    assert by_words(said, [gold], "What is it?") == "unclear"
    assert by_words(said, [gold], "Is it so or not?") == "unclear"


@pytest.mark.parametrize(
    ("said", "gold"),
    [("It was Mara Voss.", "Mara Voss"), ("Voss, Mara", "Mara Voss"), ("The engine was built by Mara Voss", "Mara Voss"), ("東京です", "東京")],
)
def test_words_of_the_question_and_words_that_say_nothing_stand_around_a_right_answer(said: str, gold: str) -> None:
    assert by_words(said, [gold], "Who built the engine?") == "right"


def test_what_words_do_not_decide_is_judged_or_wrong() -> None:
    def answer(request: Request) -> str:
        judge = "Answer to mark" in user_text(request)
        return json.dumps({"reason": "the same", "same": True} if judge else {"answer": "Mara"})

    assert checked(AnswerableEvaluator(given="nothing"), [WHO_LUMEN], answer)[0][0]["answerable"] is True
    rows, _, serving = checked(AnswerableEvaluator(given="nothing", judge=False), [WHO_LUMEN], answer)
    assert rows[0]["answerable"] is False
    assert len(serving.requests) == 1


def test_difficulty_is_the_share_of_samples_that_are_right() -> None:
    def answer(request: Request) -> str:
        return json.dumps({"answer": "Tarnholm" if request.sample % 2 else "Oslo"})

    [row], _, serving = checked(SolvedShareEvaluator(samples=4), [chain(ENGINE, MARA)], answer)
    assert row["solved_share"] == 0.5
    assert row["sampled_answers"] == ["Oslo", "Tarnholm", "Oslo", "Tarnholm"]
    assert all(documents_in(request) == 2 for request in serving.requests)


LEAKS = [
    ("Was it Mara Voss's engine?", "Mara Voss", 'the question says its answer: "Mara Voss"'),
    ("Which town has 1,000 boats?", "1000", 'the question says its answer: "1000"'),
    ("Where did Mara Voss go from Tarnholm?", "Tarnholm; Felmark", 'the question says its answer: "Tarnholm"'),
    ("塔恩霍姆在哪里？", "塔恩霍姆", 'the question says its answer: "塔恩霍姆"'),
]


@pytest.mark.parametrize(("question", "answer", "reason"), LEAKS)
def test_a_question_that_says_its_answer_is_thrown_out(question: str, answer: str, reason: str) -> None:
    _, aside = run(LeakageFilter(), [{"question": question, "answer": answer}])
    assert [row["rejected_reason"] for row in aside] == [reason]


def test_an_alias_or_an_answer_on_the_way_is_a_leak_too_and_what_is_only_part_of_a_word_is_none() -> None:
    rows = [
        {"question": "Who wrote it in NYC?", "answer": "New York", "aliases": ["NYC"], "hidden": [], "kind": "atomic"},
        {"question": "Where was Mara Voss born?", "answer": "Tarnholm", "aliases": [], "hidden": ["Mara Voss"], "kind": "chain"},
        {"question": "Is art party of it?", "answer": "part", "aliases": [], "hidden": [], "kind": "atomic"},
        {"question": "Is it so, yes?", "answer": "yes", "aliases": [], "hidden": [], "kind": "atomic"},
        {"question": "Which is older, the bridge or the tower?", "answer": "tower", "aliases": [], "hidden": ["1688"], "kind": "comparison"},
    ]
    kept, aside = run(LeakageFilter(), rows)
    assert [row["answer"] for row in kept] == ["part", "yes", "tower"]
    assert aside[1]["rejected_reason"] == 'the question says an answer on the way: "Mara Voss"'


@pytest.mark.parametrize(
    ("question", "topic", "reason"),
    [
        ("Who wrote the Lumen engine?", "Lumen engine", None),
        ("According to the text, who wrote the Lumen engine?", "Lumen engine", "points to what its reader cannot see"),
        ("What does it draw at night?", None, "points to what its reader cannot see"),
        ("Who wrote?", None, "2 words"),
        ("Where was Otto Kern born?", "Otto Kern's birthplace", None),
        ("Who wrote the Brisk engine?", "Lumen; Brisk", 'says no word of "Lumen"'),
        ("x" * 2000, None, "2,000 characters"),
    ],
)
def test_a_question_can_be_understood_alone(question: str, topic: str | None, reason: str | None) -> None:
    _, aside = run(SelfContainedQuestionFilter(), [{"question": question, "topic": topic or "x"}] if topic else [{"question": question}])
    assert [reason in row["rejected_reason"] for row in aside if reason] == [True] * len(aside) == [True] * bool(reason)


def test_hard_negatives_are_found_passages_that_neither_answer_nor_repeat_the_evidence() -> None:
    again = ENGINE.replace("sea", "wide sea")
    near = "The Lumen lamp was built by Mara Voss, who has an engine for it too."
    found = [passage(ENGINE, "d0"), passage(again, "d7"), passage(near, "d8"), passage(BRISK, "d3"), passage(BOTH, "d5"), passage(MARA, "d6")]
    row = {**WHO_LUMEN.as_row(), "passages": found}
    [made] = HardNegativesEvaluator(count=2).run([{**row, "quotes": None, "steps": None, "hidden": None}]).table.to_pylist()
    assert made["negative_ids"] == ["d3", "d5"]
    assert made["negatives"] == [BRISK, BOTH]


RELEASES = [
    {"row_id": f"r{number}", "text": f"Release {number} of the library {name} mends an error."} for number, name in enumerate(["Ora", "Pell", "Quan"])
]


def test_a_question_has_to_find_its_own_document_before_all_others() -> None:
    questions = [
        {"question": "What does the release of Pell mend?", "document_ids": ["r1"]},
        {"question": "What does the release of the library mend?", "document_ids": ["r2"]},
        {"question": "What does the release of Quan mend, and the one before it?", "document_ids": ["r1", "r2"]},
        {"question": "Wer hat recht?", "document_ids": ["r0"]},
    ]
    found = FindableQuestionFilter().run(questions, RELEASES)
    assert [row["question"] for row in found.table.to_pylist()] == [questions[0]["question"], questions[2]["question"]]
    assert [reason.split(":")[1].strip()[:20] for reason in found.rejected.column("rejected_reason").to_pylist()] == [
        "a search finds other",
        "a search finds nothi",
    ]
    assert len(FindableQuestionFilter(first=3).run(questions, RELEASES).table) == 3


def test_a_copy_of_the_document_is_found_as_well_as_the_document() -> None:
    texts = [f"{ENGINE}\n", ENGINE, OTTO]
    corpus = MemoryStorage(pa.table({"row_id": [f"r{row}" for row in range(3)], "text": texts}))
    question = {"question": "Who wrote the Lumen engine?", "document_ids": ["r1"]}
    assert FindableQuestionFilter().run([{**question, "documents": [ENGINE]}], corpus).rows_out == 1
    assert FindableQuestionFilter().run([{**question, "documents": [OTTO]}], corpus).rows_out == 0
    assert FindableQuestionFilter().run([question], corpus).rows_out == 0


def test_a_corpus_without_the_column_is_told() -> None:
    with pytest.raises(ColumnError, match='corpus_text: column "texts" does not exist'):
        FindableQuestionFilter(corpus_text="texts").run([{"question": "Who?", "document_ids": ["r0"]}], RELEASES)
