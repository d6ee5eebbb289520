"""Names of stages and sources: each is a table of its own, whatever it is called."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import CompileError, ParameterError
from tests.core.samples import ShortOnly, Upper


def pipeline_of(*stages: str) -> type[Pipeline]:
    """A source `documents`, and stages of these names one after the other."""

    class Named(Pipeline):
        def __init__(self) -> None:
            for stage in stages:
                setattr(self, stage, ShortOnly())

        def forward(self, documents: Handle) -> Handle:
            rows = documents
            for stage in stages:
                rows = getattr(self, stage)(rows)
            return rows

    return Named


def problems_of(pipeline: type[Pipeline]) -> list[str]:
    with pytest.raises(CompileError) as error:
        pipeline().compile()
    return [str(problem).partition("\n")[0] for problem in error.value.problems]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (("documents",), 'named.documents: the table of the stage would have the same name as that of the source "documents"'),
        (("short", "documents"), 'named.documents: the table of the stage would have the same name as that of the source "documents"'),
        (("Documents",), 'named.Documents: the table of the stage would have the same name as that of the source "documents"'),
        (("short", "Short"), 'named.Short: the table of the stage would have the same name as that of the stage "short"'),
    ],
)
def test_a_stage_has_no_name_that_another_table_has(stages: tuple[str, ...], said: str) -> None:
    assert problems_of(pipeline_of(*stages)) == [said]


@pytest.mark.parametrize("stages", [("document",), ("documents_2",), ("short", "shorter"), ("runs", "named", "forwarded")])
def test_names_that_are_alike_are_told_apart(stages: tuple[str, ...]) -> None:
    assert [stage.name for stage in pipeline_of(*stages)().compile().stages] == list(stages)


@pytest.mark.parametrize("stage", ["name", "expects", "forward", "run", "compile", "operators", "configure", "source_names"])
def test_a_stage_is_not_named_as_what_every_pipeline_has(stage: str) -> None:
    assert problems_of(pipeline_of(stage, "short")) == [
        f'named.{stage}: no stage can be named "{stage}": every pipeline has something of its own of this name'
    ]
    with pytest.raises(ParameterError, match="no stage can be named"):
        setattr(pipeline_of("short")(), stage, ShortOnly())


class Two(Pipeline):
    expects: ClassVar[dict[str, Any]] = {"pages": {"text": str}, "books": {"text": str}}

    def __init__(self, returns: str) -> None:
        self.upper = Upper()
        self.returns = returns

    def forward(self, pages: Handle, books: Handle) -> Any:
        upper = self.upper(pages)
        return {"one": upper, "both": (upper, books)}[self.returns]


def test_a_source_that_nothing_uses_is_told() -> None:
    with pytest.raises(CompileError, match='forward never uses the source "books"'):
        Two("one").compile()
    assert Two("both").compile().outputs == ("upper", "books")


def test_settings_that_are_corrected_are_no_mistake_any_more() -> None:
    pipeline = pipeline_of("short", "other")().configure({"short": {"moost": 4}, "othr": {"most": 5}})
    with pytest.raises(CompileError, match=r"(?s)^2 problems.*moost.*there is no such stage"):
        pipeline.compile()
    with pytest.raises(CompileError, match=r"(?s)^1 problem\n.*there is no such stage"):
        pipeline.configure({"short": {"most": 4}}).compile()
    plan = pipeline.configure({"other": {"most": 5}}).compile()
    assert [stage.operator.as_dict()["most"] for stage in plan.stages] == [4, 5]


def test_a_mistake_in_the_settings_of_one_stage_is_not_mended_by_those_of_another() -> None:
    pipeline = pipeline_of("short", "other")().configure({"short": {"moost": 4}}).configure({"other": {"most": 5}})
    with pytest.raises(CompileError, match="moost"):
        pipeline.compile()


@pytest.mark.parametrize("name", ["_hidden", "two__lines", "grösse", "system", "a" * 101])
def test_a_stage_whose_name_no_table_can_have_is_found_before_the_run(name: str) -> None:
    assert problems_of(pipeline_of("good", name)) == [f'named.{name}: "{name}" cannot name a table']
