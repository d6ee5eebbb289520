"""The pipeline `benchmark`: run whole, again after a stop, with two models, and reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.cli import main
from dataflow_assets.pipelines.benchmark import OF_FORMAT, Benchmark
from dataflow_assets.showing.page import pipeline_page
from operators.asking.requests import Request
from operators.evaluation.formats import FORMATS
from operators.sandboxes import Program, Verdict
from operators.tables.errors import CompileError
from operators.testing import ScriptedSandbox, ScriptedServing
from resources.warehouse import Warehouse
from tests.text.faults.asking import user_text

CHOICES = [
    {"question": f"Is {number} even?", "choices": ["yes", "no"], "answer": number % 2, "subject": "odd" if number % 2 else "even"}
    for number in range(12)
]


def knows(*numbers: int) -> ScriptedServing:
    """A model that knows of these numbers whether they are even, and says the wrong thing of the others."""

    def answer(request: Request) -> str:
        number = int(user_text(request).split()[1])
        right = number % 2 if number in numbers else 1 - number % 2
        return f"Let me see. Answer: {'AB'[right]}"

    return ScriptedServing(answer)


@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("format_", [*FORMATS, "auto"])
def test_it_compiles_without_a_warning_for_every_format(format_: str, compare: bool) -> None:
    plan = Benchmark(format=format_, compare=compare).compile()
    stages = [stage.name for stage in plan.stages]
    assert plan.warnings == ()
    assert ("answer" in stages) == (OF_FORMAT.get(format_) != "likelihood")
    assert plan.outputs == ("score_other" if compare else "score", "summary")


def test_a_file_of_another_format_is_refused_before_anything_is_asked() -> None:
    serving = knows()
    with pytest.raises(CompileError, match="problem"):
        Benchmark(format="math").run(CHOICES, resources={"llm": serving})
    with pytest.raises(CompileError, match="of no known format of a benchmark"):
        Benchmark(format="auto").run([{"a": "b"}], resources={"llm": serving})
    assert serving.requests == []


def test_two_models_are_asked_the_same_questions_and_compared_on_them() -> None:
    first, other = knows(*range(6)), knows(*range(11))
    result = Benchmark(format="auto", compare=True).run(CHOICES, resources={"llm": first, "other": other})
    assert [request.messages for request in first.requests] == [request.messages for request in other.requests]
    every, even, odd = result["summary"].to_pylist()
    assert (every["accuracy"], every["other_accuracy"], every["only_first"], every["only_other"]) == (0.5, 11 / 12, 0, 5)
    assert every["p_value"] == 2 / 2**5
    assert [row["benchmark_category"] for row in (even, odd)] == ["even", "odd"]


def test_a_draw_of_the_questions_is_the_same_for_every_model() -> None:
    results = [Benchmark(format="mmlu", rows=5, seed=3).run(CHOICES, resources={"llm": model}) for model in (knows(), knows(1, 2))]
    asked = [sorted(row["question"] for row in result["score"].to_pylist()) for result in results]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 5


def test_programs_are_scored_by_their_tests() -> None:
    def verdict(program: Program) -> Verdict:
        return Verdict("passed" if "return 2" in program.code else "failed", reason="" if "return 2" in program.code else "assert")

    row = {"task_id": "0", "prompt": "def two():\n    '''Two.'''\n", "entry_point": "two", "test": "def check(f):\n    assert f() == 2\n"}
    model = ScriptedServing(lambda _: "```python\ndef two():\n    return 2\n```")
    result = Benchmark().run([row], resources={"llm": model, "sandbox": ScriptedSandbox(verdict)})
    assert [one["right"] for one in result["score"].to_pylist()] == [True]


def test_the_report_tells_the_results_as_a_page_that_stands_alone_and_as_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = tmp_path / "tables"
    Benchmark(format="mmlu").run(CHOICES, resources={"llm": knows(*range(9))}, warehouse=tables)
    page = _page(tables)
    assert "Results of the benchmark" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert main(["report", "benchmark", "--markdown", "--warehouse", str(tables)]) == 0
    assert "| all | 12 | 12 | 75.0%" in capsys.readouterr().out


def _page(tables: Path) -> Any:
    from dataflow_assets.running.stored_pipeline import stored_tables

    return pipeline_page("benchmark", stored_tables(Warehouse(tables), "benchmark"))
