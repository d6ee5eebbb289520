"""Faults of the reference's operators that are a prompt: each answer is what was asked for, or its row is set aside and stays as it was."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.core.operator import Operator
from operators.generic.prompted import PromptedEvaluator, PromptedFilter, PromptedGenerator, PromptedRefiner
from operators.tables.errors import ColumnError, ParameterError
from operators.testing import ScriptedServing
from tests.faults import fault
from tests.text.faults.asking import always, ask, in_turn, user_text

GOOD_ANSWERS: list[tuple[Operator, str]] = [
    (PromptedGenerator(), "a summary"),
    (PromptedEvaluator(), json.dumps({"reason": "clear", "score": 4})),
    (PromptedFilter(), json.dumps({"reason": "clear", "keep": True})),
    (PromptedRefiner(), "a better text"),
]
PROMPTED = pytest.mark.parametrize(("operator", "good"), GOOD_ANSWERS, ids=[operator.name for operator, _ in GOOD_ANSWERS])


@fault("JSON answers are stored as text, not parsed")
def test_the_fields_of_an_answer_are_columns_with_types() -> None:
    generator = PromptedGenerator(prompt={"user": "What is {{ text }} about?"}, fields={"title": "str", "year": "int"})
    rows, aside, _ = ask(generator, [{"text": "a log book"}], always(title="The ferry", year=1912))
    assert [(row["title"], row["year"]) for row in rows] == [("The ferry", 1912)]
    assert not aside
    assert not ask(generator, [{"text": "a log book"}], always(title="The ferry", year="long ago"))[0]


@fault("default value is the CLASS, which the type check itself refuses: construction with defaults raises TypeError (verified)")
@PROMPTED
def test_what_is_made_without_parameters_asks_and_takes_the_answer(operator: Operator, good: str) -> None:
    rows, aside, serving = ask(operator, [{"text": "The ferry is late."}], lambda request: good)
    assert (len(rows), aside) == (1, [])
    assert "The ferry is late." in user_text(serving.requests[0])


@fault("replacement is sequential so a cell containing {other} is substituted again (prompt injection)")
def test_a_cell_that_reads_like_a_place_for_another_column_is_sent_as_it_stands() -> None:
    generator = PromptedGenerator(prompt={"user": "{{ text }}, for {{ audience }}"})
    _, _, serving = ask(generator, [{"text": "{{ audience }} {audience}", "audience": "{{ text }} {text}"}])
    assert user_text(serving.requests[0]) == "{{ audience }} {audience}, for {{ text }} {text}"


@fault("iterrows")
@PROMPTED
def test_rows_are_asked_about_together(operator: Operator, good: str) -> None:
    rows, _, serving = ask(operator, [{"text": f"text {row}"} for row in range(40)], lambda request: good, seconds=0.005)
    assert len(rows) == 40
    assert serving.most_at_once > 1


@fault("'on a scale of 1 to 5 I give 4' parses as 1")
@fault("7/10 parses as 0")
@pytest.mark.parametrize("said", ["on a scale of 1 to 5 I give 4", "7/10", "Score: 4", "4 of 5"])
def test_no_number_is_taken_out_of_prose(said: str) -> None:
    rows, aside, serving = ask(PromptedEvaluator(), [{"text": "The ferry is late."}], lambda request: said)
    assert rows == []
    assert aside[0]["rejected_reason"].startswith("invalid_answer")
    assert len(serving.requests) > 1, "it was not asked again"


@fault("instruction, text and request are concatenated without separators")
@PROMPTED
def test_the_instruction_is_a_message_of_its_own_and_the_text_stands_on_lines_of_its_own(operator: Operator, good: str) -> None:
    _, _, serving = ask(operator, [{"text": "The ferry is late."}], lambda request: good)
    system, user = serving.requests[0].messages
    assert (system.role, user.role) == ("system", "user")
    assert system.content
    assert "The ferry is late." not in system.content
    assert "The ferry is late." in str(user.content).splitlines()


@fault("on LLM failure eval returns None and the column is filled with None")
@pytest.mark.parametrize("bad", [Failure("unavailable", "no connection"), Failure("filtered", "refused"), ""])
@PROMPTED
def test_a_row_without_an_answer_is_set_aside_as_it_was_and_the_others_go_on(operator: Operator, good: str, bad: Any) -> None:
    def answer(request: Request) -> Any:
        return bad if "text 1" in user_text(request) else good

    rows, aside, _ = ask(operator, [{"text": f"text {row}"} for row in range(3)], answer)
    assert len(rows) == 2
    assert all(value is not None for row in rows for value in row.values())
    assert [(row["text"], row["rejected_as"]) for row in aside] == [("text 1", "failed")]


@fault("returns None; original lost; a refusal overwrites the data")
def test_a_refusal_is_no_rewriting_but_a_text_that_refuses_can_be_rewritten() -> None:
    refused = "I'm sorry, but I can't help with that."
    rows, aside, serving = ask(PromptedRefiner(), [{"text": "teh ferry"}], lambda request: refused)
    assert (rows, [row["text"] for row in aside], len(serving.requests)) == ([], ["teh ferry"], 3)
    assert "it refuses" in aside[0]["rejected_reason"]
    assert ask(PromptedRefiner(), [{"text": "Im sorry, but I can't help with that."}], lambda request: refused)[0][0]["text"] == refused


@fault("defaults keep everything that parses")
def test_a_filter_without_parameters_drops_what_the_model_would_not_keep() -> None:
    def answer(request: Request) -> str:
        return json.dumps({"reason": "a menu", "keep": "menu" not in user_text(request)})

    rows, aside, _ = ask(PromptedFilter(), [{"text": "menu: home, about"}, {"text": "The ferry is late."}], answer)
    assert [row["text"] for row in rows] == ["The ferry is late."]
    assert [(row["text"], row["rejected_reason"]) for row in aside] == [("menu: home, about", "a menu")]


@fault("scale fixed at 1..5 whatever the prompt says")
@pytest.mark.parametrize(("lowest", "highest", "fits", "does_not"), [(0, 10, 7, 11), (1, 100, 93, 0), (-1, 1, -0.5, 2)])
def test_the_scale_is_the_one_that_was_asked_for(lowest: float, highest: float, fits: float, does_not: float) -> None:
    evaluator = PromptedEvaluator(lowest=lowest, highest=highest)
    rows, _, serving = ask(evaluator, [{"text": "The ferry is late."}], always(reason="clear", score=fits))
    assert [row["score"] for row in rows] == [fits]
    assert f"from {lowest}" in str(serving.requests[0].messages[0].content)
    assert ask(evaluator, [{"text": "The ferry is late."}], always(reason="clear", score=does_not))[0] == []


@pytest.mark.parametrize("name", ["_id", "__x", "model_dump", "model_config", ""])
def test_a_field_that_no_answer_can_have_is_refused_when_the_operator_is_made(name: str) -> None:
    with pytest.raises(ParameterError, match="no field of this name"):
        PromptedGenerator(prompt="{{ text }}", fields={name: "str"})


@pytest.mark.parametrize("name", ["my title", "class", "schema", "copy", "model_x"])
def test_a_field_may_have_any_other_name(name: str, recwarn: pytest.WarningsRecorder) -> None:
    [row], aside, _ = ask(PromptedGenerator(prompt="{{ text }}", fields={name: "str"}), [{"text": "a"}], always(**{name: "b"}))
    assert (row[name], aside, list(recwarn)) == ("b", [], [])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", '"NaN"', '"inf"'])
def test_what_is_no_number_of_json_is_asked_for_again(number: str) -> None:
    answers = in_turn(f'{{"share": {number}}}', '{"share": 0.5}')
    rows, aside, serving = ask(PromptedGenerator(prompt="{{ text }}", fields={"share": "float"}), [{"text": "a"}], answers)
    assert ([row["share"] for row in rows], aside, len(serving.requests)) == ([0.5], [], 2)


@pytest.mark.parametrize("operator", [PromptedGenerator, PromptedEvaluator, PromptedFilter])
def test_a_prompt_that_names_no_column_is_refused_before_anything_is_asked(operator: type[Operator]) -> None:
    with pytest.raises(ColumnError, match=r"(?s)the prompt names no column: the same would be asked of every row.*write \{\{ doc \}\} where"):
        operator(prompt="Is {doc} any good?").run([{"doc": "The ferry is late."}], resources={"llm": ScriptedServing(lambda request: "yes")})
    assert not operator(prompt="Is {{ doc }} any {good}?").problems(pa.schema({"doc": pa.string()}))
