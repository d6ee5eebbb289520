"""The JSON that is wanted, in words: every kind of field, one line, true to the schema that is enforced."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChainableUndefined
from pydantic import BaseModel, Field, create_model

from operators.asking.answer_shape import in_words, read
from operators.asking.prompt import PromptTemplate
from operators.core import registry


class Colour(Enum):
    """For readers of the code."""

    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    """For readers of the code, not for the model."""

    word: str


class Tree(BaseModel):
    word: str
    below: list[Tree] = Field(max_length=3)


def words_of(type_: Any, **limits: Any) -> str:
    """What is said of a field `x` of this type."""
    words = in_words(create_model("Answer", x=(type_, Field(**limits))))
    return words.removeprefix('Answer with JSON: {"x": ').removesuffix("}")


@pytest.mark.parametrize(
    ("type_", "limits", "expected"),
    [
        (str, {}, "text"),
        (str, {"description": "one sentence"}, "one sentence"),
        (str, {"min_length": 1}, "text"),
        (str, {"min_length": 1, "max_length": 80}, "text (at most 80 characters)"),
        (str, {"min_length": 8}, "text (at least 8 characters)"),
        (str, {"min_length": 5, "max_length": 5}, "text (5 characters)"),
        (str, {"pattern": "^[a-z]+$"}, "text (matching ^[a-z]+$)"),
        (str, {"pattern": "^[a-z]+$", "max_length": 3, "description": "a code"}, "a code (at most 3 characters, matching ^[a-z]+$)"),
        (int, {"ge": 0, "le": 5}, "whole number from 0 to 5"),
        (float, {"ge": 0.5}, "number at least 0.5"),
        (float, {"gt": 0, "lt": 1}, "number above 0 below 1"),
        (int, {"ge": -(10**9)}, "whole number at least -1000000000"),
        (bool, {}, "true or false"),
        (Literal["first", "second", "equal"], {"description": "the better one"}, '"first", "second" or "equal" (the better one)'),
        (Literal["only"], {}, '"only"'),
        (Colour, {}, '"red" or "blue"'),
        (str | None, {"description": "if it is known"}, "text or null (if it is known)"),
        (list[str], {"max_length": 60}, "[at most 60 of text]"),
        (list[str], {}, "[any number of text]"),
        (list[Annotated[int, Field(ge=1, le=6)]], {"min_length": 2, "max_length": 2}, "[2 of whole number from 1 to 6]"),
        (tuple[str, int], {}, "[text, whole number]"),
        (Leaf, {"description": "the root"}, '{"word": text} (the root)'),
        (list[Leaf], {"min_length": 1, "max_length": 12}, '[1 to 12 of {"word": text}]'),
        (dict[str, int], {}, "{any name: whole number}"),
        (dict[str, Any], {}, "any JSON object"),
        (Any, {}, "any JSON value"),
    ],
)
def test_each_kind_of_field_is_said_in_words(type_: Any, limits: dict[str, Any], expected: str) -> None:
    assert words_of(type_, **limits) == expected


def test_a_tree_ends() -> None:
    assert in_words(Tree) == 'Answer with JSON: {"word": text, "below": [at most 3 of again Tree]}'


KINDS = st.sampled_from([str, int, float, bool, list[str], Leaf, list[Leaf], Literal["a", "b"], str | None])
NAMES = st.lists(st.from_regex(r"[a-z][a-z_]{0,8}[a-z]", fullmatch=True), min_size=1, max_size=8, unique=True)


@given(names=NAMES, kinds=st.lists(KINDS, min_size=8, max_size=8))
def test_every_field_is_named_once_in_order_and_on_one_line(names: list[str], kinds: list[Any]) -> None:
    fields: dict[str, Any] = {f"field_{name}": (kind, ...) for name, kind in zip(names, kinds, strict=False)}
    words = in_words(create_model("Answer", **fields))
    places = [words.index(f'"field_{name}": ') for name in names]
    assert places == sorted(places)
    assert words.count('"field_') == len(names)
    assert "\n" not in words


def test_what_does_not_fit_is_said_by_field_and_a_code_fence_is_taken_off() -> None:
    assert read(Leaf, '```json\n{"word": "x"}\n```') == Leaf(word="x")
    with pytest.raises(ValueError, match=r"the answer does not fit the schema: below.0.word: Field required"):
        read(Tree, '{"word": "x", "below": [{"below": []}]}')


def test_no_prompt_says_the_shape_of_its_answer_by_hand_and_every_model_is_told_it_once() -> None:
    prompts = [(operator, value) for operator in registry.examples() for _, value in operator if isinstance(value, PromptTemplate)]
    assert len(prompts) > 10
    for operator, prompt in prompts:
        assert "JSON" not in prompt.system + prompt.user, operator.name
        known = type(operator).model_fields
        system, _ = prompt.render({name: getattr(operator, name) if name in known else ChainableUndefined() for name in prompt.variables()})
        assert system.count("Answer with JSON") == (prompt.answer is not str), operator.name
        assert len(prompt.shape()) < 500, operator.name


class Told(BaseModel):
    request: str = Field(description="what the person says to the clerk at the counter")
    others: list[str] = Field(default=[], description="more of them")
    kind: Literal["what the person says to the clerk at the counter", "other"] = "other"


@pytest.mark.parametrize(
    ("answer", "copies"),
    [
        ({"request": "What the person says to the clerk: two tickets"}, True),
        ({"request": "Two tickets", "others": ["what the person says, to the clerk at the counter"]}, True),
        ({"request": "What the person wants is a ticket."}, False),
        ({"request": "Two tickets", "kind": "what the person says to the clerk at the counter"}, False),
    ],
)
def test_a_text_that_begins_with_the_description_of_a_field_is_none(answer: dict[str, Any], copies: bool) -> None:
    if copies:
        with pytest.raises(ValueError, match="repeats what was asked for"):
            read(Told, json.dumps(answer))
    else:
        assert read(Told, json.dumps(answer)).model_dump()["request"] == answer["request"]


def test_the_limits_of_a_field_are_no_part_of_an_answer() -> None:
    class Scenario(BaseModel):
        scenario: str = Field(min_length=8, max_length=120, description="who wants what done")

    with pytest.raises(ValueError, match=r"'\(8 to 120 characters\)' is said of the field"):
        read(Scenario, '{"scenario": "a student wants to join a club (8 to 120 characters)}"}')
    assert read(Scenario, '{"scenario": "a student wants to write an essay (300 to 500 characters)"}')


class Scored(BaseModel):
    reason: str
    score: int
    sure: bool = True


GOOD = '{"reason": "short", "score": 3}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD, f"```json\n{GOOD}\n```", f"```JSON\r\n{GOOD}\r\n```", f"```\n{GOOD}\n```", f"```{GOOD}```", f"Here it is:\n```json\n{GOOD}\n```",
        f"```json\n{GOOD}\n```\nI hope that it helps.", f"So:\n\n```json\n{GOOD}\n```\n\nGood?", f"```json\n{GOOD}", f"\ufeff{GOOD}\n",
        '{"reason": "short", "score": 3, "score": 3}', '{"reason": "short", "score": "3"}', '{"reason": "short", "score": 3, "sure": true}',
    ],
)  # fmt: skip
def test_an_answer_is_read_out_of_its_fence_and_the_words_around_it(text: str) -> None:
    assert read(Scored, text) == Scored(reason="short", score=3)


def test_a_fence_inside_of_json_is_part_of_the_answer() -> None:
    assert read(Scored, '{"reason": "```json\\n{}\\n```", "score": 3}') == Scored(reason="```json\n{}\n```", score=3)
    assert read(Scored, '```json\n{"reason": "```x```", "score": 3}\n```') == Scored(reason="```x```", score=3)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"reason": "short", "score": true}', "score: a number is wanted, not true"),
        ('{"reason": "short", "score": 3, "score": 5}', "score: it is given twice, with different values"),
        (f"One:\n```json\n{GOOD}\n```\nor two:\n```json\n{GOOD}\n```", "Invalid JSON"),
        ("```json\n```", "Invalid JSON"),
        ("no JSON at all", "Invalid JSON"),
        (f"{GOOD} and so on", "Invalid JSON"),
    ],
)
def test_what_fits_only_by_chance_does_not_fit(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read(Scored, text)


class Planned(BaseModel):
    messages: list[str]


@pytest.mark.parametrize(
    "text",
    ['messages": [', "Why is it so?]}{", 'Is that all?"]}', 'Is that all?"}', 'It is late.\nmessages" : ["Then?'],
)
def test_a_text_that_goes_on_with_the_json_around_it_is_no_answer(text: str) -> None:
    with pytest.raises(ValueError, match="is of the JSON around a text, and no part of it"):
        read(Planned, json.dumps({"messages": ["How do tides arise?", text]}))


@pytest.mark.parametrize(
    "text",
    [
        'What does {"messages": ["Hi"]} mean?',
        "y lies in {x | x in (0, 1]}",
        "Which numbers are in (0, 1]?",
        "Thanks :}",
        "Is a[0] the first?]",
        'He wrote "my messages": nothing else.',
        'print("{\\"messages\\": [1]}")',
        "My messages: none.",
        '"]}" closes it',
    ],
)
def test_a_text_may_speak_of_json(text: str) -> None:
    assert read(Planned, json.dumps({"messages": [text]})) == Planned(messages=[text])
