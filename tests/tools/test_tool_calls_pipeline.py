"""The pipeline of conversations with functions, run whole: a scripted model, and a real sandbox."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from dataflow_assets.pipelines.tool_calls import ToolCalls
from operators.asking.requests import Request
from operators.bases.messages.reading import read_turns
from operators.testing import ScriptedServing
from operators.tools.definitions import read_tools
from operators.tools.use import use_faults
from resources.sources.settings import open_source_by_name
from tests.tools.railway import FIRST_NAMES, MESSAGES, MODULE, SUB_TASKS, TOOLS

SCENARIOS = pa.table({"scenario": ["a traveller wants a train", "a baker wants to write a menu", "a diver wants to log a dive"]})


def model(request: Request) -> str:
    """It travels well. For the baker it invents an argument, for the diver it writes a module that does not run."""
    system, asked = str(request.messages[0].content), str(request.messages[-1].content)
    fields = set((request.json_schema or {}).get("properties", ()))
    who = next(name for name in FIRST_NAMES if name in " ".join(str(message.content) for message in request.messages))
    if fields == {"scenario"}:
        return json.dumps({"scenario": f"a {who} plans something else entirely"})
    if fields == {"task"}:
        return json.dumps({"task": f"I am the {who}. {SUB_TASKS[0]} It is for number {len(asked)}."})
    if fields == {"follow_up", "task"}:
        first = asked.partition("First request: ")[2]
        return json.dumps({"follow_up": SUB_TASKS[1], "task": f"{first} {SUB_TASKS[1]}"})
    if fields == {"functions"} and "array" in str(request.json_schema) and "parameters" in str(request.json_schema):
        return json.dumps({"functions": [draft(one["function"]) for one in TOOLS if one["function"]["name"] not in asked]})
    if "You implement functions" in system:
        return f"```python\n{MODULE if who != 'diver' else 'import nothing_of_that_name' + MODULE}\n```"
    if fields == {"reason", "score"}:
        return json.dumps({"reason": "Nobody asked for seats.", "score": 2})
    seats = "Book 2 seats" in asked
    if fields == {"functions"}:
        done = asked.count(" returned ") > seats
        return json.dumps({"functions": [] if done else ["book_seat" if seats else "find_train"]})
    if "start" in fields:
        return json.dumps({"start": "Bern", "end": "Geneva" if who == "baker" else "Basel"})
    if "train" in fields:
        return json.dumps({"train": "IC 71", "seats": 2})
    return str(MESSAGES[7 if seats else 3]["content"])


GIVEN = {"start": "Bern", "end": "Basel", "seats": "2"}


def draft(function: Any) -> dict[str, Any]:
    parameters = function["parameters"]
    listed = [
        {**schema, "name": name, "value": GIVEN.get(name, ""), "required": name in parameters["required"]}
        for name, schema in parameters["properties"].items()
    ]
    return {"name": function["name"], "description": function["description"], "parameters": listed}


def test_of_every_conversation_that_is_kept_each_call_fits_and_was_executed(sandbox: Any) -> None:
    resources = {"llm": ScriptedServing(model), "sandbox": sandbox}
    pipeline = ToolCalls(own_words=False, ask_about_parts=False, rewrites=0, similarity=1)
    for stage in (pipeline.implement, pipeline.talk):
        object.__setattr__(stage, "max_failed", 1.0)
    result = pipeline.run(SCENARIOS, resources=resources, progress=False)
    kept = result.table.to_pylist()
    assert kept
    assert all("traveller" in row["task"] for row in kept)
    for row in kept:
        turns = read_turns(row["messages"])
        assert sum(len(turn.calls) for turn in turns) == row["tool_calls"] == 2
        assert not use_faults(turns, read_tools(row["tools"]))
        assert json.loads(turns[-2].text) == {"train": "IC 71", "booked": 2, "free": 38}
    reasons = {row["stage"]: row["rejected_reason"] for row in result.rejected.to_pylist()}
    assert "nothing_of_that_name" in reasons["implement"]
    assert "nobody said 'Geneva'" in reasons["talk"]


def test_a_judge_has_the_last_word_where_one_is_asked_for(sandbox: Any) -> None:
    pipeline = ToolCalls(own_words=False, ask_about_parts=False, rewrites=0, similarity=1, min_rating=3)
    for stage in (pipeline.implement, pipeline.talk):
        object.__setattr__(stage, "max_failed", 1.0)
    result = pipeline.run(SCENARIOS.slice(0, 1), resources={"llm": ScriptedServing(model), "sandbox": sandbox}, progress=False)
    assert result["replay"].num_rows
    assert not result.table.num_rows
    assert {row["tool_use_reason"] for row in result["rate"].to_pylist()} == {"Nobody asked for seats."}


def test_the_seeds_are_texts_of_which_no_two_are_equal() -> None:
    for name, least in (("tool_scenarios", 40), ("chat_topics", 200)):
        rows = open_source_by_name(name).read()
        assert rows.num_rows >= least
        assert len({tuple(row.values()) for row in rows.to_pylist()}) == rows.num_rows
        assert all(isinstance(value, str) and value.strip() for row in rows.to_pylist() for value in row.values())
