"""Faults of the reference's Condor: questions from a tree of themes, and answers made better by reviewing them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.tables.storage import MemoryStorage
from operators.testing.scripted_serving import ScriptedServing, smallest_answer
from operators.text.duplicates.exact import ExactDedup
from operators.text.synthesis.condor import CondorGenerator, CondorRefiner, DomainTopicGenerator, ReviewedAnswerGenerator
from operators.text.synthesis.domain_tree import load_domain_tree
from tests.faults import fault
from tests.text.faults.asking import BAD_ANSWERS, ask, in_turn, user_text

THEME = {"topic": "Animals", "domain": "Cats", "theme": "lions"}


def condor(request: Request) -> str:
    """Three questions, and an answer to each."""
    if request.json_schema:
        return json.dumps({"easy": "What is\na lion?", "medium": "Where do\n\n1. lions and\n2. tigers live?", "hard": "Why do lions hunt in groups?"})
    return f"answer to {user_text(request)}"


# Condor: questions


@fault("prompt_template default None crashes at run")
@fault("default None crashes")
@pytest.mark.parametrize(
    ("operator", "row"),
    [
        (CondorGenerator(), THEME),
        (CondorRefiner(), {"instruction": "q", "output": "a"}),
        (ReviewedAnswerGenerator(), {"instruction": "q", "output": "a"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_condor_runs_with_its_defaults(operator: Operator, row: dict[str, str]) -> None:
    kept, aside, _ = ask(operator, [row])
    assert kept
    assert not aside


@fault("unseeded random: not reproducible")
def test_the_themes_of_a_table_are_the_same_on_every_run_and_others_with_another_seed() -> None:
    rows = [{"row_id": str(row)} for row in range(50)]
    runs = [[(row["topic"], row["theme"], row["task_type"]) for row in ask(DomainTopicGenerator(seed=seed), rows)[0]] for seed in (7, 7, 8)]
    assert runs[0] == runs[1] != runs[2]
    assert len(set(runs[0])) > 40


@fault("multi-line questions are cut to their first line")
@fault("topic/domain/theme/task type metadata collected and then thrown away")
@fault("replaces any earlier data in the pipeline")
def test_questions_keep_all_their_lines_their_theme_and_the_columns_and_row_that_they_come_from() -> None:
    source = MemoryStorage(pa.Table.from_pylist([{"row_id": "r", **THEME, "task_type": "explanation", "campaign": 7}]))
    made = MemoryStorage()
    CondorGenerator().run(source, into=made, resources={"llm": ScriptedServing(condor)})
    rows = made.read().to_pylist()
    assert [row["instruction"] for row in rows] == ["What is\na lion?", "Where do\n\n1. lions and\n2. tigers live?", "Why do lions hunt in groups?"]
    assert [row["output"] for row in rows] == [f"answer to {row['instruction']}" for row in rows]
    assert [row["difficulty"] for row in rows] == ["easy", "medium", "hard"]
    assert all({**THEME, "task_type": "explanation", "campaign": 7}.items() <= row.items() and row["parent_ids"] == ["r"] for row in rows)
    assert source.count_rows() == 1, "the table of themes is still there"


@fault("a failed answer (None) crashes on strip")
@pytest.mark.parametrize("kind", [*BAD_ANSWERS, "a failed call"])
def test_a_theme_without_usable_questions_is_set_aside_and_the_others_are_not(kind: str) -> None:
    def answer(request: Request) -> Any:
        if "tigers" in user_text(request) and request.json_schema:
            return BAD_ANSWERS.get(kind, Failure("filtered", "refused"))
        return condor(request)

    kept, aside, _ = ask(CondorGenerator(), [THEME, {**THEME, "theme": "tigers"}], answer)
    assert {row["theme"] for row in kept} == {"lions"}
    assert [row["theme"] for row in aside] == ["tigers"]


@fault("a failed answer (None) crashes on strip")
def test_a_question_whose_answer_fails_is_told() -> None:
    kept, aside, _ = ask(CondorGenerator(), [THEME], lambda request: condor(request) if request.json_schema else Failure("timeout", "too late"))
    assert not kept
    assert aside[0]["rejected_reason"] == "timeout: too late"


@fault("no duplicate check")
def test_a_question_is_kept_once_in_a_theme_and_over_the_table_with_the_dedup_that_follows() -> None:
    same = {"easy": "What is a lion?", "medium": "What is a lion?", "hard": "What is a lion? "}
    kept, _, serving = ask(CondorGenerator(), [THEME], lambda request: json.dumps(same) if request.json_schema else "a cat")
    assert [row["instruction"] for row in kept] == ["What is a lion?"]
    assert len(serving.requests) == 2, "the equal questions were not answered again"
    made, unique, lost = MemoryStorage(), MemoryStorage(), MemoryStorage()
    CondorGenerator().run(
        MemoryStorage(pa.Table.from_pylist([THEME, {**THEME, "theme": "tigers"}])), into=made, resources={"llm": ScriptedServing(condor)}
    )
    ExactDedup().run(made, into=unique, rejected=lost, input_text="instruction")
    assert made.count_rows() == 6
    assert max(Counter(row["instruction"] for row in unique.read().to_pylist()).values()) == 1
    assert unique.count_rows() == 3
    assert all("duplicate of" in row["rejected_reason"] for row in lost.read().to_pylist())


def test_the_tree_of_themes_is_wide_and_each_domain_of_a_topic_has_several() -> None:
    """The reference's has 45 topics and 811 themes."""
    leaves = load_domain_tree()
    domains = Counter((topic, domain) for topic, domain, _ in leaves)
    assert len({topic for topic, _ in domains}) >= 45
    assert len(leaves) == len(set(leaves)) > 1000
    assert min(domains.values()) >= 4
    assert all(theme == theme.strip() and theme for _, _, theme in leaves)


# Condor: answers made better


def reviewer(request: Request, verdict: str = "better", improved: str = "a better answer") -> str:
    """Says of the new answer, in whichever order it is shown, that it is better, worse or equal."""
    if request.json_schema is None:
        return improved
    asked_for = request.json_schema["properties"]
    if "better" not in asked_for:
        return json.dumps({name: f"some {name}" for name in asked_for})
    new, old = ("first", "second") if f"First answer:\n{improved}" in user_text(request) else ("second", "first")
    return json.dumps({"reason": "it is complete", "better": {"better": new, "worse": old, "equal": "equal"}[verdict]})


@fault("original answer and critique are lost")
def test_the_old_answer_the_review_and_the_new_answer_stand_side_by_side() -> None:
    kept, _, _ = ask(ReviewedAnswerGenerator(), [{"instruction": "q", "output": "an answer"}], reviewer)
    assert {name: value for name, value in kept[0].items() if name != "row_id"} == {
        "instruction": "q",
        "output": "an answer",
        "improved_output": "a better answer",
        "best_output": "a better answer",
        "strengths": "some strengths",
        "weaknesses": "some weaknesses",
        "suggestion": "some suggestion",
        "verdict": "better",
        "verdict_reason": "it is complete",
    }


@fault("failure text replaces the answer; no score that it became better")
class TestAnswersThatDidNotBecomeBetter:
    @pytest.mark.parametrize("verdict", ["worse", "equal", "better"])
    def test_it_is_said_whether_the_new_answer_is_better(self, verdict: str) -> None:
        kept, _, _ = ask(ReviewedAnswerGenerator(), [{"instruction": "q", "output": "an answer"}], lambda request: reviewer(request, verdict))
        assert kept[0]["verdict"] == verdict
        assert kept[0]["best_output"] == ("a better answer" if verdict == "better" else "an answer")
        refined, _, _ = ask(CondorRefiner(), [{"instruction": "q", "output": "an answer"}], lambda request: reviewer(request, verdict))
        assert refined[0]["output"] == ("a better answer" if verdict == "better" else "an answer")

    @pytest.mark.parametrize("place", ["first", "second"])
    def test_a_judge_that_always_prefers_one_place_finds_none_better(self, place: str) -> None:
        def answer(request: Request) -> str:
            asked_for = (request.json_schema or {}).get("properties", {})
            return json.dumps({"reason": "it is longer", "better": place}) if "better" in asked_for else reviewer(request)

        kept, _, _ = ask(ReviewedAnswerGenerator(), [{"instruction": "q", "output": "an answer"}], answer)
        assert (kept[0]["verdict"], kept[0]["best_output"]) == ("equal", "an answer")
        assert "contradicts itself when the order is turned" in kept[0]["verdict_reason"]

    @pytest.mark.parametrize("verify", [True, False])
    @pytest.mark.parametrize(
        ("written", "verdict", "improved"),
        [
            (" An  answer of five words.\n", "equal", "An  answer of five words."),
            ("What is  rain", "worse", None),
            ("}1) Rain is water.", "worse", None),
            ('"}, "improved": "Rain"', "worse", None),
            ('{"output": "Rain is water."}', "worse", None),
            ("1", "worse", None),
        ],
    )
    def test_what_cannot_be_an_answer_is_seen_without_asking_and_the_old_answer_stays(
        self, written: str, verdict: str, improved: str | None, verify: bool
    ) -> None:
        row = {"instruction": "What is rain?", "output": "An answer of five words."}
        kept, _, serving = ask(ReviewedAnswerGenerator(verify=verify), [row], lambda request: reviewer(request, improved=written))
        assert (kept[0]["verdict"], kept[0]["improved_output"], kept[0]["best_output"]) == (verdict, improved, row["output"])
        assert kept[0]["verdict_reason"].startswith("not compared: ")
        assert len(serving.requests) == 2, "the critique and the new answer; no comparison is paid for"
        refined, aside, _ = ask(CondorRefiner(verify=verify), [row], lambda request: reviewer(request, improved=written))
        assert (refined[0]["output"], aside) == (row["output"], [])

    def test_without_the_comparison_no_verdict_is_claimed(self) -> None:
        kept, _, serving = ask(ReviewedAnswerGenerator(verify=False), [{"instruction": "q", "output": "an answer"}], reviewer)
        assert kept[0]["verdict"] is None
        assert len(serving.requests) == 2

    @pytest.mark.parametrize("operator", [CondorRefiner(), CondorRefiner(verify=False), ReviewedAnswerGenerator()], ids=repr)
    @pytest.mark.parametrize("failing", ["critique", "improved", "preference"])
    def test_a_failed_call_never_stands_where_an_answer_should(self, operator: Operator, failing: str) -> None:
        def answer(request: Request) -> Any:
            asked_for = (request.json_schema or {}).get("properties", {})
            step = "improved" if not asked_for else "preference" if "better" in asked_for else "critique"
            return Failure("unavailable", "no connection") if step == failing else reviewer(request)

        kept, aside, _ = ask(operator, [{"instruction": "q", "output": "an answer"}], answer)
        if failing == "preference" and not operator.verify:  # type: ignore[attr-defined]
            assert kept[0]["output"] == "a better answer"
        else:
            assert not kept
            assert (aside[0]["output"], aside[0]["rejected_reason"]) == ("an answer", "unavailable: no connection")


@fault("missing tags are not detected")
@pytest.mark.parametrize("operator", [CondorRefiner(), ReviewedAnswerGenerator()], ids=lambda operator: operator.name)
class TestReviewsThatLackAPart:
    ROW = {"instruction": "q", "output": "an answer"}

    def test_the_part_is_asked_for_again(self, operator: Operator) -> None:
        answers = in_turn(json.dumps({"strengths": "clear"}), json.dumps({"strengths": "clear", "weaknesses": "short", "suggestion": "say more"}))
        kept, _, serving = ask(
            operator, [self.ROW], lambda request: answers(request) if "strengths" in str(request.json_schema) else reviewer(request)
        )
        assert len(kept) == 1
        assert "weaknesses: Field required; suggestion: Field required" in str(serving.requests[1].messages[-1].content)
        improving = next(request for request in serving.requests if request.json_schema is None)
        assert "Weaknesses: short\nSuggestion: say more" in user_text(improving)

    def test_where_it_stays_away_the_answer_is_set_aside_as_it_was(self, operator: Operator) -> None:
        kept, aside, _ = ask(
            operator, [self.ROW], lambda request: '{"strengths": "clear"}' if "strengths" in str(request.json_schema) else smallest_answer(request)
        )
        assert not kept
        assert aside[0]["output"] == "an answer"
        assert aside[0]["rejected_reason"].startswith("invalid_answer")
