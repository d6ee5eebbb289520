"""Faults of the reference's operators on questions, and that ours have them not."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core import registry
from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.generic.summaries import DistributionSummary, ValueCounts
from operators.math.questions.checking import QuestionCheckFilter, SolvabilityEvaluator
from operators.math.questions.making import QuestionFusionGenerator, QuestionSynthesisGenerator, SimilarQuestionEvaluator
from operators.math.questions.prompts import ANCHORS, FUSIONS, STEPS, STRATEGIES, DifficultyPrompt, SolvabilityPrompt
from operators.math.questions.rating import CategoryEvaluator, DifficultyEvaluator
from operators.math.questions.taxonomy import math_taxonomy
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import CompileError, ParameterError, StageFailed
from tests.faults import fault
from tests.math.asking import LetterEmbedding, always, ask, in_turn, run, system_text
from tests.text.faults.asking import user_text

QUESTIONS = [{"question": "What is 3 + 4?"}, {"question": "How many sides has a square?"}, {"question": "Solve x + 1 = 3."}]
OF_QUESTIONS = [cls for cls in registry.all_operators() if cls.__module__.startswith("operators.math.")]


@fault("[verified] default construction raises TypeError")
@fault("[verified] default construction raises TypeError because the default template is a class and the prompt check wants an instance")
@fault("get_desc describes database ports and file parameters that do not exist")
@fault("selection_mode etc. in get_desc do not exist")
@pytest.mark.parametrize("cls", OF_QUESTIONS, ids=lambda cls: cls.__name__)
def test_each_is_made_with_defaults_and_described_by_its_own_parameters(cls: type[Operator]) -> None:
    schema = cls(**cls.example).model_json_schema()
    assert set(schema["properties"]) == set(cls.model_fields)


# The ordered check


def failing(step: int, reason: str = "two numbers are missing") -> str:
    return json.dumps({"reason": reason, "failed_step": step})


@fault("error_type is requested from the LLM and then thrown away")
@fault("substring fallback also fires on text that says true in its reasoning")
@fault("a failed API call drops the row silently")
def test_the_first_step_that_fails_is_the_reason_and_a_failed_call_is_told_as_such() -> None:
    def answer(request: Request) -> Any:
        text = user_text(request)
        if "square" in text:
            return failing(5, "it is true that a number is missing")
        return Failure("timeout", "no answer") if "Solve" in text else failing(0, "all is well")

    kept, aside, _ = ask(QuestionCheckFilter(), QUESTIONS, answer)
    assert [row["question"] for row in kept] == [QUESTIONS[0]["question"]]
    assert {row["rejected_reason"]: row["rejected_as"] for row in aside} == {
        "step 5 of 6, enough: it is true that a number is missing": "filtered",
        "timeout: no answer": "failed",
    }


def test_one_by_one_no_step_is_asked_after_the_first_that_fails() -> None:
    def answer(request: Request) -> str:
        return json.dumps({"reason": "because", "holds": STEPS["consistent"] not in user_text(request)})

    kept, aside, serving = ask(QuestionCheckFilter(one_by_one=True), QUESTIONS[:1], answer)
    assert (kept, len(serving.requests)) == ([], 4)
    assert aside[0]["rejected_reason"] == "step 4 of 6, consistent: because"
    assert [next(step for step in STEPS.values() if step in user_text(request)) for request in serving.requests] == list(STEPS.values())[:4]


def test_a_step_that_does_not_exist_is_asked_for_again_and_an_unknown_name_is_refused() -> None:
    kept, _, serving = ask(QuestionCheckFilter(), QUESTIONS[:1], in_turn(failing(9), failing(0)))
    assert (len(kept), len(serving.requests)) == (1, 2)
    assert "there are 6 steps, and no step 9" in str(serving.requests[1].messages[-1].content)
    with pytest.raises(ParameterError, match='no step "langauge"'):
        QuestionCheckFilter(steps=("langauge",))
    _, _, serving = ask(
        QuestionCheckFilter(subject="any", steps=("enough", "It can be answered without a picture.")), QUESTIONS[:1], always(reason="", failed_step=0)
    )
    assert "without a picture" in user_text(serving.requests[0])
    assert "any subject" in system_text(serving.requests[0])


@fault("boolean list used as mask on the frame")
@fault("[verified] crashes on a frame with a non-default index")
def test_a_frame_with_any_index_is_filtered_by_its_own_rows() -> None:
    frame = pd.DataFrame(QUESTIONS, index=[7, 7, 0])
    rows = frame.to_dict("records")
    kept, _, _ = ask(QuestionCheckFilter(), rows, lambda request: failing(0 if "x + 1" in user_text(request) else 1))
    assert [row["question"] for row in kept] == ["Solve x + 1 = 3."]


# Solvability


@fault("verdict is never parsed, so the shipped MathFusion pipeline keeps unsolvable problems")
@fault("returns None instead of the key list")
@fault("empty system prompt replaces the serving default")
@fault("prompt text is scrambled: a rule and the label to output appear after the input")
def test_solvability_is_a_boolean_with_its_reason_that_can_be_filtered_by() -> None:
    def answer(request: Request) -> str:
        return json.dumps({"reason": "x is unknown", "solvable": "x + 1" not in user_text(request)})

    operator = SolvabilityEvaluator()
    kept, _, serving = ask(operator, QUESTIONS, answer)
    assert [row["solvable"] for row in kept] == [True, True, False]
    assert kept[2]["solvable_reason"] == "x is unknown"
    assert operator.output_columns() == {"solvable": "solvable", "reason": "solvable_reason"}
    assert system_text(serving.requests[0]).startswith("You decide whether a problem can be solved")
    prompt = SolvabilityPrompt()
    assert prompt.user.index("{{ question") < prompt.user.index("Can it be solved")
    assert "{{" not in prompt.user.split("}}")[-1]


# Difficulty


@fault("values outside 1..10 accepted")
@fault("None input: builds None then calls .strip() on it and crashes; None reply crashes the regex search")
def test_difficulty_is_on_the_scale_or_the_row_is_set_aside_and_null_stays_null() -> None:
    rows = [{"question": "What is 3 + 4?"}, {"question": None}]
    good = json.dumps({"reason": "like the first", "difficulty": 1.5})
    for bad in ("11", "0", "3.3", "null", '"hard"'):
        answer = in_turn(f'{{"reason": "", "difficulty": {bad}}}', good)
        kept, _, serving = ask(DifficultyEvaluator(), rows, answer)
        assert ([row["question_difficulty"] for row in kept], len(serving.requests)) == ([1.5, None], 2)
    kept, aside, _ = ask(DifficultyEvaluator(), rows, lambda _: "")
    assert [row["question"] for row in kept] == [None]
    assert aside[0]["rejected_as"] == "failed"


@fault("prompt is about 8 kB repeated for every row with no prefix caching control")
@fault("second worked example in the prompt has broken opening tags")
def test_the_anchors_stand_in_a_short_system_message_that_is_the_same_for_every_row() -> None:
    _, _, serving = ask(DifficultyEvaluator(), QUESTIONS, always(reason="", difficulty=2))
    systems = {system_text(request) for request in serving.requests}
    assert len(systems) == 1
    assert len(DifficultyPrompt().system) < 2500
    assert sorted(ANCHORS) == list(range(1, 11))
    assert all(problem in systems.copy().pop() for problem in ANCHORS.values())
    assert "<" not in DifficultyPrompt().system


# Category


def category(said: str) -> str:
    return json.dumps({"reason": "its solution needs that", "category": said})


@fault("hard-coded output names ignore output_key, so Pipeline.compile believes in a column (question_category) that never exists")
@fault("ASCII stripping deletes non-English labels")
def test_a_class_goes_to_the_columns_it_is_bound_to_by_number_or_name_also_in_other_scripts(tmp_path: Any) -> None:
    for said in ("4.2", "4.2 Circles", "circles"):
        kept, _, _ = ask(CategoryEvaluator().bind(output_primary="area", output_secondary="topic"), QUESTIONS[:1], always(reason="", category=said))
        assert (kept[0]["area"], kept[0]["topic"]) == ("Geometry", "Circles")
    own = tmp_path / "klassen.json"
    own.write_text(json.dumps({"代数": ["方程", "不等式"], "Größen": ["Längen"]}), encoding="utf-8")
    for said, pair in (("1.2", ("代数", "不等式")), ("方程", ("代数", "方程")), ("längen", ("Größen", "Längen"))):
        kept, _, _ = ask(CategoryEvaluator(taxonomy=str(own)), QUESTIONS[:1], always(reason="", category=said))
        assert (kept[0]["primary_category"], kept[0]["secondary_category"]) == pair


@fault("fuzzy cut-off 50 almost always matches something, so nonsense is mapped to a valid class")
@fault("bad replies keep the row with NaN and no status")
@fault("if all replies fail the two columns are never created")
def test_what_is_no_class_is_asked_for_again_and_then_set_aside_with_the_reason() -> None:
    kept, _, serving = ask(CategoryEvaluator(), QUESTIONS[:1], in_turn(category("Cirkles"), category("99.1"), category("4.2")))
    assert (len(kept), len(serving.requests)) == (1, 3)
    assert 'did you mean "Circles"?' in str(serving.requests[1].messages[-1].content)
    kept, aside, _ = ask(CategoryEvaluator(), QUESTIONS[:1], lambda _: category("cooking"))
    assert kept == []
    assert '"cooking" is no class of the list' in aside[0]["rejected_reason"]
    _, _, serving = ask(CategoryEvaluator(), QUESTIONS[:1], lambda _: "")
    with pytest.raises(StageFailed, match="2 of 2 rows failed"):
        CategoryEvaluator().run(QUESTIONS[:2], resources={"llm": serving})
    made = CategoryEvaluator().run(pd.DataFrame({"question": pd.Series([None], dtype="string")}), resources={"llm": serving})
    assert {"primary_category", "secondary_category"} <= set(made.table.schema.names)


@fault('taxonomy constant spells one secondary "Bimathematics" while the prompt asks for "Biomathematics"')
def test_the_prompt_shows_the_very_classes_that_are_accepted() -> None:
    _, _, serving = ask(CategoryEvaluator(), QUESTIONS[:1], always(reason="", category="1.1"))
    asked = user_text(serving.requests[0])
    for code, (primary, secondary) in math_taxonomy().by_code.items():
        assert f"{code} {secondary}" in asked
        assert math_taxonomy().find(code) == math_taxonomy().find(secondary) == (primary, secondary)
    assert math_taxonomy().find("Bimathematics") is None


# Counts of a table

RATED = [
    {"primary_category": "Algebra", "secondary_category": "Polynomials", "question_difficulty": 3.0, "tokens": 10},
    {"primary_category": "Algebra", "secondary_category": "Functions", "question_difficulty": 5.0, "tokens": 0},
    {"primary_category": "Geometry", "secondary_category": "Functions", "question_difficulty": 4.0, "tokens": 30},
    {"primary_category": None, "secondary_category": "no such", "question_difficulty": None, "tokens": 20},
]


@fault("[verified] always crashes when at least one known category is present: the result is created as a list and indexed with a string (TypeError)")
@fault("does not write to storage, so the next step file is never created and the chain breaks")
@fault("secondary counts are global, not nested under their primary, and unknown labels vanish without a count")
def test_classes_are_counted_within_theirs_and_nothing_is_left_out() -> None:
    kept, _ = run(ValueCounts(by=("primary_category", "secondary_category")), RATED)
    counted = {(row["level"], row["primary_category"], row["secondary_category"]): row["count"] for row in kept}
    assert counted == {
        (1, "Algebra", None): 2,
        (1, "Geometry", None): 1,
        (1, None, None): 1,
        (2, "Algebra", "Polynomials"): 1,
        (2, "Algebra", "Functions"): 1,
        (2, "Geometry", "Functions"): 1,
        (2, None, "no such"): 1,
    }
    assert sum(row["count"] for row in kept if row["level"] == 1) == len(RATED)


class Counted(Pipeline):
    """Difficulty is counted, and what follows reads the counts."""

    expects = {"question_difficulty": float, "tokens": int}

    def __init__(self) -> None:
        self.counts = ValueCounts(by=("question_difficulty",))
        self.frequent = ScoreFilter(min=1)
        self.distribution = DistributionSummary(of=("tokens", "question_difficulty"))

    def forward(self, rated: Handle) -> list[Handle]:
        return [self.frequent(self.counts(rated), input_score="count"), self.distribution(rated)]


@fault("does not write to storage, so a following operator finds no step file")
@fault("writes nothing, so breaks a chain")
@fault("no percentiles or histogram")
def test_what_follows_reads_the_counts_and_the_distribution() -> None:
    result = Counted().run(RATED)
    assert [row["count"] for row in result["frequent"].to_pylist()] == [1, 1, 1, 1]
    tokens, difficulty = result["distribution"].to_pylist()
    assert (tokens["rows"], tokens["nulls"], tokens["zeros"], tokens["mean"]) == (4, 0, 1, 15.0)
    assert [round(quantile, 9) for quantile in tokens["quantiles"]] == [0.0, 1.5, 7.5, 15.0, 22.5, 28.5, 30.0]
    assert (difficulty["nulls"], difficulty["quantiles"][3]) == (1, 4.0)


@fault("public parameter name has a typo")
@fault("default column difficulty_score differs from the column used in the shipped maths pipeline (question_difficulty)")
def test_the_rating_is_read_by_the_name_under_which_it_is_made_and_a_wrong_name_is_told() -> None:
    from dataflow_assets.pipelines import all_pipelines

    made = DifficultyEvaluator().output_columns()["difficulty"]
    stages = all_pipelines()["math_reasoning"]().compile().stages
    assert made in stages[-1].schema_out.names
    with pytest.raises(CompileError, match='did you mean "question_difficulty"'):
        Misspelt().compile()


class Misspelt(Pipeline):
    """Reads a column by a name that it does not have."""

    expects = {"question_difficulty": float}

    def __init__(self) -> None:
        self.counts = ValueCounts(by=("question_diffulty",))

    def forward(self, rated: Handle) -> Handle:
        return self.counts(rated)


# Synthesis


def new(question: str) -> str:
    return json.dumps({"plan": "other numbers", "question": question})


@fault("no parent id or seed stored; random not seeded")
@fault("new rows have missing values in all other columns")
def test_new_questions_name_their_parent_and_strategy_and_are_drawn_the_same_every_time() -> None:
    rows = [{"question": "What is 3 + 4?", "source": "a book", "golden_answer": "7"}]
    counted = iter(range(1000))
    operator = QuestionSynthesisGenerator(count=3, carry=("source",))
    kept, _, serving = ask(operator, rows, lambda _: new(f"What is 5 + {next(counted)}?"))
    again, _, _ = ask(operator, rows, lambda _: new(f"What is 6 + {next(counted)}?"))
    assert [row["synthesis_strategy"] for row in kept] == [row["synthesis_strategy"] for row in again]
    assert len({row["parent_ids"][0] for row in kept}) == 1
    assert {row["source"] for row in kept} == {"a book"}
    assert "golden_answer" not in kept[0]
    other, _, _ = ask(operator.changed(seed=7), rows, lambda _: new(f"What is 7 + {next(counted)}?"))
    assert [row["synthesis_strategy"] for row in other] != [row["synthesis_strategy"] for row in kept]
    assert all(STRATEGIES[name] in user_text(serving.requests[0]) for name in kept[0]["synthesis_strategy"].split(" + "))


@fault("out-of-range num_prompts only logs at debug, then random.sample fails")
def test_numbers_out_of_range_are_refused_where_they_are_given() -> None:
    for parameters in ({"count": 0}, {"count": 21}, {"together": 8}, {"strategies": ()}, {"strategies": ("humour",)}):
        with pytest.raises(ParameterError):
            QuestionSynthesisGenerator(**parameters)


@fault(
    "think/answer tag regex lacks multi-line matching, so the reasoning text of reasoning models leaks into the question "
    "(the serving itself adds such tags with a newline between them)"
)
def test_thoughts_are_no_part_of_a_question_and_a_copy_is_asked_for_again() -> None:
    from resources.llm.answers.reasoning import parted

    def answer(request: Request) -> str:
        return parted(f"<think>\nlet me\nsee\n</think>\n{new('What is 9 + 4?')}")[0]

    kept, _, _ = ask(QuestionSynthesisGenerator(), QUESTIONS[:1], answer)
    assert [row["question"] for row in kept] == ["What is 9 + 4?"]
    kept, _, serving = ask(QuestionSynthesisGenerator(), QUESTIONS[:1], in_turn(new("what is 3 + 4"), new("What is 8 + 1?")))
    assert ([row["question"] for row in kept], len(serving.requests)) == (["What is 8 + 1?"], 2)


@fault("a DIY template error drops the prompt silently")
@fault("DiyAnswerGeneratorPrompt concatenates template + question instead of formatting it")
def test_an_own_prompt_is_filled_in_and_its_mistakes_are_told() -> None:
    own = QuestionSynthesisGenerator(prompt={"user": "Vary this: >>{{ question }}<<"})
    _, _, serving = ask(own, QUESTIONS[:1], lambda _: new("What is 1 + 1?"))
    assert user_text(serving.requests[0]) == "Vary this: >>What is 3 + 4?<<"
    with pytest.raises(ValueError, match='prompt variable "questoin" is not bound'):
        QuestionSynthesisGenerator(prompt={"user": "Vary {{ questoin }}"}).run(QUESTIONS)
    with pytest.raises(Exception, match="unexpected"):
        QuestionSynthesisGenerator(prompt={"user": "Vary {{ question"}).run(QUESTIONS)


# Fusion

PAIRED = [{"question": "A box holds 6 eggs. How many eggs are in 4 boxes?", "similar_question": "A tray holds 9 cups. How many cups are on 3 trays?"}]


@fault("[verified] loop variables are wrong: problem 1 receives the row number and problem 2 the tuple of both texts")
@fault("reply is not parsed (the new problem sits after a marker; the shipped pipeline parses it later with a lambda)")
@fault("prompt texts contain misplaced fragments after the input")
@fault("validation helper never called; returns None")
def test_both_problems_are_in_the_prompt_and_the_new_one_is_read_out_of_the_answer() -> None:
    kept, _, serving = ask(QuestionFusionGenerator(), PAIRED, lambda request: new(f"Joined {len(user_text(request))}"))
    assert [row["fusion"] for row in kept] == list(FUSIONS)
    assert all(row["question"].startswith("Joined ") for row in kept)
    assert all(len(row["parent_ids"]) == 1 for row in kept)
    for request, way in zip(serving.requests, FUSIONS.values(), strict=True):
        asked = user_text(request)
        places = [asked.index(text) for text in ("First problem:", PAIRED[0]["question"], "Second problem:", PAIRED[0]["similar_question"], way)]
        assert places == sorted(places)
    kept, aside, _ = ask(QuestionFusionGenerator(), PAIRED, lambda _: new(PAIRED[0]["similar_question"]))
    assert kept == []
    assert "repeats one of the two" in aside[0]["rejected_reason"]


def test_the_partner_is_the_most_similar_other_question_and_never_the_same_one() -> None:
    rows = [{"question": text} for text in ("abc abc", "abc abd", "xyz 123", "abc abc", "xyz 124 5")]
    result = SimilarQuestionEvaluator().run(rows, resources={"embedding": LetterEmbedding()}).table.to_pylist()
    assert [row["similar_question"] for row in result] == ["abc abd", "abc abc", "xyz 124 5", "abc abd", "xyz 123"]
    assert all(0 < row["question_similarity"] <= 0.98 for row in result)
    assert SimilarQuestionEvaluator().run(rows[:1], resources={"embedding": LetterEmbedding()}).table.to_pylist()[0]["similar_question"] is None
