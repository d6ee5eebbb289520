"""Answers scored by words, values, options, judges, programs and likelihoods; and faults of the reference's evaluators that ours have not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.answers import Failure, TokenLogProbabilities
from operators.asking.requests import GivenText, Request
from operators.evaluation.answering import BenchmarkAnswerGenerator
from operators.evaluation.choosing import chosen
from operators.evaluation.judging import BenchmarkJudgeEvaluator
from operators.evaluation.likelihood import BenchmarkLikelihoodEvaluator
from operators.evaluation.programs import BenchmarkProgramEvaluator, whole_program
from operators.evaluation.scoring import BenchmarkScoreEvaluator
from operators.evaluation.stated import stated_value
from operators.evaluation.summary import BenchmarkSummary
from operators.sandboxes import Sandbox, SandboxUnavailable
from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.testing import ScriptedServing
from tests.faults import fault
from tests.math.asking import always, ask, in_turn, run, system_text
from tests.text.faults.asking import user_text

FOLDER = Path(__file__).parents[2] / "operators" / "evaluation"


def scored(measure: str, answer: str | None, **row: Any) -> dict[str, Any]:
    kept, aside = run(BenchmarkScoreEvaluator(), [{"measure": measure, "question": "What?", "model_answer": answer, **row}])
    assert aside == []
    return kept[0]


# Asking


@fault("class default refused by the prompt check (TypeError unless None or instance is passed)")
@fault("class default is refused: TypeError with default arguments")
@fault("class default refused (TypeError); the default prompt never fits so the fallback is always used")
@fault("AnswerJudgePromptQuestion stays the class default (TypeError)")
def test_every_evaluator_works_as_it_is_made_without_arguments() -> None:
    rows = [{"measure": "exact", "question": "What falls?", "model_answer": "hail", "references": ["rain"], "shape": "references"}]
    kept, _, serving = ask(BenchmarkJudgeEvaluator(), rows, always(reason="not the same", same=False))
    assert (kept[0]["right"], kept[0]["scored_by"], len(serving.requests)) == (False, "judge", 1)
    kept, _, _ = ask(BenchmarkJudgeEvaluator(parts=True), rows, always(parts=[{"part": "what", "verdict": "right"}]))
    assert (kept[0]["right"], kept[0]["parts_asked"]) == (True, 1)
    kept, _, _ = ask(BenchmarkAnswerGenerator(), [{"measure": "exact", "question": "What falls?"}], lambda _: "rain")
    assert kept[0]["model_answer"] == "rain"


@fault("LLM failure becomes empty answers, indistinguishable from wrong answers")
def test_no_answer_of_the_model_is_wrong_with_its_reason_and_no_answer_of_the_server_says_nothing_of_it() -> None:
    rows = [{"measure": "exact", "question": f"Number {number}?", "references": ["1"]} for number in range(6)]
    of_the_model = (Failure("truncated", "cut at 5 tokens"), Failure("malformed", "m answered with an empty text"), Failure("filtered", "no"))
    of_the_server = (Failure("unavailable", "503"), Failure("bad_request", "no model of this name"))
    kept, aside, _ = ask(BenchmarkAnswerGenerator(), rows, in_turn("1", *of_the_model, *of_the_server))
    assert [row["model_answer"] for row in kept] == ["1", None, None, None]
    assert [row["model_answer_fault"] for row in kept[1:]] == [f"{one.kind}: {one.message}" for one in of_the_model]
    assert [row["rejected_reason"] for row in aside] == ["unavailable: 503", "bad_request: no model of this name"]
    verdicts, _ = run(BenchmarkScoreEvaluator(), [{name: value for name, value in row.items() if name != "row_id"} for row in kept])
    assert [(row["right"], row["score_reason"]) for row in verdicts] == [(True, "the same words"), *[(False, "there is no answer")] * 3]


@fault("missing column only logs and passes on")
@fault("columns are used before they are checked")
@fault("undefined names required_columns and keep_all_samples on error paths")
def test_a_column_that_is_not_there_is_told_before_anything_is_asked() -> None:
    serving = ScriptedServing()
    for operator in (BenchmarkAnswerGenerator(), BenchmarkScoreEvaluator(), BenchmarkJudgeEvaluator(), BenchmarkLikelihoodEvaluator()):
        with pytest.raises(ColumnError, match='column "question" does not exist'):
            operator.run([{"Question": "What?", "measure": "exact", "references": ["a"]}], resources={"llm": serving})
    assert serving.requests == []


@fault("template errors are swallowed and replaced by a fallback prompt")
def test_a_template_that_cannot_be_filled_is_told_before_anything_is_asked() -> None:
    with pytest.raises(ColumnError, match='prompt variable "qestion" is not bound'):
        BenchmarkAnswerGenerator(prompt="{{ qestion }}").run([{"measure": "exact", "question": "What?"}], resources={"llm": ScriptedServing()})
    with pytest.raises(ParameterError):
        BenchmarkAnswerGenerator(prompt="{{ question")


def test_each_measure_has_its_prompt_with_context_options_and_the_name_of_the_function() -> None:
    row = {"question": "What falls?", "context": "Weather.", "choices": ["rain", "stones"], "entry_point": "two"}
    _, _, serving = ask(
        BenchmarkAnswerGenerator(), [{**row, "measure": measure} for measure in ("f1", "math", "choice", "choices", "tests", "likelihood")]
    )
    asked = [(system_text(request), user_text(request)) for request in serving.requests]
    assert len(asked) == 5
    assert len({system for system, _ in asked}) == 5
    assert all("Weather." in user for _, user in asked[:4])
    assert asked[2][1].endswith("What falls?\n\nA. rain\nB. stones")
    assert "called two" in asked[4][1]


# Words


@fault("two-way containment: prediction '1' is correct for reference '12'")
@pytest.mark.parametrize(
    ("answer", "reference", "right"),
    [
        ("1", "12", False),
        ("12", "1", False),
        ("It is 12.", "12", True),
        ("The capital is Paris, of course.", "Paris", True),
        ("Paris", "The capital of France is Paris.", False),
        ("It is not Paris", "Paris", False),
        ("It isn't Paris.", "Paris", False),
        ("Es ist nicht Paris.", "Paris", False),
        ("Ce n'est pas Paris.", "Paris", False),
        ("不是水", "水", False),
        ("No: Paris.", "Paris", True),
        ("It is not Paris, France, it is Paris, Texas.", "Paris", True),
        ("It lies in the U.S. of course", "U.S.", True),
        ("它是水", "水", True),
        ("artist", "art", False),
    ],
)
def test_a_reference_stands_in_the_answer_in_whole_words_and_not_the_other_way_round(answer: str, reference: str, right: bool) -> None:
    assert scored("contained", answer, references=[reference])["right"] is right


def test_words_in_common_with_the_best_reference_are_the_score_and_only_the_same_words_are_right() -> None:
    row = scored("f1", "the big red house", references=["blue", "red house"])
    assert (row["right"], row["score"]) == (False, pytest.approx(0.8))
    assert scored("exact", "The Red House!", references=["blue", "red house"])["right"] is True
    assert scored("exact", "<think>blue?</think> red", references=["red"])["right"] is True


@fault("rows without reference count as wrong in the denominator")
def test_a_row_without_a_reference_is_neither_right_nor_wrong() -> None:
    row = {"measure": "exact", "question": "What falls?", "model_answer": "rain"}
    kept, _ = run(BenchmarkScoreEvaluator(), [{**row, "references": references} for references in (["rain"], None, [], [" "])])
    assert [one["right"] for one in kept] == [True, None, None, None]
    assert {one["score_reason"] for one in kept[1:]} == {"there is no reference answer"}
    rows = [{"right": True, "score": 1.0}, {"right": None, "score": None}, {"right": False, "score": 0.0}]
    [every] = BenchmarkSummary().run(rows).table.to_pylist()
    assert (every["rows"], every["scored"], every["right_answers"], every["accuracy"]) == (3, 2, 1, 0.5)


@fault("parse failures are 'invalid' and leave the denominator, so a model that does not answer gets a higher accuracy")
def test_an_answer_that_cannot_be_read_is_wrong_and_stays_in_the_denominator() -> None:
    choices = {"choices": ["rain", "snow"], "right_choices": [0]}
    rows = [scored("choice", answer, **choices) for answer in ("A", "I would rather not say.", None, "")]
    assert [row["right"] for row in rows] == [True, False, False, False]
    assert [row["score_reason"] for row in rows[1:]] == ["the answer chooses no option", "there is no answer", "there is no answer"]
    [every] = BenchmarkSummary().run([{"right": row["right"], "score": row["score"]} for row in rows]).table.to_pylist()
    assert every["accuracy"] == 0.25


@fault("last-number fallback for any text")
@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("I know 3 of the 7 ways, and no more.", None),
        ("As a model of 2023 I cannot answer.", None),
        ("We begin with the 12 apples", None),
        ("She has 3, then 4.\nThe total is 7.", "7"),
        ("So she pays 12 dollars.", "12 dollars"),
        (r"\boxed{5} it is", "5"),
        ("42", "42"),
        ("3 + 4 = 7", "3 + 4 = 7"),
    ],
)
def test_a_number_that_only_stands_in_a_text_is_not_its_answer(answer: str, value: str | None) -> None:
    assert stated_value(answer) == value
    if value is None:
        assert scored("math", answer, references=["12"])["score_reason"] == "no final answer is stated"


def test_values_are_compared_as_values() -> None:
    assert scored("math", "Answer: 0.5", references=["1/3", r"\frac12"])["right"] is True
    assert scored("math", "Thus, f'(x) = 2x.", references=["2x"])["right"] is True
    assert scored("math", "Answer: 13", references=["12"])["score_reason"] == "different: 13 beside 12"


# Options


@fault("first single letter wins, so 'A good choice is C' gives A")
@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("A good choice is C", (2,)),
        ("I think A is wrong, B is wrong. So the answer is **D**.", (3,)),
        ("Answer: A\n\nWait, that is wrong, and so is B.\n\nAnswer: C", (2,)),
        ("<think>A or B?</think> (B)", (1,)),
        ("b", (1,)),
        (r"$\boxed{\text{B}}$", (1,)),
        ("C. jacket", (2,)),
        ("A jacket", (2,)),
        ("答案：B", (1,)),
        ("B\n\n" + "It is because of the cold. " * 30, (1,)),
        ("A dog", None),
        ("None of them", None),
        ("Answer: E", None),
        ("", None),
    ],
)
def test_what_is_stated_is_chosen_and_not_the_first_letter(answer: str, places: tuple[int, ...] | None) -> None:
    assert chosen(answer, ["refrigerator", "a room", "jacket", "oven"]) == places


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("A is wrong because it is warm. B is wrong. The right one is C.", (2,)),
        ("C is not correct; the answer is D", (3,)),
        ("A is not the answer.", None),
        ("Answer: C (not B)", (2,)),
        ("A. refrigerator\nB. a room\nC. jacket\nD. oven\n\nAnswer: B", (1,)),
        ("A. refrigerator\nB. a room\nC. jacket\nD. oven", None),
        ("A: no. B: no. C: yes.\nTherefore C.", (2,)),
        ("The answer is A. A room? No wait, the answer is B.", (1,)),
        ("The answer is B; the other options are A, C and D.", (1,)),
        ("B, C", None),
        ("A或C", None),
        ("D because everything else is wrong", (3,)),
        ("答案是B，因为天冷", (1,)),
        ("答案为（C）", (2,)),
        ("故选A．", (0,)),
        ("正解はBです。", (1,)),
        ("정답은 B입니다", (1,)),
        ("Die Antwort ist C.", (2,)),
        ("Ｂ", (1,)),
        ("I think it's B", (1,)),
        ('{"answer": "C", "reason": "it is cold"}', (2,)),
        (r"The final answer is $\boxed{\textbf{(C)}}$", (2,)),
    ],
)
def test_neither_a_denied_letter_nor_one_of_a_list_is_chosen(answer: str, places: tuple[int, ...] | None) -> None:
    assert chosen(answer, ["refrigerator", "a room", "jacket", "oven"]) == places


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("The correct options are A and C.", (0, 2)),
        ("Options A and C are correct", (0, 2)),
        ("Answer: A, C because they are cold", (0, 2)),
        ("The answers are A and C, not B", (0, 2)),
        ("The right ones:\nA. refrigerator\nC. jacket", (0, 2)),
        ("- A\n- C", (0, 2)),
        ("A + C", (0, 2)),
        ("a, c", (0, 2)),
        ("Options A and C are not right", None),
        ("A or C", None),
    ],
)
def test_several_options_are_read_in_the_forms_in_which_they_are_stated(answer: str, places: tuple[int, ...] | None) -> None:
    assert chosen(answer, ["refrigerator", "a room", "jacket", "oven"], several=True) == places


@given(st.text("ABCD abcd.,:;()\n*是不选答案", max_size=60), st.booleans())
def test_what_is_chosen_is_an_option_and_one_where_one_is_asked_for(answer: str, several: bool) -> None:
    places = chosen(answer, ["refrigerator", "a room", "jacket", "oven"], several)
    assert places is None or (places and set(places) <= set(range(4)) and (several or len(places) == 1))


def test_more_options_than_letters_are_scored_by_what_they_say_and_not_shown_cut() -> None:
    choices = [f"word {number}" for number in range(30)]
    assert scored("choice", "word 28", choices=choices, right_choices=[28])["score_reason"] == "29 is right"
    kept, aside, serving = ask(
        BenchmarkAnswerGenerator(max_failed=1), [{"measure": "choice", "question": "Which?", "choices": choices}], lambda _: "A"
    )
    assert (kept, serving.requests) == ([], [])
    assert "30 options" in aside[0]["rejected_reason"]


@fault("metric called micro_f1 is a mean of row F1")
@pytest.mark.parametrize(
    ("answer", "right", "score"),
    [("Answer: A, C", True, 1.0), ("A and B", False, 0.5), ("A", False, 2 / 3), ("ABCD", False, 2 / 3), ("B", False, 0.0), ("who knows", False, 0.0)],
)
def test_several_options_are_right_where_exactly_those_are_chosen_and_their_f1_is_the_score_of_the_row(
    answer: str, right: bool, score: float
) -> None:
    row = scored("choices", answer, choices=["a", "b", "c", "d"], right_choices=[0, 2])
    assert (row["right"], row["score"]) == (right, pytest.approx(score))
    assert {name for name in BenchmarkSummary().output_columns() if "score" in name} == {"scored", "mean_score", "score_low", "score_high"}


def test_a_row_of_another_measure_says_who_scores_it() -> None:
    for measure, said in (("tests", "BenchmarkProgramEvaluator"), ("likelihood", "BenchmarkLikelihoodEvaluator"), ("bleu", 'no measure "bleu"')):
        with pytest.raises(StageFailed, match=said):
            BenchmarkScoreEvaluator().run([{"measure": measure, "question": "What?", "model_answer": "a"}])


# Judges


@fault("the word true anywhere in a judge answer counts as correct")
@fault('the JSON string "false" is truthy in the judge parser')
def test_the_verdict_of_a_judge_is_a_truth_value_and_what_it_says_around_it_is_none() -> None:
    row = {"question": "What falls?", "model_answer": "hail", "references": ["rain"]}
    kept, aside, serving = ask(BenchmarkJudgeEvaluator(), [row], always(reason="it is true that hail falls too", same=False))
    assert (kept[0]["right"], aside, len(serving.requests)) == (False, [], 1)
    kept, aside, serving = ask(BenchmarkJudgeEvaluator(max_reasks=1), [row], lambda _: "It is true: the same.")
    assert kept == []
    assert aside[0]["rejected_reason"].startswith("invalid_answer")
    kept, _, _ = ask(BenchmarkJudgeEvaluator(), [row], always(reason="no", same="false"))
    assert all(one["right"] is False for one in kept)


def test_a_judge_is_not_asked_what_needs_no_judge() -> None:
    rows = [
        {"question": "What falls?", "model_answer": "The rain.", "references": ["rain"]},
        {"question": "What falls?", "model_answer": None, "references": ["rain"]},
        {"question": "What falls?", "model_answer": "rain", "references": None},
    ]
    kept, _, serving = ask(BenchmarkJudgeEvaluator(), rows)
    assert serving.requests == []
    assert [(row["right"], row["scored_by"]) for row in kept] == [(True, "exact"), (False, "judge"), (None, "judge")]


@fault("about 80% copy of BenchDatasetEvaluator")
@fault("match mode always crashes in statistics (support_subquestions is set only in semantic mode)")
def test_parts_of_a_question_are_a_parameter_of_the_same_judge_and_only_all_of_them_make_it_right() -> None:
    parts = [{"part": "who", "verdict": "right"}, {"part": "when", "verdict": "not answered"}]
    row = {"question": "Who came, and when?", "model_answer": "Ann.", "references": ["Ann, at noon"]}
    kept, _, _ = ask(BenchmarkJudgeEvaluator(parts=True), [row], always(parts=parts))
    told = {name: kept[0][name] for name in ("right", "score", "parts_right", "parts_asked", "answer_parts")}
    assert told == {"right": False, "score": 0.5, "parts_right": 1, "parts_asked": 2, "answer_parts": ["who: right", "when: not answered"]}
    without, _ = run(BenchmarkScoreEvaluator(measure="f1"), [{"measure": "f1", **row}])
    assert without[0]["score"] == pytest.approx(0.5)


@fault("1454 lines in one class")
@fault("imports email.policy by accident")
def test_every_way_of_scoring_is_a_small_file_that_imports_what_it_uses() -> None:
    files = list(FOLDER.rglob("*.py"))
    assert max(len(file.read_text("utf-8").splitlines()) for file in files) <= 200
    assert not any("import email" in (text := file.read_text("utf-8")) or "from email" in text for file in files)


@fault("hidden side file in the working directory; a bare file name makes makedirs('') fail")
def test_nothing_is_written_but_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    BenchmarkScoreEvaluator().run([{"measure": "exact", "question": "?", "model_answer": "a", "references": ["a"]}], output="scores.jsonl")
    BenchmarkSummary().run("scores.jsonl", output="summary.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores.jsonl", "summary.jsonl"]
    assert json.loads(Path("summary.jsonl").read_text("utf-8"))["accuracy"] == 1.0


# Likelihoods


class WeighingServing(ScriptedServing):
    """Each letter is a token; some words are less probable than others."""

    def __init__(self, unlikely: dict[str, float]) -> None:
        super().__init__()
        self.unlikely = unlikely
        self.given: list[GivenText] = []

    async def log_probabilities(self, given: GivenText) -> TokenLogProbabilities:
        self.given.append(given)
        text = given.text.strip()
        each = self.unlikely.get(text, -1.0)
        return TokenLogProbabilities((each,) * len(text), "scripted", 1)


@fault("log-likelihood is not length-normalised and rows are scored one at a time")
def test_a_longer_option_does_not_lose_for_its_length_and_all_options_are_under_way_at_once() -> None:
    row = {"shape": "single_choice", "question": "What falls?", "choices": ["ice", "rain and snow"], "right_choices": [1]}
    serving = WeighingServing({"ice": -0.9, "rain and snow": -0.5})
    kept = {
        per: BenchmarkLikelihoodEvaluator(per=per).run([row], resources={"llm": serving}).table.to_pylist()[0] for per in ("token", "byte", "whole")
    }
    assert {per: one["right"] for per, one in kept.items()} == {"token": True, "byte": True, "whole": False}
    assert all(given.context == "What falls?\nAnswer:" for given in serving.given)
    slow = _SlowWeighing()
    BenchmarkLikelihoodEvaluator().run([row] * 6, resources={"llm": slow})
    assert slow.most_at_once >= 4


class _SlowWeighing(ScriptedServing):
    async def log_probabilities(self, given: GivenText) -> TokenLogProbabilities:
        import asyncio

        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0.01)
        self._at_once -= 1
        return TokenLogProbabilities((-float(len(given.text)),), "scripted", 1)


def test_the_perplexity_of_a_text_is_its_score_and_no_notion_of_right_is_made_up() -> None:
    row = {"shape": "text", "question": "rain falls"}
    [kept] = BenchmarkLikelihoodEvaluator().run([row], resources={"llm": WeighingServing({"rain falls": -2.0})}).table.to_pylist()
    assert (kept["right"], kept["score"]) == (None, pytest.approx(math.exp(2)))


def test_of_a_preference_the_better_answer_has_to_be_more_probable_and_a_tie_is_no_win() -> None:
    row = {"shape": "preference", "question": "What falls?", "choices": ["rain", "cats"], "right_choices": [0]}
    for unlikely, right in (({"cats": -3.0}, True), ({"rain": -3.0}, False), ({}, False)):
        [kept] = BenchmarkLikelihoodEvaluator().run([row], resources={"llm": WeighingServing(unlikely)}).table.to_pylist()
        assert kept["right"] is right


# Programs


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    from resources.sandbox import open_sandbox

    try:
        yield open_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


def verdicts(sandbox: Sandbox, rows: Sequence[dict[str, Any]]) -> list[tuple[Any, str]]:
    made = BenchmarkProgramEvaluator().run(list(rows), resources={"sandbox": sandbox}).table.to_pylist()
    return [(row["right"], row["score_reason"].split(":")[0]) for row in made]


def test_programs_are_right_where_they_pass_and_a_row_without_tests_says_nothing(sandbox: Sandbox) -> None:
    begun = "import math\n\n\ndef area(r):\n    '''Of a circle.'''\n"
    tests = "def check(f):\n    assert f(0) == 0\n    assert 3.1 < f(1) < 3.2\n\ncheck(area)\n"
    row = {"question": begun, "tests": tests, "entry_point": "area"}
    answers = ["```python\ndef area(r):\n    return math.pi * r * r\n```", "    return math.pi * r ** 2", "def area(r):\n    return 3 * r", None]
    found = verdicts(sandbox, [{**row, "model_answer": answer} for answer in answers])
    assert found == [(True, "passed"), (True, "passed"), (False, "failed"), (False, "there is no answer")]
    assert verdicts(sandbox, [{**row, "model_answer": "x = 1", "tests": None}]) == [(None, "the row has no tests")]


def test_what_a_question_begins_stands_before_the_program_once() -> None:
    begun = "from typing import List\n\n\ndef helper(x):\n    return x\n\n\ndef first(xs: List[int]):\n    '''The first.'''\n"
    whole = whole_program(begun, "Sure:\n```python\ndef first(xs: List[int]):\n    return helper(xs[0])\n```", "first")
    assert whole.count("def first") == 1
    assert whole.startswith("from typing import List\n\n\ndef helper")
    continued = whole_program(begun, "```python\nreturn helper(xs[0])\n```", "first")
    assert continued.endswith("'''The first.'''\n    return helper(xs[0])")
    assert whole_program("Write two.", "```python\ndef two(): return 2\n```", "two") == "def two(): return 2"
    mended = "```python\ndef two():\n    return 3  # three\n```\nNo, wait:\n```python\ndef two():\n    return 2\n```"
    called = "\nIt is called so:\n```python\nprint(two())\nassert two() == 2, 'it is two, and nothing else'\n```"
    assert whole_program("Write two.", mended + called, "two") == "def two():\n    return 2"
    unfenced = "Sure! Here is the code:\n\nimport math\n\ndef two():\n    return 2\n\nIt gives two."
    assert whole_program("def two():\n", unfenced, "two").strip() == "import math\n\ndef two():\n    return 2"


@pytest.mark.parametrize("behind", ["```", "```\n\nIt adds.", "\nThis function adds two numbers.", "\n\n# Explanation: it's simple"])
def test_what_stands_behind_a_continued_function_is_no_part_of_it(behind: str) -> None:
    begun = 'def add(a, b):\n    """Add."""\n'
    made: dict[str, Any] = {}
    exec(whole_program(begun, f"    return a + b\n{behind}", "add"), made)
    assert made["add"](2, 3) == 5


def test_a_fault_inside_a_continued_function_stays_in_it() -> None:
    whole = whole_program("def add(a, b):\n", "    if a:\n        return a + b\n    retrn (b\n", "add")
    assert "retrn (b" in whole


def test_what_the_model_is_asked_is_the_same_whatever_its_reference_says() -> None:
    """No answer leaks into a question."""
    seen: list[Request] = []
    rows = [{"measure": "math", "question": "2 + 2?", "references": [reference], "right_choices": None} for reference in ("4", "5")]
    ask(BenchmarkAnswerGenerator(), rows, lambda request: seen.append(request) or "Answer: 4")
    assert seen[0].messages == seen[1].messages
