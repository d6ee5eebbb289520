"""Our comparison of calls against the ground truth of the Berkeley Function Calling Leaderboard: `python -m benchmarks.tool_calls`.

Of each ground truth, right calls are made (each value that is allowed, optional parameters left out, written as JSON, Hermes and Python), and wrong
ones (a value changed, a parameter missing, one too many, a value of another type, another function, a call more or fewer). The right ones have to be
accepted, the wrong ones refused. The files are those of DATAFLOW_SHARED_DATA: tools/bfcl_*.jsonl.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from operators.tools.calls import Call, NotCalls, read_calls
from operators.tools.definitions import Tool, read_tools
from operators.tools.matching import OMITTED, Expected, calls_fault, plain_text

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
FILES = ("simple_python", "multiple", "parallel", "parallel_multiple", "live_simple", "irrelevance")


def main() -> None:
    if not (DATA / "tools").is_dir():
        raise SystemExit(f"{DATA}/tools is not there: set DATAFLOW_SHARED_DATA to a folder with tools/bfcl_simple_python_open.jsonl and its like.")
    for name in FILES:
        counts, disagreements = agreement(DATA / "tools" / f"bfcl_{name}_open.jsonl")
        right, wrong = counts["right accepted"] + counts["right refused"], counts["wrong refused"] + counts["wrong accepted"]
        agreed = counts["right accepted"] + counts["wrong refused"]
        print(
            f"{name}: {counts['rows']} rows; right calls accepted {counts['right accepted']} of {right}, "
            f"wrong calls refused {counts['wrong refused']} of {wrong}; agreement {agreed / max(1, right + wrong):.2%}"
        )
        for text in disagreements[:5]:
            print(f"    {text}")


def agreement(file: Path) -> tuple[Counter[str], list[str]]:
    """Counts of decisions, and the decisions that differ from what the ground truth says."""
    counts, disagreements = Counter[str](), []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        counts["rows"] += 1
        tools, expected = read_tools(row["function"]), row["ground_truth"] or []
        for is_right, what, text in written_calls(expected, tools):
            try:
                fault = calls_fault(read_calls(text, tools), expected, tools)
            except NotCalls as error:
                fault = str(error)
            counts[f"{'right' if is_right else 'wrong'} {'refused' if fault else 'accepted'}"] += 1
            if is_right == bool(fault):
                disagreements.append(f"{row['id']}: {what}: {fault or 'accepted'}: {text[:160]}")
    return counts, disagreements


def written_calls(expected: Sequence[Expected], tools: Sequence[Tool]) -> Iterator[tuple[bool, str, str]]:
    """(whether they are right, how they were made, the calls as a model would write them)"""
    if not expected:
        yield True, "prose", "I have no function for that."
        yield from ((False, "a call where none is wanted", as_json([Call(tool.name, {})])) for tool in tools)
        return
    first = [right_call(wanted) for wanted in expected]
    for write in (as_json, as_hermes, as_python, as_openai):
        yield True, write.__name__, write(first)
    yield True, "in another order", as_json(list(reversed(first)))
    for place, wanted in enumerate(expected):
        for what, call in right_variants(wanted):
            yield True, what, as_json([*first[:place], call, *first[place + 1 :]])
        for what, call in wrong_variants(wanted, first[place], tools):
            changed = [*first[:place], call, *first[place + 1 :]]
            yield False, what, as_json(changed)
    yield False, "a call too many", as_json([*first, first[0]])
    yield False, "a call too few", as_json(first[1:])


def right_call(wanted: Expected) -> Call:
    ((name, parameters),) = wanted.items()
    given = {parameter: [value for value in values if value != OMITTED] for parameter, values in parameters.items()}
    return Call(name, {parameter: plain(values[0]) for parameter, values in given.items() if values})


def plain(value: Any) -> Any:
    """A value of the ground truth as a call would have it: in objects, the first of the values that are right."""
    if isinstance(value, Mapping):
        picked = {name: pick(allowed) for name, allowed in value.items()}
        return {name: plain(one) for name, one in picked.items() if one is not OMITTED}
    return [plain(item) for item in value] if isinstance(value, list) else value


def pick(allowed: Any) -> Any:
    if not isinstance(allowed, list):
        return allowed
    return next((one for one in allowed if one != OMITTED), OMITTED)


def right_variants(wanted: Expected) -> Iterator[tuple[str, Call]]:
    ((name, parameters),) = wanted.items()
    base = right_call(wanted)
    for parameter, values in parameters.items():
        for value in values[1:]:
            if value != OMITTED:
                yield f"another right value of {parameter}", Call(name, {**base.arguments, parameter: plain(value)})
        if OMITTED in values:
            yield f"{parameter} left out", Call(name, {one: value for one, value in base.arguments.items() if one != parameter})


def wrong_variants(wanted: Expected, base: Call, tools: Sequence[Tool]) -> Iterator[tuple[str, Call]]:
    ((name, parameters),) = wanted.items()
    required = next((tool.required for tool in tools if tool.name == name), ())
    for parameter, values in parameters.items():
        if parameter in base.arguments:
            value = base.arguments[parameter]
            for what, changed in (("changed", other_value(value)), ("of another type", other_type(value))):
                if not is_listed(changed, values):
                    yield f"{parameter} {what}", Call(name, {**base.arguments, parameter: changed})
        if OMITTED not in values or parameter in required:
            yield f"{parameter} missing", Call(name, {one: value for one, value in base.arguments.items() if one != parameter})
    yield "an argument too many", Call(name, {**base.arguments, "surely_unexpected": "x"})
    yield "another function", Call(next((tool.name for tool in tools if tool.name != name), f"{name}_of_another"), base.arguments)


def is_listed(value: Any, values: Sequence[Any]) -> bool:
    def alike(one: Any, other: Any) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return plain_text(one) == plain_text(other)
        return type(one) is type(other) and bool(one == other)

    return any(alike(value, plain(one)) for one in values)


def other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, str):
        return f"{value} elsewhere"
    if isinstance(value, list):
        return [*value, value[0] if value else "more"]
    if isinstance(value, dict):
        return {**value, "surely_unexpected": 1}
    return "something"


def other_type(value: Any) -> Any:
    if isinstance(value, str):
        return 4711
    return {"of": "another type"} if isinstance(value, bool | list) or value is None else str(value)


def as_json(calls: Sequence[Call]) -> str:
    return json.dumps([{"name": call.name, "arguments": call.arguments} for call in calls])


def as_hermes(calls: Sequence[Call]) -> str:
    return "\n".join(f"<tool_call>\n{json.dumps({'name': call.name, 'arguments': call.arguments})}\n</tool_call>" for call in calls)


def as_python(calls: Sequence[Call]) -> str:
    return f"[{', '.join(call.as_text() for call in calls)}]"


def as_openai(calls: Sequence[Call]) -> str:
    return json.dumps([{"type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}} for call in calls])


if __name__ == "__main__":
    main()
