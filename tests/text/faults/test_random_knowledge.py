"""Rows about anything: topics drawn by weights, no two alike, and the faults of the reference's operator that ours have not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.tables.errors import ColumnError, StageFailed
from operators.text.synthesis.random_knowledge import DomainKnowledgeGenerator, DomainTopicRowsGenerator
from tests.faults import fault
from tests.math.asking import always, ask, in_turn
from tests.text.faults.asking import user_text

COLUMNS = ("topic", "domain", "theme", "task_type", "level")
GOOD = {"instruction": "Explain why bread rises.", "input": "", "output": "Yeast makes gas."}


def drawn(rows: int = 1, **parameters: Any) -> list[dict[str, Any]]:
    table = DomainTopicRowsGenerator(**parameters).run([{"wish": f"rows {number}"} for number in range(rows)]).table
    return list(table.to_pylist())


@fault("identical prompts: diversity only from temperature, and a response cache would return one sample")
def test_no_two_rows_ask_for_the_same_at_temperature_zero() -> None:
    seeds = drawn(2, each=150)
    assert len({tuple(row[name] for name in COLUMNS) for row in seeds}) == 300
    assert Counter(len(row["parent_ids"]) for row in seeds) == {1: 300}
    rows = [{name: row[name] for name in COLUMNS} for row in seeds[:40]]
    _, _, serving = ask(DomainKnowledgeGenerator(), rows, always(**GOOD))
    assert len({user_text(request) for request in serving.requests}) == 40
    assert {request.sampling.temperature for request in serving.requests} == {0.0}


def test_the_draw_depends_on_seed_and_ids_and_weights_alone() -> None:
    assert drawn(each=20) == drawn(each=20)
    assert drawn(each=20) != drawn(each=20, seed=1)
    plain = Counter(row["topic"] for row in drawn(each=2000))
    heavy = Counter(row["topic"] for row in drawn(each=2000, weights={"Physics": 10}))
    assert heavy["Physics"] > 4 * plain["Physics"]
    assert {row["topic"] for row in drawn(each=200, weights={topic: 0 for topic in plain if topic != "Physics"})} == {"Physics"}
    none = drawn(each=500, weights={"Mathematics/Algebra": 0})
    assert not any(row["domain"] == "Algebra" for row in none)


def test_a_row_that_was_drawn_stays_as_more_are_asked_for() -> None:
    few, many = ({tuple(row[name] for name in COLUMNS) for row in drawn(each=each)} for each in (30, 90))
    assert few < many


def test_more_rows_than_there_are_combinations_and_a_topic_that_is_not_there_are_refused() -> None:
    with pytest.raises(StageFailed, match="are asked for, and the tree has"):
        drawn(each=1_000_000)
    with pytest.raises(StageFailed, match=r"Phisics[\s\S]*Physics"):
        drawn(weights={"Phisics": 2})


@fault("JSON not parsed")
def test_the_sample_stands_in_columns_and_one_that_does_not_fit_is_asked_for_again() -> None:
    [seed] = drawn(each=1)
    answers = in_turn(
        "no JSON", '{"instruction": "Explain why bread rises."}', '{"instruction": "Explain why it rises.", "input": "", "output": "Gas."}'
    )
    kept, _, serving = ask(DomainKnowledgeGenerator(), [{name: seed[name] for name in COLUMNS}], answers)
    assert (kept[0]["instruction"], kept[0]["input"], kept[0]["output"]) == ("Explain why it rises.", "", "Gas.")
    assert len(serving.requests) == 3


@fault("length check implicit; LLM exception is caught and the step returns without writing, so the next step fails far from the cause")
def test_rows_that_fail_are_set_aside_with_the_reason_and_the_others_go_on() -> None:
    rows = [{name: row[name] for name in COLUMNS} for row in drawn(each=3)]

    def answer(request: Request) -> Any:
        if rows[1]["theme"] in user_text(request):
            return Failure("unavailable", "503")
        return always(**(GOOD if rows[2]["theme"] not in user_text(request) else {**GOOD, "output": GOOD["instruction"]}))(request)

    kept, aside, _ = ask(DomainKnowledgeGenerator(), rows, answer)
    assert len(kept) == 1
    assert sorted(row["rejected_reason"][:14] for row in aside) == ["invalid_answer", "unavailable: 5"]
    with pytest.raises(ColumnError, match='column "theme" does not exist'):
        DomainKnowledgeGenerator().run([{"topic": "a"}], resources={"llm": None})
