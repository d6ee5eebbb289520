"""Several operators as one: each part is given its own resource, and a mistake of one is not laid to the next."""

from __future__ import annotations

from typing import ClassVar

import pytest

from operators.core.kinds import Refine
from operators.core.operator import Operator
from operators.core.sequential import Sequential
from operators.generic.selection.score import ScoreFilter
from operators.generic.vectors.embed import EmbeddingGenerator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.columns import Input
from operators.tables.errors import CompileError, ParameterError, StageFailed
from operators.testing.scripted_embedding import ScriptedEmbedding
from tests.core.samples import Length


class Signs(Refine, abstract=True):
    """Puts what a resource is at the end of a text."""

    needs: ClassVar[tuple[str, ...]] = ("pen",)
    input_text = Input(str)
    pen: str = "pen"

    def refine(self, text: str, pen: str) -> str:
        return text + pen


def signed(*names: str) -> Sequential:
    return Sequential(*(Signs(pen=name) for name in names))


PENS = {"red": "r", "blue": "b", "green": "g"}


@pytest.mark.parametrize("names", [("red", "blue"), ("blue", "red", "blue"), ("red", "red"), ("green", "blue", "red")])
def test_each_part_is_given_the_resource_that_it_names(names: tuple[str, ...]) -> None:
    result = signed(*names).run(["x"], resources=PENS, progress=False)
    assert result.table["text"].to_pylist() == ["x" + "".join(PENS[name] for name in names)]


def test_all_resources_of_the_parts_are_asked_for() -> None:
    assert list(signed("red", "red").resource_names().items()) == [("pen", "red")]
    assert set(signed("red", "blue", "red").resource_names().values()) == {"red", "blue"}
    with pytest.raises(StageFailed, match=r'needs the resource "blue" \(pen\)'):
        signed("red", "blue").run(["x"], resources={"red": "r"}, progress=False)


class Embeds(Pipeline):
    """Two embeddings of each text, in one stage, or in two of which the first keeps a table or does not."""

    def __init__(self, checkpoint: bool = True, one_stage: bool = False) -> None:
        small, large = EmbeddingGenerator(embedding="small", checkpoint=checkpoint), EmbeddingGenerator(embedding="large")
        self.one_stage = one_stage
        if one_stage:
            self.both = Sequential(small.bind(output_embedding="by_small"), large.bind(output_embedding="by_large"))
        else:
            self.small, self.large = small, large

    def forward(self, documents: Handle) -> Handle:
        if self.one_stage:
            return self.both(documents)
        return self.large(self.small(documents, output_embedding="by_small"), output_embedding="by_large")


@pytest.mark.parametrize("given", [{}, {"checkpoint": False}, {"one_stage": True}], ids=str)
def test_a_pass_over_the_rows_gives_what_its_stages_would_give(given: dict[str, bool]) -> None:
    resources = {"small": ScriptedEmbedding(lambda _: [1.0, 0.0]), "large": ScriptedEmbedding(lambda _: [0.0, 1.0])}
    table = Embeds(**given).run(["x"], resources=resources, progress=False).table
    assert table.select(["by_small", "by_large"]).to_pylist() == [{"by_small": [1.0, 0.0], "by_large": [0.0, 1.0]}]
    with pytest.raises(CompileError, match=r'needs the resource "large" \(embedding\)'):
        Embeds(**given).compile(resources=["small"])


def only_problem(operator: Operator, **columns: str) -> str:
    class Uses(Pipeline):
        def __init__(self) -> None:
            self.stage = operator

        def forward(self, documents: Handle) -> Handle:
            return self.stage(documents, **columns)

    with pytest.raises(CompileError) as error:
        Uses().compile()
    (problem,) = error.value.problems
    return problem.message


def test_a_mistake_of_one_part_is_not_laid_to_the_next() -> None:
    long = ScoreFilter(min=1)
    assert only_problem(Sequential(Length().bind(input_text="txt"), long.bind(input_score="length"))) == 'column "txt" does not exist'
    assert only_problem(Sequential(Length(), long.bind(input_score="lenght"))) == 'column "lenght" does not exist'


def test_what_is_said_of_a_stage_is_not_said_of_a_part() -> None:
    with pytest.raises(ParameterError, match="give max_failed to the Sequential, not to Length"):
        Sequential(Length(max_failed=0.5))
    with pytest.raises(ParameterError, match="give checkpoint to the outer Sequential"):
        Sequential(Sequential(Length(), checkpoint=False))
    assert Sequential(Sequential(Length()), max_failed=0.5).max_failed == 0.5
