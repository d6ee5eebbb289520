"""Faults of the reference's operators on solutions that a model writes, votes on and judges, and that ours have them not."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.generic.selection.vote import MajorityVoteFilter
from operators.math.solutions.judging import AnswerJudgeEvaluator, AnswerJudgeFilter
from operators.math.solutions.pretraining import PretrainingTextGenerator
from operators.math.solutions.prompts import ReasoningPrompt
from operators.math.solutions.tokens import EstimatedTokenFilter
from operators.math.solutions.voting import MajorityVoteEvaluator, vote_on
from operators.math.solutions.writing import SolutionGenerator, SolutionSamplesGenerator
from operators.tables.errors import ColumnError, ParameterError
from tests.faults import fault
from tests.math.asking import always, ask, in_turn, run, system_text
from tests.text.faults.asking import user_text

QUESTION = [{"question": "What is half of 1?", "golden_answer": "1/2"}]


def boxed(*answers: str) -> Any:
    return in_turn(*(rf"We halve it: \boxed{{{answer}}}" if answer else "" for answer in answers))


# Chain of thought


@fault("no sampling count, no stop/length control, no retry of failed rows")
def test_length_and_samples_are_parameters_and_a_failed_row_is_set_aside_and_can_be_asked_again() -> None:
    kept, aside, serving = ask(SolutionGenerator(max_tokens=77), QUESTION, boxed("0.5"))
    assert serving.requests[0].sampling.max_tokens == 77
    assert kept[0]["solution"].endswith(r"\boxed{0.5}")
    kept, aside, _ = ask(SolutionGenerator(), QUESTION, lambda _: Failure("truncated", "cut at 77 tokens"))
    assert (kept, aside[0]["rejected_reason"]) == ([], "truncated: cut at 77 tokens")
    kept, _, serving = ask(SolutionSamplesGenerator(samples=5), QUESTION, boxed("0.5"))
    assert [request.sample for request in serving.requests] == [0, 1, 2, 3, 4]


@fault("forbids overwriting, so a rerun on cached output fails")
def test_a_rerun_gives_the_same_table_and_a_column_that_is_there_is_told_with_what_to_do() -> None:
    first, _, _ = ask(SolutionGenerator(), QUESTION, boxed("0.5"))
    again, _, _ = ask(SolutionGenerator(), QUESTION, boxed("0.5"))
    assert first == again
    with pytest.raises(ColumnError, match="would overwrite"):
        ask(SolutionGenerator(), first, boxed("0.5"))
    second, _, _ = ask(SolutionGenerator().bind(output_solution="second_solution"), [{**QUESTION[0], "solution": "old"}], boxed("0.5"))
    assert second[0]["solution"] == "old"


def test_the_gold_answer_is_shown_only_where_it_is_asked_for_and_then_has_to_be_reached() -> None:
    _, _, serving = ask(SolutionGenerator(), QUESTION, boxed("0.7"))
    assert "1/2" not in user_text(serving.requests[0])
    kept, _, serving = ask(SolutionGenerator(show_gold=True), QUESTION, boxed("0.7", "0.5"))
    assert "The right answer is 1/2" in user_text(serving.requests[0])
    assert "ends with 0.7, not with 1/2" in str(serving.requests[1].messages[-1].content)
    assert kept[0]["solution"].endswith(r"\boxed{0.5}")
    kept, aside, _ = ask(SolutionGenerator(show_gold=True), QUESTION, boxed("0.7"))
    assert kept == []
    assert "not with 1/2" in aside[0]["rejected_reason"]
    kept, _, _ = ask(SolutionGenerator(show_gold=True), [{"question": "What is half of 1?", "golden_answer": None}], boxed("0.7"))
    assert len(kept) == 1


def test_the_prompt_for_any_subject_asks_for_no_box() -> None:
    _, _, serving = ask(SolutionGenerator(prompt=ReasoningPrompt()), QUESTION, always())
    assert "boxed" not in system_text(serving.requests[0])


# Samples and votes


@fault("[verified] the prompt template is stored but never used: the raw question is sent")
@fault("with temperature 0 (serving default) all votes are identical")
def test_samples_are_asked_with_the_prompt_and_drawn_freely() -> None:
    _, _, serving = ask(SolutionSamplesGenerator(samples=2), QUESTION, boxed("0.5"))
    assert system_text(serving.requests[0]).startswith("You solve problems")
    assert serving.requests[0].sampling.temperature == 0.7
    own = SolutionSamplesGenerator(samples=2, prompt={"system": "Be brief.", "user": "Q: {{ question }}"})
    _, _, serving = ask(own, QUESTION, boxed("0.5"))
    assert (system_text(serving.requests[0]), user_text(serving.requests[0])) == ("Be brief.", "Q: What is half of 1?")
    with pytest.raises(ParameterError, match="at temperature 0 are the same answer"):
        SolutionSamplesGenerator(samples=3, temperature=0)


@fault("[verified] empty extractions count as votes and are kept as the answer (never NaN), so failed calls give an empty gold answer")
def test_a_sample_without_an_answer_is_no_vote() -> None:
    def answer(request: Request) -> Any:
        replies = [r"\boxed{1/2}", Failure("timeout", "none"), "Nobody can say how that ends, and I cannot either.", Failure("timeout", "none")]
        return replies[request.sample]

    kept, _, _ = ask(SolutionSamplesGenerator(), QUESTION, answer)
    assert kept[0]["sampled_answers"] == ["1/2", None, None, None]
    voted, _ = run(MajorityVoteEvaluator(), kept)
    assert (voted[0]["voted_answer"], voted[0]["vote_outcome"], voted[0]["votes"]) == (None, "too few votes", "1/2: 1, no answer: 3")
    voted, _ = run(MajorityVoteEvaluator(least=1), kept)
    assert (voted[0]["voted_answer"], voted[0]["vote_outcome"]) == ("1/2", "majority")
    voted, _ = run(MajorityVoteEvaluator(), [{"sampled_answers": ["1/2"]}])
    assert voted[0]["voted_answer"] == "1/2", "where one answer was asked for, it is all of them"
    none, _ = run(MajorityVoteEvaluator(), [{"sampled_answers": [None, "", " "]}])
    assert (none[0]["voted_answer"], none[0]["vote_outcome"]) == (None, "no votes")


@fault("answers clustered by string equality, 1/2 and 0.5 differ")
def test_answers_that_say_the_same_vote_together() -> None:
    rows = [{"sampled_answers": [r"\frac{1}{2}", "0.7", "0.5", "50%"], "solutions": ["a", "b", "c", "d"]}]
    voted, _ = run(MajorityVoteEvaluator(), rows)
    assert (voted[0]["votes"], voted[0]["vote_share"]) == (r"\frac{1}{2}: 3, 0.7: 1", 0.75)
    assert (voted[0]["agreeing_solutions"], voted[0]["voted_solution"]) == (["a", "c", "d"], "a")


@pytest.mark.parametrize(
    ("answers", "programs", "outcome"),
    [
        (["1", "2"], None, "tie"),
        (["1", "1", "2", "3"], None, "no majority"),
        (["1", "1", "2"], None, "majority"),
        (["1", "1", "2"], ["1", None], "majority"),
        (["1", "1", "2"], ["2", "2"], "programs disagree"),
        (["1", "1", "2"], [None], "no program answer"),
        (["1", "1", "2"], ["1", "2"], "programs: tie"),
        (["1", "2"], ["1"], "tie"),
    ],
)
def test_ties_and_disagreements_are_rejected_with_the_votes(answers: list[str], programs: list[str] | None, outcome: str) -> None:
    row: dict[str, Any] = {"sampled_answers": answers, **({"program_answers": programs} if programs else {})}
    voted, _ = run(MajorityVoteEvaluator(), [row])
    assert voted[0]["vote_outcome"] == outcome
    kept, aside = run(MajorityVoteFilter(), voted)
    assert len(kept) == (outcome == "majority")
    assert (voted[0]["voted_answer"] is None) == bool(aside)
    if aside:
        assert aside[0]["rejected_reason"].startswith(f"{outcome} ({answers[0]}: ")


def test_a_share_of_the_votes_can_be_asked_for() -> None:
    voted, _ = run(MajorityVoteEvaluator(), [{"sampled_answers": ["1", "1", "2"]}, {"sampled_answers": ["3"] * 4}])
    kept, aside = run(MajorityVoteFilter(min_share=0.9), voted)
    assert [row["voted_answer"] for row in kept] == ["3"]
    assert aside[0]["rejected_reason"] == "0.67 of the votes, below min_share = 0.9 (1: 2, 2: 1)"


# A model as judge


@fault('fallback accepts any reply containing the substring true, such as "not true"')
@fault("failed calls indistinguishable from wrong answers")
def test_only_the_field_counts_and_a_failed_call_is_no_verdict() -> None:
    row = {"question": "Why is the sky blue?", "solution": "Answer: because of the scattering of light", "golden_answer": "scattering of light"}
    for operator in (AnswerJudgeFilter(), AnswerJudgeEvaluator()):
        kept, _, _ = ask(operator, [row], always(reason="it is not true that they differ", same=False))
        assert [one.get("answer_matches") for one in kept] == ([] if isinstance(operator, AnswerJudgeFilter) else [False])
        _, aside, _ = ask(operator, [row], lambda _: "not true")
        assert aside[0]["rejected_as"] == "failed"
        _, aside, _ = ask(operator, [row], lambda _: Failure("unavailable", "503"))
        assert (aside[0]["rejected_as"], aside[0]["rejected_reason"]) == ("failed", "unavailable: 503")


def test_what_is_proven_needs_no_model_and_what_has_no_reference_is_told() -> None:
    rows = [
        {"question": "?", "solution": r"\boxed{0.5}", "golden_answer": "1/2"},
        {"question": "?", "solution": r"\boxed{0.7}", "golden_answer": "1/2"},
        {"question": "?", "solution": "Answer: a cat", "golden_answer": "an animal of the family of cats"},
        {"question": "?", "solution": "Answer: a cat", "golden_answer": None},
    ]
    kept, _, serving = ask(AnswerJudgeEvaluator(), rows, always(reason="the same animal", same=True))
    assert [(row["answer_matches"], row["answer_matches_by"]) for row in kept] == [
        (True, "proof"),
        (False, "proof"),
        (True, "model"),
        (None, "nothing"),
    ]
    assert len(serving.requests) == 1
    kept, aside, _ = ask(AnswerJudgeFilter(), rows, always(reason="the same animal", same=True))
    assert len(kept) == 2
    assert [row["rejected_reason"] for row in aside] == ["0.7 beside 1/2 (by proof)", "there is no reference answer"]
    _, _, serving = ask(AnswerJudgeEvaluator(prove_first=False), rows, lambda _: json.dumps({"reason": "", "same": True}))
    assert len(serving.requests) == 3


# Found later


def test_who_votes_together_does_not_depend_on_the_order_of_the_samples() -> None:
    for given in (["28%", "0.28", "28"], ["1/3", "0.3333", "0.33333", "0.33334"], ["1/2", "0.5", "50%", "3"]):
        votes = {
            (vote.outcome, vote.share, tuple(sorted(count for _, count in vote.votes)))
            for vote in (vote_on(order, 0.5) for order in itertools.permutations(given))
        }
        assert len(votes) == 1, given
    assert all(vote_on(order, 0.5).votes[0][1] == 2 for order in itertools.permutations(["28%", "0.28", "28"])), "28 is not 0.28"


def test_a_length_that_no_text_can_have_is_refused() -> None:
    with pytest.raises(ParameterError, match="min_tokens=5 is above max_tokens=3"):
        EstimatedTokenFilter(min_tokens=5, max_tokens=3)


@pytest.mark.parametrize("row", [{"question": " ", "solution": "s"}, {"question": "q", "solution": ""}, {"question": None, "solution": "s"}])
def test_a_blank_question_or_answer_gives_no_text(row: dict[str, Any]) -> None:
    kept, _ = run(PretrainingTextGenerator(), [row, {"question": "q", "solution": "s"}])
    assert [one["text"] for one in kept] == [None, "q\n\ns"]
