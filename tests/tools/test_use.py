"""What is wrong with how functions were used, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.messages.reading import read_turns
from operators.bases.said import Said
from operators.bases.stated_numbers import numbers_in
from operators.tools.definitions import read_tools
from operators.tools.evaluators import ToolConversationRater, ToolUseEvaluator, ToolUseFilter
from operators.tools.replays import ReplayedCallsFilter
from operators.tools.use import use_faults
from tests.faults import fault
from tests.growth import seconds, slowness
from tests.text.faults.asking import BAD_ANSWERS, always, ask, in_turn
from tests.tools.railway import MESSAGES, MODULE, ROW, TOOLS, called, changed, returned, said

GOOD = {"messages": MESSAGES, "tools": json.dumps(TOOLS)}


def test_a_sound_conversation_has_no_fault_and_is_kept(ran: Any) -> None:
    (row,), _ = ran(ToolUseEvaluator(), [GOOD])
    assert (row["tool_calls"], row["tool_use_faults"], row["faulty_tool_turns"]) == (2, [], 0)
    kept, _ = ran(ToolUseFilter(), [GOOD])
    assert len(kept) == 1


def town(result: Any, answer: str) -> list[str]:
    """What is wrong with one question, one call with this result, and one answer."""
    tools = [{"name": "weather", "description": "Weather.", "parameters": {"type": "object", "properties": {"town": {"type": "string"}}}}]
    messages = [said("user", "北京天气怎么样？"), called("weather", "call_1", town="北京"), returned("call_1", result), said("assistant", answer)]
    return [f"{fault.check}: {fault}" for fault in use_faults(read_turns(messages), read_tools(tools))]


@pytest.mark.parametrize(
    "result",
    [
        {"error": "no such town"},
        {"status": "error", "message": "no such town"},
        {"success": False, "message": "no such town"},
        {"isError": True, "content": [{"type": "text", "text": "no such town"}]},
        "Error: no such town",
        "Traceback (most recent call last):\nKeyError: 'town'",
    ],
    ids=lambda result: str(result)[:18],
)
def test_a_result_says_in_many_ways_that_a_call_did_not_work(result: Any) -> None:
    assert [fault[:30] for fault in town(result, "There is no such town.")] == ["worked: turn 2: no call works:"]


def test_a_result_that_names_its_call_in_a_list_is_what_it_holds() -> None:
    def wrapped(content: Any) -> Any:
        return {"role": "tool", "content": json.dumps([{"tool_call_id": "call_1", "name": "find_train", "content": content}])}

    [failed] = use_faults(read_turns([*MESSAGES[:2], wrapped({"error": "no such place"}), said("assistant", "No such place.")]), read_tools(TOOLS))
    assert str(failed) == 'turn 2: no call works: find_train returns {"error":"no such place"}'
    assert use_faults(read_turns([*MESSAGES[:2], wrapped(json.loads(MESSAGES[2]["content"])), *MESSAGES[3:]]), read_tools(TOOLS)) == []


def test_the_state_of_what_was_asked_for_is_no_error() -> None:
    assert town({"payment": "北京", "status": "failed"}, "The payment failed.") == []


def test_one_character_is_a_word_where_words_are_written_so() -> None:
    assert town({"degrees": 25, "sky": "晴"}, "北京今天是晴天。") == []
    assert town({"degrees": 25, "sky": "雨"}, "北京今天是晴天。")[0].startswith("used: turn 2: nothing of what weather returned")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (changed(1, called("find_trains", "call_1", start="Bern", end="Basel")), 'valid: turn 2: there is no function "find_trains"'),
        (changed(5, called("book_seat", "call_2", train="IC 71", seats="two")), "valid: turn 6: book_seat, seats: 'two' is not of type"),
        (changed(5, {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "book_seat", "arguments": "{"}}]}), "are no JSON"),
        ([*MESSAGES[:2], *MESSAGES[3:]], "valid: turn 2: the call of find_train has no result"),
        (changed(1, called("find_train", "call_1", start="Bern", end="Geneva")), "grounded: turn 2: find_train, end: nobody said 'Geneva'"),
        (changed(5, called("book_seat", "call_2", train="IC 72", seats=2)), "grounded: turn 6: book_seat, train: nobody said 'IC 72'"),
        ([*MESSAGES[:3], said("assistant", "There is one, I think.")], "used: turn 2: nothing of what find_train returned"),
        (changed(7, said("assistant", "Done: 2 seats are booked, and 35 are left, of 38.")), "consistent: turn 8: 35 comes from nothing"),
        ([*MESSAGES[:3], called("find_train", "call_3", start="Bern", end="Basel"), returned("call_3", {"trains": [{"name": "IC 71", "free": 40}]}),
          *MESSAGES[3:]], "needed: turn 4: find_train is called as in turn 2"),
        ([*MESSAGES[:2], returned("call_1", {"error": "there is no such place"}), said("assistant", "There is no such place.")],
         "worked: turn 2: no call works: find_train returns"),
        ([*MESSAGES, said("user", "And back?"), said("assistant", 'It returned {"error": "no trains"}.')],
         'consistent: turn 10: {"error": "no trains"} was returned by no function'),
        ([said("user", "Good morning!"), said("assistant", "Good morning.")], "it has 0 calls"),
    ],
)  # fmt: skip
def test_each_fault_is_found_and_named_by_check_turn_and_argument(ran: Any, messages: Any, reason: str) -> None:
    kept, (aside,) = ran(ToolUseFilter(), [{**GOOD, "messages": json.dumps(messages)}])
    assert not kept
    assert reason in aside["rejected_reason"]


@pytest.mark.parametrize(
    ("answer", "claim"),
    [
        ("Two seats are booked.", "are booked"),
        ("Your seats have been successfully booked in the IC 71.", "have been successfully booked"),
        ("Done! I've now booked it.", "I've now booked"),
        ("Seats can be booked at the counter.", None),
        ("Once they are booked, you get a ticket.", None),
        ("Are they booked already?", None),
        ("The seats are not booked yet.", None),
        ("The train is full, as it is a holiday.", None),
        ("The IC 71 is liked by many.", None),
    ],
)
def test_what_is_said_to_be_done_was_called(ran: Any, answer: str, claim: str | None) -> None:
    messages = [*MESSAGES[:4], said("user", "Two seats, please."), said("assistant", answer)]
    faults = use_faults(read_turns(messages), read_tools(TOOLS), ("consistent",))
    assert [str(fault) for fault in faults] == ([f'turn 6: "{claim}" is not true: book_seat was not called'] if claim else [])


def test_what_a_function_did_or_somebody_said_before_may_be_said_again() -> None:
    thanks = [said("user", "Thank you. Is it all done?"), said("assistant", "Yes, two seats are booked.")]
    assert not use_faults(read_turns([*MESSAGES, *thanks]), read_tools(TOOLS), ("consistent",))
    told = [said("user", "I have booked it myself."), said("assistant", "Fine: then it is booked.")]
    assert not use_faults(read_turns([*MESSAGES[:4], *told]), read_tools(TOOLS), ("consistent",))


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        ({"booking": 64, "train": "IC 71", "seats": 2}, True),  # mostly what was asked for: to say that again is to use it
        ({"booking": 64, "train": "IC 71", "platform": "7 A", "carriage": 21}, False),
        ({"booking": 64}, False),
        (None, True),
    ],
)
def test_a_result_that_says_again_what_was_asked_for_may_be_told_by_that(ran: Any, result: Any, kept: bool) -> None:
    messages = [*MESSAGES[:6], returned("call_2", result), said("assistant", "Your 2 seats in the IC 71 are booked.")]
    assert bool(ran(ToolUseFilter(), [{**GOOD, "messages": json.dumps(messages)}])[0]) is kept


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"type": "array", "items": {"enum": ["metric", "imperial"]}}, ["metric"], None),
        ({"type": "array", "items": {"type": "string"}}, ["Bern", "Basle"], "grounded: turn 2: f, a.1: nobody said 'Basle'"),
        ({"type": "object", "properties": {"1": {"default": "x"}}}, {"1": "x"}, None),
        ({"type": "integer", "nullable": True}, None, None),
        ({"enum": ["kg"], "type": "string", "nullable": True}, None, None),
        ({"type": "integer", "default": 17}, 17, None),
    ],
)
def test_what_a_definition_names_at_any_depth_is_no_fault(ran: Any, schema: Any, value: Any, reason: str | None) -> None:
    tools = [{"name": "f", "parameters": {"type": "object", "properties": {"a": schema}}}]
    messages = [said("user", "From Bern?"), called("f", "1", a=value), returned("1", {"done": True}), said("assistant", "Yes.")]
    _, aside = ran(ToolUseFilter(), [{"messages": json.dumps(messages), "tools": json.dumps(tools)}])
    assert [row["rejected_reason"] for row in aside] == ([reason] if reason else [])


def test_parameters_of_alternatives_are_known(ran: Any) -> None:
    alternatives = [{"type": "object", "properties": {name: {"type": "string"}}, "required": [name]} for name in ("name", "number")]
    tools = json.dumps([{"name": "f", "parameters": {"oneOf": alternatives}}])
    for arguments, kept in (({"number": "IC 71"}, True), ({"size": "IC 71"}, False)):
        messages = [said("user", "The IC 71?"), called("f", "1", **arguments), returned("1", {"done": True}), said("assistant", "Yes.")]
        assert bool(ran(ToolUseFilter(), [{"messages": json.dumps(messages), "tools": tools}])[0]) is kept


def test_a_check_that_is_not_asked_for_says_nothing(ran: Any) -> None:
    messages = changed(1, called("find_train", "call_1", start="Bern", end="Geneva"))
    kept, _ = ran(ToolUseFilter(checks=("valid",)), [{**GOOD, "messages": messages}])
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I paid 1,200 dollars", 1200),
        ("5% of it", 0.05),
        ("three of them", 3),
        ("at 7 pm", "19:00"),
        ("on the 3rd of May 2024", "2024-05-03"),
        ("tomorrow", "2031-01-09"),
        ("in US dollars", "USD"),
        ("in French", "fr"),
        ("from New York", "New York, NY"),
        ("the meeting of the team", "team meeting"),
        ("30万元", 300000),
        ("预订北京的酒店", "北京酒店"),
        ("anything", None),
        ("anything", True),
        ("book a table for Ann", ["Ann"]),
        ("贷款金额为300,000美元", 300_000),
        ("1,200kg of it", 1200),
        ("1.250,50 Euro", 1250.5),
        ("Es kostet 1.250 Euro", 1250),
        ("12 500 couronnes", 12_500),
        ("我想订三个座位", 3),
        ("十五个人", 15),
        ("für zwei Personen", 2),
        ("twenty-five people", 25),
        ("two hundred and ten", 210),
        ("one and a half hours", 1.5),
        ("1/2 cup", 0.5),
        ("fifty percent", 0.5),
        ("7:30 in the evening", "19:30"),
        ("下午3点", "15:00"),
        ("Convert $500", "USD"),
        ("500 €", "EUR"),
        ("1000美元", "USD"),
        ("into Spanish", "es"),
        ("一句法语", "fr"),
        ("on May 13th", "05/13/2024"),
        ("日期是2022-05-15", "2022年5月15日"),
        ("morgen um zehn", "2031-01-09"),
        ("after May", "2024-06-01"),
        ("Zurich please", "Zürich"),
        ("à Orléans", "orleans"),
        ("the IC 71", "IC71"),
        ("call 555-0199", "5550199"),
        ("see https://x.org/a/b/c", "https://x.org/a/b/c"),
        ("next spring", "2031-04-09"),
        ("on 05/06/2024", "2024-06-05"),
        ("May 24th, not the 17th", "2024-05-17"),
        ("order 123456789012345678901", 123456789012345678901),
    ],
)
def test_values_are_grounded_in_what_was_said_however_it_was_said(text: str, value: Any) -> None:
    heard = Said()
    heard.add(text)
    assert value in heard


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("from Bern", "Basel"),
        ("two", 3),
        ("on 3 May", "2024-05-09"),
        ("on 3 May", "2024-09-03"),
        ("in dollars", "EUR"),
        ("Ann", {"a": "Bob"}),
        ("1.5 million", 5_000_000),
        ("twenty-five", 20),
        ("3.14", 14),
        ("三个座位", 4),
        ("€500", "USD"),
        ("on 2024-05-24", "2024-06-24"),
        ("am 24.05.2024", "2024-06-24"),
        ("May 24th, for 6 people", "2024-06-24"),
        ("order 123456", "2345"),
        ("order A12", "A1"),
        ("see https://x.org/a/b/c", "https://x.org/a/b/d"),
        ("mail bob.smith@mail.example.org", "rob.smith@mail.example.org"),
        ("Now book it on the 3rd", "2031-01-09"),
        ("order 1234567890123", 1234567890124),
        ("order 12345678901234567890", 12345678901234567891),
        ("order 12345678901234567890", "12345678901234567891"),
    ],
)
def test_values_that_nobody_said_are_not_grounded(text: str, value: Any) -> None:
    heard = Said()
    heard.add(text)
    assert value not in heard


@given(st.integers(1000, 10**12), st.sampled_from(",.' \u00a0\u202f"), st.sampled_from(["", "kg", "美元", " €", "."]))
def test_thousands_are_one_number_whatever_parts_them_and_follows_them(number: int, mark: str, after: str) -> None:
    assert float(number) in numbers_in(f"{number:,}".replace(",", mark) + after)


@pytest.mark.parametrize(("word", "kept"), [("traveling", True), ("travels", True), ("traversing", False), ("trav", False)])
def test_a_word_is_said_whatever_its_ending(word: str, kept: bool) -> None:
    heard = Said()
    heard.add("the cost of travel")
    assert heard.shares(word) is kept


def test_what_was_said_is_found_in_linear_time() -> None:
    def timed(text: str) -> float:
        count = len(text) // 40
        heard = Said()
        heard.add(" ".join(f"{number}.5 word{number}x" for number in range(count)))
        return seconds(lambda: [(heard.has_number(number / 7), heard.shares(f"word{number}yyyyyy")) for number in range(count)])

    assert slowness(timed, "x") is None


SUMS = {"trips": [{"out": 86, "back": 77}], "free": 40_150, "rate": 0.255, "fee": 1200.5, "people": 1_234_567, "card": "visa_90014711784"}


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("$86 there and $77 back come to $163.", True),
        ("$86 there and $77 back come to $164.", False),
        ("In all $163: $86 and $77.", True),
        ("Of $86 and $77, the difference is $9.", True),
        ("Three of them at $86 are $258.", True),
        ("Three of them at $86 are $259.", False),
        ("86 seats are left in 163 trains, and 77 are taken.", False),
        ("About 40,000 are free.", True),
        ("40,200 are free.", True),
        ("40,300 are free.", False),
        ("40,250 are free.", False),
        ("The rate is 25.5%.", True),
        ("The rate is 27%.", False),
        ("Die Gebühr beträgt 1.200,50 Euro.", True),
        ("Die Gebühr beträgt 1.300,50 Euro.", False),
        ("Frei sind 40.150.", True),
        ("Es sind 3.000.", False),
        ("It costs $1,005.", False),
        ("1.23 million people live there.", True),
        ("1.33 million people live there.", False),
        ("那里有123万人。", True),
        ("那里有133万人。", False),
        ("86 km are 53.4 miles.", True),
        ("86 km are 58.4 miles.", False),
        ("It is paid with the card that ends in 1784.", True),
        ("It is paid with the card that ends in 1785.", False),
    ],
)  # fmt: skip
def test_numbers_of_an_answer_are_those_returned_rounded_or_reckoned(ran: Any, answer: str, kept: bool) -> None:
    messages = [*MESSAGES[:2], returned("call_1", SUMS), said("assistant", answer)]
    assert bool(ran(ToolUseFilter(checks=("consistent",)), [{**GOOD, "messages": json.dumps(messages)}])[0]) is kept


@pytest.mark.parametrize(
    ("result", "answer", "fault"),
    [
        ({"distance": 2448.5, "units": "km"}, "It is 2448.5 miles.", "2448.5 miles"),
        ({"distance": 2448.5, "units": "kilometers"}, "It is 2448.5 km.", None),
        ({"distance_km": 120}, "It is 120 miles.", "120 miles"),
        ({"distanceKm": 120}, "It is 120 kilometers.", None),
        ({"way": ["120 km"]}, "It is 120 miles.", "120 miles"),
        ({"amount": 850, "currency": "EUR"}, "That is $850.", "850 $"),
        ({"amount": 850, "currency": "USD"}, "That is $850, or 850 dollars.", None),
        ({"temperature": 21, "unit": "celsius"}, "It is 21°F.", "21 fahrenheit"),
        ({"temperature": 21, "unit": "celsius"}, "It is 21°C, 21 degrees.", None),
        ({"temp_min": 3}, "It is 3 hours.", None),
        ({"distance_km": 5.2}, "It is 5.2 km, or 5200 m.", None),
        ({"distance_km": 120}, "It is about 74.6 miles.", None),
        ({"temperature": 98.6, "unit": "fahrenheit"}, "That is 37°C.", None),
        ({"km": 10}, "There are 10 of them in 10 stades.", None),
        ({"price": 5, "currency": "USD", "weight": "5 kg"}, "They are $5 for 5 kg.", None),
    ],
)
def test_a_number_has_the_unit_that_it_was_returned_with(ran: Any, result: Any, answer: str, fault: str | None) -> None:
    messages = [*MESSAGES[:2], returned("call_1", result), said("assistant", answer)]
    _, aside = ran(ToolUseFilter(checks=("consistent",)), [{**GOOD, "messages": json.dumps(messages)}])
    assert [row["rejected_reason"] for row in aside] == ([f"consistent: turn 4: {fault} was returned in another unit"] if fault else [])
    asked = [said("user", f"In miles, fahrenheit or $? {MESSAGES[0]['content']}"), *messages[1:]]
    assert ran(ToolUseFilter(checks=("consistent",)), [{**GOOD, "messages": json.dumps(asked)}])[0]


def test_calls_made_again_in_the_sandbox_prove_a_conversation_and_refute_an_invented_one(ran: Any, sandbox: Any) -> None:
    invented = changed(6, returned("call_2", {"train": "IC 71", "booked": 2, "free": 39}))
    no_call = [said("user", "Hi"), said("assistant", "Hello.")]
    invalid = changed(5, called("book_seat", "call_2", train="IC 71", seat=2))
    rows = [{**ROW, "messages": messages} for messages in map(json.dumps, (MESSAGES, invented, no_call, invalid))]
    rows.append({**ROW, "messages": json.dumps(MESSAGES), "implementation": "import nothing_of_that_name"})
    rows.append({**ROW, "messages": json.dumps(MESSAGES), "implementation": f"{MODULE}\nraise SystemExit"})
    kept, aside = ran(ReplayedCallsFilter(), rows, sandbox=sandbox)
    assert [row["messages"] for row in kept] == [json.dumps(MESSAGES)]
    reasons = [row["rejected_reason"] for row in aside]
    assert 'book_seat returns {"train":"IC 71","booked":2,"free":38}' in reasons[0]
    assert reasons[1] == "it has no calls"
    assert 'no parameter "seat"' in reasons[2]
    assert "not loaded" in reasons[3] or "nothing_of_that_name" in reasons[3]
    assert "do not run" in reasons[4]


def test_a_text_that_looks_like_a_number_is_returned_again(ran: Any, sandbox: Any) -> None:
    module = 'def code(long):\n    return "0042" if long == 1 else "42" if long == 2 else "none"'
    tools = json.dumps([{"name": "code", "parameters": {"type": "object", "properties": {"long": {"type": "integer"}}}}])
    for long, result, kept in ((1, "0042", True), (2, "42", True), (2, '"42"', True), (2, "43", False), (3, "none", True)):
        messages = [said("user", "My code?"), called("code", "1", long=long), returned("1", result), said("assistant", "Here.")]
        row = {"messages": json.dumps(messages), "tools": tools, "implementation": module}
        assert bool(ran(ReplayedCallsFilter(), [row], sandbox=sandbox)[0]) is kept, result


@fault("0 for parse failures, bare except")
@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_judge_without_a_valid_answer_gives_no_score(answer: str) -> None:
    kept, aside, serving = ask(ToolConversationRater(), [GOOD], lambda request: answer)
    assert not kept
    assert "invalid_answer" in aside[0]["rejected_reason"]
    assert len(serving.requests) == 3


@fault("explanation discarded")
@fault("writes the storage twice")
def test_the_judges_reason_stands_beside_its_score_and_the_table_is_written_once() -> None:
    kept, aside, serving = ask(ToolConversationRater(model_column="judge"), [GOOD, GOOD], always(reason="The train was found first.", score=5))
    assert [(row["tool_use_score"], row["tool_use_reason"], row["judge"]) for row in kept] == [(5, "The train was found first.", "scripted")] * 2
    assert not aside
    assert "find_train(start, end)" in str(serving.requests[0].messages[-1].content)
    beyond, _, _ = ask(ToolConversationRater(), [GOOD], in_turn(json.dumps({"reason": "x", "score": 9}), json.dumps({"reason": "x", "score": 4})))
    assert beyond[0]["tool_use_score"] == 4
