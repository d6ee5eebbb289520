"""What is wrong with how an assistant uses its functions, seen without asking anyone."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from operators.bases.math_answers.units import Measure
from operators.bases.messages.turns import Turn
from operators.bases.said import Said, leaves
from operators.bases.stated_numbers import numbers_in
from operators.tools.arguments import call_fault
from operators.tools.calls import Call, NotCalls, call_of
from operators.tools.claims import claimed_without_call
from operators.tools.definitions import Tool
from operators.tools.grounding import grounding_fault
from operators.tools.made_calls import MadeCall, made_calls, parsed_result
from operators.tools.returned_units import other_unit, returned_units
from operators.tools.stray_numbers import stray_number

Check: TypeAlias = Literal["valid", "worked", "grounded", "needed", "used", "consistent"]
CHECKS: Final[tuple[Check, ...]] = ("valid", "worked", "grounded", "needed", "used", "consistent")
"""valid: each call fits the schema of its function, and has a result. worked: where there are calls, one of them returns more than an error or null.
grounded: each argument was said before. needed: no call is made again while nothing has changed. used: what a call returned is said or handed on
afterwards. consistent: no number, and no JSON, in an answer comes from nowhere, and none says "is booked" where the function that books was not
called."""
_JSON_IN_TEXT: Final = re.compile(r'\{\s{0,20}"\w{1,60}"\s{0,20}:[^{}]{0,400}\}')
_STATUS: Final = frozenset("status success ok message error code result done created updated deleted timestamp".split())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, by which check, in which turn."""

    check: Check
    turn: int
    reason: str

    def __str__(self) -> str:
        return f"turn {self.turn}: {self.reason}"


def use_faults(turns: Sequence[Turn], tools: Sequence[Tool], checks: Sequence[Check] = CHECKS) -> list[Fault]:
    """All faults of a conversation, in the order of its turns."""
    made = made_calls(turns)
    parsed = [_parsed(one) for one in made]
    found: list[Fault] = []
    if "valid" in checks:
        found += _invalid(made, parsed, tools)
    if "worked" in checks and made and all(is_error(one.result) or parsed_result(one.result) is None for one in made if one.result is not None):
        found.append(Fault("worked", made[-1].turn, f"no call works: {made[-1].call.name[:60]} returns {str(made[-1].result)[:80]}"))
    if "grounded" in checks:
        found += _ungrounded(turns, made, parsed, tools)
    if "needed" in checks:
        found += _needless(turns, made, parsed)
    if "used" in checks:
        found += _unused(turns, made)
    if "consistent" in checks:
        found += _inconsistent(turns, made, tools)
    return sorted(found, key=lambda fault: fault.turn)


def _parsed(made: MadeCall) -> Call | str:
    """The call, or why it is none."""
    try:
        return call_of(made.call)
    except NotCalls as error:
        return str(error)


def _invalid(made: Sequence[MadeCall], parsed: Sequence[Call | str], tools: Sequence[Tool]) -> Iterator[Fault]:
    for one, call in zip(made, parsed, strict=True):
        fault = call if isinstance(call, str) else call_fault(call, tools)
        if fault:
            yield Fault("valid", one.turn, fault)
        if one.result is None:
            yield Fault("valid", one.turn, f"the call of {one.call.name[:60]} has no result")


def _ungrounded(turns: Sequence[Turn], made: Sequence[MadeCall], parsed: Sequence[Call | str], tools: Sequence[Tool]) -> Iterator[Fault]:
    """What the turn itself says beside its calls grounds nothing: an assistant that imagines a value also writes it."""
    known = {tool.name: tool for tool in tools}
    said = Said()
    by_turn: dict[int, list[Call]] = {}
    for one, call in zip(made, parsed, strict=True):
        if isinstance(call, Call):
            by_turn.setdefault(one.turn, []).append(call)
    for number, turn in enumerate(turns, 1):
        for call in by_turn.get(number, ()):
            if fault := grounding_fault(call, said, known.get(call.name)):
                yield Fault("grounded", number, fault)
        said.add(turn.text)


def _needless(turns: Sequence[Turn], made: Sequence[MadeCall], parsed: Sequence[Call | str]) -> Iterator[Fault]:
    """The same call again, after the same result: at once, or while the user has said nothing new. A call that failed may be made again."""
    last: dict[str, int] = {}
    questions = list(itertools.accumulate((turn.role == "user" for turn in turns), initial=0))
    for place, (one, call) in enumerate(zip(made, parsed, strict=True)):
        key = call if isinstance(call, str) else f"{call.name} {json.dumps(call.arguments, sort_keys=True)}"
        before = last.get(key)
        last[key] = place
        if before is None or is_error(made[before].result):
            continue
        asked_again = questions[one.turn - 1] > questions[made[before].turn]
        if not asked_again and (before == place - 1 or made[before].result == one.result):
            yield Fault("needed", one.turn, f"{one.call.name} is called as in turn {made[before].turn}, and nothing has changed")


def is_error(result: str | None) -> bool:
    """Whether a result says that the call did not work. A status "failed" may be what was asked for, that of a payment for instance."""
    found = parsed_result(result or "")
    if isinstance(found, str):
        return found.strip().lower().startswith(("error", "traceback (most recent call last)"))
    if not isinstance(found, Mapping):
        return False
    says_so = str(found.get("status")).strip().lower() == "error" or found.get("success") is False or found.get("isError") is True
    return says_so or bool(found.get("error"))


def _unused(turns: Sequence[Turn], made: Sequence[MadeCall]) -> Iterator[Fault]:
    """From the last result to the first: what is said and handed on after each."""
    later, answered, read = Said(), False, len(turns)
    for one in sorted(made, key=lambda one: one.result_turn, reverse=True):
        if one.result is None or is_error(one.result):
            continue
        for turn in turns[one.result_turn : read]:
            if turn.role == "assistant":
                answered = True
                later.add(turn.text)
                for call in turn.calls:
                    later.add(call.arguments)
        read = one.result_turn
        if not answered:
            yield Fault("used", one.turn, f"nothing is said after {one.call.name} returned")
        elif not _uses(later, one):
            yield Fault("used", one.turn, f"nothing of what {one.call.name} returned is said or handed on: {one.result[:80]!r}")


def _uses(later: Said, one: MadeCall) -> bool:
    """Whether any value of a result, other than what was asked with and what only says that it worked, comes again.

    Of a result that says again what was asked for, and little more ({"seat": 6, "train": "IC 71", "hour": "9:30"}), that counts too.
    """
    result = parsed_result(one.result or "")
    if isinstance(result, str):
        return later.shares(result)
    asked = {str(value) for _, value in leaves(parsed_result(one.call.arguments))}
    every = [value for path, value in leaves(result) if path.rpartition(".")[2].casefold() not in _STATUS and _tells(value)]
    new = [value for value in every if str(value) not in asked]
    telling = every if len(every) >= 2 * len(new) else new
    return not new or any(_said_rounded(later, value) for value in telling)


def _tells(value: Any) -> bool:
    """A letter alone, true and false say little; a Chinese character is a word."""
    if isinstance(value, str):
        return len(value.strip()) > 1 or not value.isascii()
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said_rounded(later: Said, value: Any) -> bool:
    if isinstance(value, int | float):
        return any(later.has_number(float(rounded)) for rounded in {value, *(round(value, digits) for digits in range(4)), abs(value)})
    return value in later or later.shares(value)


def _inconsistent(turns: Sequence[Turn], made: Sequence[MadeCall], tools: Sequence[Tool]) -> Iterator[Fault]:
    """JSON in what the assistant says that no function returned; and numbers, after a call, that neither stand in anything said or returned before,
    nor are a sum or count of it.

    Before the first call nothing is known that an answer could contradict, but for what only a function could have done.
    """
    yield from _claimed(turns, made, tools)
    if not made:
        return
    returned = "".join("".join(one.result.split()) for one in made if one.result is not None)
    known: set[float] = {number for tool in tools for number in numbers_in(tool.description)}
    results = {one.result_turn: one for one in made if one.result is not None}
    called = False
    units: dict[float, set[Measure]] = {}
    for number, turn in enumerate(turns, 1):
        if turn.role == "assistant" and not turn.calls and (invented := _json_that_was_not_returned(turn.text, returned)):
            yield Fault("consistent", number, f"{invented[:80]} was returned by no function: answers are sentences, without JSON")
        if turn.role == "assistant" and called and not turn.calls and (stray := stray_number(turn.text, known, units)) is not None:
            yield Fault("consistent", number, f"{stray:g} comes from nothing that was said or returned")
        elif turn.role == "assistant" and not turn.calls and units and (other := other_unit(turn.text, units, _said_before(turns, number))):
            yield Fault("consistent", number, f"{other} was returned in another unit")
        known |= numbers_in(turn.text)
        for call in turn.calls:
            known |= numbers_in(call.arguments)
        if number in results:
            called = True
            result = parsed_result(turn.text)
            known |= _derived(result)
            for value, measure in returned_units(result):
                units.setdefault(value, set()).add(measure)


def _claimed(turns: Sequence[Turn], made: Sequence[MadeCall], tools: Sequence[Tool]) -> Iterator[Fault]:
    """Of turns of the user after which nothing was called."""
    for number, turn in enumerate(turns[1:], 2):
        if turn.role == "assistant" and not turn.calls and turns[number - 2].role == "user":
            called = {one.call.name for one in made if one.turn < number}
            said = "\n".join(before.text for before in turns[: number - 1])
            if claim := claimed_without_call(turn.text, tools, called, said):
                yield Fault("consistent", number, claim)


def _said_before(turns: Sequence[Turn], number: int) -> Callable[[], Iterator[str]]:
    return lambda: (turn.text for turn in turns[: number - 1])


def _json_that_was_not_returned(text: str, returned: str) -> str | None:
    """`returned`: all results, without white space."""
    return next((found for found in _JSON_IN_TEXT.findall(text) if "".join(found.split()) not in returned), None)


def _derived(result: Any) -> set[float]:
    """What can be counted and added in a result: lengths of lists, sums of a field over them."""
    found: set[float] = set()
    if isinstance(result, Mapping):
        for value in result.values():
            found |= _derived(value)
    elif isinstance(result, list):
        found.add(float(len(result)))
        columns: dict[str, list[float]] = {}
        for item in result:
            for name, value in item.items() if isinstance(item, Mapping) else [("", item)]:
                if isinstance(value, int | float) and not isinstance(value, bool):
                    columns.setdefault(name, []).append(float(value))
            found |= _derived(item)
        found |= {total for values in columns.values() for total in (sum(values), sum(values) / len(values), max(values) - min(values))}
    return found
