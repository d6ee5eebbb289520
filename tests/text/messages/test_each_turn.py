"""Any filter or refiner of texts, on the turns of conversations."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.core import registry
from operators.engine.result import RunResult
from operators.tables.errors import ColumnError, ParameterError
from operators.testing import check_operator
from operators.text.answers.refusals import RefusalFilter
from operators.text.answers.requests import AnswerLanguageFilter
from operators.text.answers.rule_set import answer_checks
from operators.text.classical.words import Lowercase
from operators.text.cleaning.plain_text import FixUnicode, NormalizeSpaces
from operators.text.language.identification import LanguageEvaluator
from operators.text.messages.each_turn import EachTurn
from operators.text.rules.whole_text import CharacterCountFilter, WordCountFilter
from tests.text.messages.conversations import CALLING, OPENAI, SHAPES, SHAREGPT, said


def run(operator: EachTurn, *conversations: Any) -> RunResult:
    return operator.run(pa.table({"messages": list(conversations)}), progress=False)


def reasons(result: RunResult) -> list[str]:
    return [row["rejected_reason"] for row in result.rejected.to_pylist()]


def test_a_conversation_stays_where_every_turn_of_the_roles_passes() -> None:
    words = WordCountFilter(min_words=2)
    short_answer, short_question = said("Is it far?", "No."), said("Far?", "Not at all.")
    answers = run(EachTurn(words, roles=("assistant",)), short_answer, short_question)
    assert [row["messages"] for row in answers.table.to_pylist()] == [short_question]
    assert reasons(answers) == ["turn 2 (assistant): WordCountFilter: words = 1, below min_words = 2"]
    assert answers.report.rejected_by == {"WordCountFilter": 1}
    questions = run(EachTurn(words, roles=("user",)), short_answer, short_question)
    assert [row["messages"] for row in questions.table.to_pylist()] == [short_answer]


def test_any_turn_may_be_enough() -> None:
    words = EachTurn(WordCountFilter(min_words=2), roles=("assistant",), keep="any")
    assert run(words, said("a", "No.", "b", "Not at all.")).report.rows_out == 1
    assert reasons(run(words, said("a", "No.", "b", "Yes."))) == ["turn 2 (assistant): WordCountFilter: words = 1, below min_words = 2"]


def test_checks_of_answers_see_the_question_before() -> None:
    french = said("Where is the station, please, and how far is it from the old town?", "La gare se trouve derrière la vieille ville, à dix minutes.")
    result = run(EachTurn(AnswerLanguageFilter(), RefusalFilter(), roles=("assistant",)), said("Hi.", "Hello."), french)
    assert reasons(result) == ["turn 2 (assistant): answers in fr what was asked in en"]


def test_checks_of_answers_see_what_was_said_before_the_question() -> None:
    english = "What is the best way to learn how to swim quickly?"
    german = "Am besten nimmt man regelmäßig Unterricht und übt jede Woche im Wasser."
    told = [{"role": "system", "content": "Answer in German, whatever you are asked."}, *said(english, german)]
    asked = said("Please answer in German from now on.", "Das mache ich.", english, german)
    given = said("The ferry leaves at six and comes back at nine.", "I see.", "Summarize the above text.", "It goes at six and is back at nine.")
    checks = EachTurn(*answer_checks(), roles=("assistant",))
    result = run(checks, told, asked, given, said(english, german), said("Summarize the above text.", "It goes at six and is back at nine."))
    assert result.report.rows_out == 3
    assert reasons(result) == [
        "turn 2 (assistant): answers in de what was asked in en",
        'turn 2 (assistant): works on "the above text", which is not there',
    ]


@pytest.mark.parametrize("role", ["system", "user"])
def test_what_was_said_before_is_cut_so_that_long_conversations_take_linear_time(role: str) -> None:
    turns = [{"role": role, "content": "a" * 900}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}] * 20
    heard = list(EachTurn(WordCountFilter())._turns(0, turns))
    assert max(len(turn.before or "") for turn in heard) <= 2 * 4000 + 1
    assert next(turn.before for turn in heard if turn.role == "assistant") == "a" * 900


def test_a_conversation_without_such_a_turn_stays_and_is_counted() -> None:
    result = run(EachTurn(WordCountFilter(min_words=2), roles=("system",)), said("a", "b"), OPENAI)
    assert result.report.rows_out == 2
    assert result.report.no_say == {"EachTurn": 1}


def test_a_call_without_text_is_no_text_to_judge() -> None:
    result = run(EachTurn(CharacterCountFilter(min_characters=2), roles=("assistant",)), json.dumps(CALLING))
    assert result.report.rows_out == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_refining_keeps_the_shape_of_the_column(shape: str) -> None:
    spoilt = "At  nine in the cafÃ©."
    before = SHAPES[shape]
    as_text = isinstance(before, str)
    spoil = json.loads(json.dumps(json.loads(before) if as_text else before).replace("At six.", spoilt))
    given_value = json.dumps(spoil) if as_text else spoil
    result = run(EachTurn(FixUnicode(), NormalizeSpaces(), roles=("assistant",)), given_value, before)
    assert result.table.schema.field("messages").type == pa.array([before]).type
    changed, untouched = result.table.column("messages").to_pylist()
    assert untouched == before
    expected = json.loads(json.dumps(spoil, ensure_ascii=False).replace(spoilt, "At nine in the café."))
    assert (json.loads(changed) if as_text else changed) == expected
    assert result.report.changed_by == {"EachTurn": 1}


def test_every_part_that_is_text_is_rewritten_and_no_digit_is_lost() -> None:
    content = ["ONE", {"type": "input_text", "text": "TWO"}, {"type": "reasoning", "text": "THREE"}]
    arguments = {"id": 123456789012345678901234567890}
    turn = {"role": "assistant", "content": content, "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
    (row,) = run(EachTurn(Lowercase()), json.dumps([turn])).table.to_pylist()
    (changed,) = json.loads(row["messages"])
    assert changed["content"] == ["one", {"type": "input_text", "text": "two"}, content[2]]
    assert changed["tool_calls"] == turn["tool_calls"]


def test_only_the_turns_of_the_roles_are_rewritten() -> None:
    (row,) = run(EachTurn(Lowercase(), roles=("user",)), SHAREGPT).table.to_pylist()
    assert [turn["value"] for turn in row["messages"]] == [
        "Be brief.",
        "when does the ferry leave?",
        "At six.",
        "and back?",
        "At nine in the evening.",
    ]


def test_the_parts_see_the_other_columns_of_the_row() -> None:
    short = registry.find("ScoreFilter")(min=3).bind(input_score="stars")
    rows = pa.table({"messages": [said("a", "b"), said("c", "d")], "stars": [5, 1]})
    result = EachTurn(short).run(rows, progress=False)
    assert [row["stars"] for row in result.table.to_pylist()] == [5]


def test_what_cannot_be_read_is_set_aside_as_a_failure() -> None:
    result = run(EachTurn(WordCountFilter(min_words=1), max_failed=1), "no JSON", json.dumps(said("a", "b")))
    assert (result.report.rows_out, result.report.failed) == (1, 1)


def test_wrong_uses_are_said_before_anything_runs() -> None:
    with pytest.raises(ParameterError, match="take them apart with SplitMessages"):
        EachTurn(LanguageEvaluator())
    with pytest.raises(ParameterError, match="works on whole tables"):
        EachTurn(registry.find("ExactDedup")())
    with pytest.raises(ColumnError, match='column "score" does not exist'):
        run(EachTurn(registry.find("ScoreFilter")(min=1)), said("a"))
    with pytest.raises(ColumnError, match="would rewrite instruction"):
        run(EachTurn(Lowercase().bind(input_text="instruction")), said("a"))


def test_it_is_plain_data_and_its_fingerprint_is_that_of_its_parts() -> None:
    operator = EachTurn(WordCountFilter(min_words=2), roles=("assistant",))
    assert registry.build(operator.as_dict()) == operator
    other = EachTurn(WordCountFilter(min_words=3), roles=("assistant",))
    assert operator.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("operator", [EachTurn(WordCountFilter(min_words=2)), EachTurn(FixUnicode(), NormalizeSpaces())])
def test_promises_on_conversations(operator: EachTurn) -> None:
    struct = pa.table({"messages": [OPENAI, None, said("a  b", "c"), []]})
    text = pa.table({"messages": [json.dumps(CALLING), None, "[]", "no JSON", json.dumps(said("a  b", "c"))]})
    for given_rows in (struct, text):
        check_operator(operator, inputs=[given_rows], examples=0)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.text("ab \n", max_size=8), min_size=1, max_size=4), min_size=1, max_size=4))
def test_filtering_turns_is_filtering_each_of_their_texts(conversations: list[list[str]]) -> None:
    rule = WordCountFilter(min_words=2, max_words=3)
    kept = run(EachTurn(rule), *(said(*texts) for texts in conversations)).table.column("messages").to_pylist()
    passing = [texts for texts in conversations if rule.run({"text": texts}, progress=False).report.rows_out == len(texts)]
    assert [[turn["content"] for turn in conversation] for conversation in kept] == passing
