"""compile(): every mistake at once, before any data is read."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from operators.asking.prompt import PromptTemplate
from operators.core.kinds import Evaluate
from operators.core.sequential import Sequential
from operators.generic.join import JoinColumns, Union
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.columns import Input, Output
from operators.tables.errors import CompileError
from operators.tables.storage import MemoryStorage
from operators.text.raters.educational_prompts import EducationalValue
from operators.text.raters.educational_value import EducationalValueEvaluator
from tests.core.samples import Length, ShortOnly, Upper, Words


class Diamond(Pipeline):
    """A branch, and two joins."""

    def __init__(self, limit: int = 3) -> None:
        self.clean = Sequential(Upper(), Upper())
        self.measure = Length()
        self.short = ScoreFilter(max=limit)
        self.long = ScoreFilter(min=limit + 1)
        self.all = Union()
        self.joined = JoinColumns(take=("length",))

    def forward(self, documents: Handle) -> Handle:
        cleaned = self.clean(documents)
        measured = self.measure(cleaned)
        both = self.all(self.short(measured, input_score="length"), self.long(measured, input_score="length"))
        return self.joined(cleaned, both)


def problems_of(pipeline: Pipeline, **arguments: Any) -> list[str]:
    with pytest.raises(CompileError) as error:
        pipeline.compile(**arguments)
    return [str(problem) for problem in error.value.problems]


def test_a_plan_is_a_dag_in_topological_order_with_schemas_and_fingerprints() -> None:
    plan = Diamond().compile()
    assert [stage.name for stage in plan.stages] == ["clean", "measure", "short", "long", "all", "joined"]
    assert plan["all"].inputs == ("short", "long")
    assert plan["joined"].inputs == ("clean", "all")
    assert plan["joined"].schema_out.names == ["row_id", "text", "length"]
    assert plan.outputs == ("joined",)
    assert plan.downstream("long") == ["all", "joined"]
    assert len({stage.fingerprint for stage in plan.stages}) == 6
    assert "short --> all" in plan.mermaid()


def test_changing_a_parameter_changes_the_fingerprints_of_its_stages_only() -> None:
    before = {stage.name: stage.fingerprint for stage in Diamond().compile().stages}
    after = {stage.name: stage.fingerprint for stage in Diamond(limit=4).compile().stages}
    assert {name for name in before if before[name] != after[name]} == {"short", "long"}


def test_column_lineage_follows_branches() -> None:
    plan = Diamond().compile()
    assert plan["measure"].column_lineage()["length"] == [("clean", "text")]
    assert plan["joined"].column_lineage()["length"] == [("all", "length")]
    assert plan["all"].column_lineage()["text"] == [("short", "text"), ("long", "text")]


def test_every_kind_of_mistake_is_reported_at_once_with_stage_operator_argument_and_closest_name() -> None:
    class Wrong(Pipeline):
        expects = {"text": str, "number": int}

        def __init__(self) -> None:
            self.typo = ScoreFilter(mim=1, max=2)
            self.bad_value = ShortOnly(most="many")
            self.missing = Length()
            self.wrong_type = Length()
            self.overwrites = Length()
            self.words = Words(carry="none")
            self.dropped = ScoreFilter(min=0)
            self.unbound = EducationalValueEvaluator(prompt={"user": "Rate {{ txt }}"})
            self.several = [Upper()]
            self.unused = Upper()

        def forward(self, documents: Handle) -> Handle:
            rows = self.typo(documents, input_score="number")
            rows = self.bad_value(rows)
            rows = self.missing(rows, input_text="txt", output_length="a")
            rows = self.wrong_type(rows, input_text="number", output_length="b")
            rows = self.overwrites(rows, output_length="text")
            rows = self.words(rows)
            rows = self.dropped(rows, input_score="number")
            return self.unbound(rows, input_text="word")

    found = problems_of(Wrong(), resources=[])
    expected = {
        "wrong.typo": 'ScoreFilter has no parameter "mim"',
        "wrong.bad_value": "most='many' of ShortOnly",
        "wrong.missing": 'column "txt" does not exist',
        "wrong.wrong_type": 'column "number" is integer, but text is needed',
        "wrong.overwrites": 'output "text" would overwrite a column',
        "wrong.dropped": 'column "number" does not exist any more: stage "words" dropped it',
        "wrong.unbound": 'prompt variable "txt" is not bound',
        "wrong.several": "Upper kept in a list",
        "wrong.unused": "the stage is never used in forward",
    }
    for where, what in expected.items():
        assert [problem for problem in found if problem.startswith(f"{where}:") and what in problem], (where, what, found)
    resource = [problem for problem in found if 'needs the resource "llm"' in problem]
    assert len(resource) == 1
    assert len(found) == len(expected) + 1, found
    near = [problem for problem in found if problem.startswith(("wrong.missing", "wrong.unbound")) and problem not in resource]
    assert all('did you mean "text"?' in problem for problem in near)
    assert 'argument  input_text="txt" of Length' in next(problem for problem in found if problem.startswith("wrong.missing"))
    assert "test_pipeline.py:" in next(problem for problem in found if problem.startswith("wrong.missing"))


def test_a_stage_called_twice_and_a_forward_without_result() -> None:
    class Twice(Pipeline):
        def __init__(self) -> None:
            self.up = Upper()

        def forward(self, documents: Handle) -> None:
            self.up(self.up(documents))

    found = problems_of(Twice())
    assert any("the stage is called twice, so its name is used twice" in problem for problem in found)
    assert any("forward returns nothing" in problem for problem in found)


def test_a_result_that_nothing_uses() -> None:
    class Lost(Pipeline):
        def __init__(self) -> None:
            self.up = Upper()
            self.length = Length()

        def forward(self, documents: Handle) -> Handle:
            self.up(documents)
            return self.length(documents)

    assert ["nothing uses the result of the stage" in problem for problem in problems_of(Lost())] == [True]


def test_forward_cannot_look_at_data() -> None:
    class Peeks(Pipeline):
        def __init__(self) -> None:
            self.up = Upper()

        def forward(self, documents: Handle) -> Handle:
            if documents:
                return self.up(documents)
            return documents

    assert any("is a handle" in problem and "test_pipeline.py:" in problem for problem in problems_of(Peeks()))


def test_a_real_source_is_checked_without_reading_its_rows() -> None:
    class Unreadable(MemoryStorage):
        def batches(self, *arguments: Any, **more: Any) -> Any:
            raise AssertionError("compile read rows")

    body = Unreadable(pa.table({"body": ["x"]}))
    assert any('column "text" does not exist in the source "documents"' in problem for problem in problems_of(Diamond(), sources={"documents": body}))
    plan = Diamond().compile({"documents": Unreadable(pa.table({"text": ["x"], "extra": [1]}))})
    assert "extra" in plan["joined"].schema_out.names


def test_settings_change_stages_and_parts_and_their_mistakes_are_compiled() -> None:
    pipeline = Diamond().configure({"short": {"max": 7}})
    assert pipeline.compile()["short"].operator == ScoreFilter(max=7).bind(input_score="length")
    found = problems_of(Diamond().configure({"shrt": {}, "long": {"mni": 1}, "clean": {"Uper": {}}}))
    assert any("there is no such stage" in problem and '"short"' in problem for problem in found)
    assert any('no parameter "mni"' in problem and "diamond.long" in problem for problem in found)
    assert any('no part "Uper"' in problem and '"Upper"' in problem for problem in found)


def test_several_sources_are_named_by_the_arguments_of_forward() -> None:
    class Two(Pipeline):
        expects = {"documents": {"text": str}, "labels": {"label": int}}

        def __init__(self) -> None:
            self.join = JoinColumns(take=("label",))

        def forward(self, documents: Handle, labels: Handle) -> Handle:
            return self.join(documents, labels)

    plan = Two().compile()
    assert list(plan.sources) == ["documents", "labels"]
    assert plan["join"].schema_out.names == ["row_id", "text", "label"]


def test_a_prompt_must_answer_what_the_operator_reads() -> None:
    class Other(PromptTemplate[str]):
        user = "{{ text }}"

    class Uses(Pipeline):
        def __init__(self) -> None:
            self.rate = EducationalValueEvaluator(prompt=Other())

        def forward(self, documents: Handle) -> Handle:
            return self.rate(documents)

    assert EducationalValueEvaluator().prompt.answer is EducationalValue
    assert any(problem.startswith("uses.rate:") for problem in problems_of(Uses()))


def test_a_missing_optional_package_is_found_at_compile_time() -> None:
    class Heavy(Evaluate, abstract=True):
        packages = ("a_package_that_nobody_has",)
        extra = "models"
        input_text = Input(str)
        output_length = Output(int)

        def evaluate(self, text: str) -> int:
            return 0

    class Uses(Pipeline):
        def __init__(self) -> None:
            self.heavy = Heavy()

        def forward(self, documents: Handle) -> Handle:
            return self.heavy(documents)

    assert any("pip install 'dataflow-dagster[models]'" in problem for problem in problems_of(Uses()))
