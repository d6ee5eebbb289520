"""The pipelines of mathematics, run whole: with a scripted model, a real sandbox, and gold answers that some rows have."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.pipelines.general_reasoning import GeneralReasoning
from dataflow_assets.pipelines.math_fusion import MathFusion
from dataflow_assets.pipelines.math_reasoning import MathReasoning
from dataflow_assets.pipelines.reasoning_pretrain import ReasoningPretrain
from operators.asking.requests import Request
from operators.sandboxes import Sandbox, SandboxUnavailable
from operators.testing import ScriptedServing, smallest_answer
from tests.math.asking import LetterEmbedding, system_text
from tests.text.faults.asking import user_text

ROWS = [
    {"question": "What is 3 + 4?", "golden_answer": "7", "source": "a"},
    {"question": "What is 5 + 5?", "golden_answer": "11", "source": "b"},
    {"question": "what is 3 + 4?", "golden_answer": "7", "source": "c"},
    {"question": "What is 8 + 1?", "golden_answer": None, "source": "d"},
    {"question": "What is 9 + 9?", "golden_answer": None, "source": "e"},
    {"question": " ", "golden_answer": None, "source": "f"},
]
TABLE = pa.Table.from_pylist(ROWS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    from resources.sandbox import open_sandbox

    try:
        yield open_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


def model(request: Request) -> Any:
    """It adds right, except that its programs think that 9 + 9 is 19; it makes new sums of old ones, and finds all questions good."""
    asked = user_text(request)
    one, other = re.findall(r"(\d+) \+ (\d+)", asked)[-1]
    total = int(one) + int(other)
    if "short Python program" in system_text(request):
        return f"```python\nprint({one} + {other}{' + 1' if total == 18 else ''})\n```"
    if request.json_schema is None:
        return rf"We add {one} and {other}. So \boxed{{{total}}}."
    fields = request.json_schema["properties"]
    if "question" in fields:
        return json.dumps({"plan": "other numbers", "question": f"What is {total} + {total}, with {asked[40:44]!r}?"})
    good = {"reason": "fine", "failed_step": 0, "difficulty": 1, "category": "1.1", "solvable": True, "same": True}
    return json.dumps({name: good[name] for name in fields}) if set(fields) <= set(good) else smallest_answer(request)


def test_what_is_kept_is_proven_by_gold_answer_or_by_majority_and_program(sandbox: Sandbox) -> None:
    resources = {"llm": ScriptedServing(model), "sandbox": sandbox}
    result = MathReasoning(synthesize=0).run(TABLE, resources=resources)
    kept = {row["source"]: row for row in result.table.to_pylist()}
    assert sorted(kept) == ["a", "d"]
    assert (kept["a"]["golden_answer"], kept["d"]["voted_answer"], kept["d"]["program_answer"]) == ("7", "9", "9")
    assert all(row["solution"].endswith("}.") and row["question_difficulty"] == 1 and row["primary_category"] for row in kept.values())
    reasons = {row["source"]: row["rejected_reason"] for row in result.rejected.to_pylist() if row["stage"] not in ("with_gold", "without_gold")}
    assert reasons["b"] == "different: 10 beside 11"
    assert reasons["e"] == "disagree: 18 by the solution, 19: 1 by programs"
    assert {"c", "f"} <= set(reasons)


def test_new_questions_go_the_way_of_the_vote_and_name_their_parents(sandbox: Sandbox) -> None:
    result = MathReasoning(rate=False).run(TABLE, resources={"llm": ScriptedServing(model), "sandbox": sandbox})
    new = [row for row in result.table.to_pylist() if row["synthesis_strategy"]]
    assert new
    assert all(row["parent_ids"] and row["golden_answer"] is None and row["voted_answer"] == row["program_answer"] for row in new)


def test_the_texts_to_pretrain_on_are_those_solutions(sandbox: Sandbox) -> None:
    result = ReasoningPretrain(synthesize=0, rate=False).run(TABLE, resources={"llm": ScriptedServing(model), "sandbox": sandbox})
    texts = sorted(row["text"] for row in result.table.to_pylist())
    assert texts == ["What is 3 + 4?\n\nWe add 3 and 4. So \\boxed{7}.", "What is 8 + 1?\n\nWe add 8 and 1. So \\boxed{9}."]


def test_fused_questions_that_cannot_be_solved_are_set_aside(sandbox: Sandbox) -> None:
    def answer(request: Request) -> Any:
        if request.json_schema is not None and "solvable" in request.json_schema["properties"]:
            return json.dumps({"reason": "a number is missing", "solvable": "10 + 10" not in user_text(request)})
        return model(request)

    embedding = LetterEmbedding()
    result = MathFusion().run(TABLE.select(["question"]), resources={"llm": ScriptedServing(answer), "sandbox": sandbox, "embedding": embedding})
    kept = result.table.to_pylist()
    reasons = Counter(row["rejected_reason"] for row in result.rejected.to_pylist() if row["stage"] == "solvable")
    assert kept
    assert set(reasons) <= {"solvable is false"}
    assert all(row["solvable"] and row["fusion"] in ("sequential", "parallel", "conditional") for row in kept)


def test_general_reasoning_proves_numbers_and_asks_a_judge_for_the_rest() -> None:
    rows = [*ROWS[:2], {"question": "Say 1 + 1 in words?", "golden_answer": "two of them", "source": "w"}]
    judge = ScriptedServing(lambda _: json.dumps({"reason": "the same", "same": True}))
    resources = {"llm": ScriptedServing(model), "judge": judge}
    result = GeneralReasoning(synthesize=0, judge="judge").run(pa.Table.from_pylist(rows), resources=resources)
    assert sorted(row["source"] for row in result.table.to_pylist()) == ["a", "w"]
    assert len(judge.requests) == 1
