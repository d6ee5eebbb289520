"""compile() warns of filters that stand after a stage that asks a model and could stand before it; it does not fail."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from dataflow_assets.pipelines import all_pipelines
from operators.core.sequential import Sequential
from operators.generic.join import JoinColumns
from operators.generic.prompted import PromptedEvaluator, PromptedFilter, PromptedGenerator, PromptedRefiner
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import PipelineWarning
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import BlankFilter, WordCountFilter


def warned(build: Callable[[Any], None], forward: Callable[[Any, Handle], Any]) -> list[tuple[str, str]]:
    """The stages and the first lines of the warnings of a pipeline."""

    class Tried(Pipeline):
        def __init__(self) -> None:
            build(self)

        def forward(self, documents: Handle) -> Any:
            return forward(self, documents)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plan = Tried().compile()
    assert [str(problem) for problem in plan.warnings] == [str(one.message) for one in caught if one.category is PipelineWarning]
    return [(problem.where.partition(".")[2], problem.message) for problem in plan.warnings]


def test_a_rule_after_a_paid_stage_is_named_with_it_and_with_what_to_do() -> None:
    def build(pipeline: Any) -> None:
        pipeline.rate = PromptedEvaluator(prompt="Rate {{ text }}")
        pipeline.short = WordCountFilter()

    [(stage, message)] = warned(build, lambda pipeline, rows: pipeline.short(pipeline.rate(rows)))
    assert stage == "short"
    assert (
        message
        == 'WordCountFilter needs no language model and reads nothing that "rate" makes, but stands after it: the rows that it rejects are paid for'
    )


def test_a_filter_on_what_another_part_of_its_stage_rewrites_stands_where_it_can() -> None:
    def build(pipeline: Any) -> None:
        pipeline.rate = PromptedEvaluator(prompt="Rate {{ text }}")
        pipeline.tidy = Sequential(BlankFilter(), NormalizeSpaces(), WordCountFilter())

    [(stage, message)] = warned(build, lambda pipeline, rows: pipeline.tidy(pipeline.rate(rows)))
    assert stage == "tidy"
    assert message.startswith("BlankFilter, a part of it, needs no language model")


def test_of_several_paid_stages_the_first_that_it_could_stand_before_is_named() -> None:
    def build(pipeline: Any) -> None:
        pipeline.first = PromptedEvaluator(prompt="Rate {{ text }}")
        pipeline.good = ScoreFilter(min=3)
        pipeline.second = PromptedFilter(prompt="Keep {{ text }}?")
        pipeline.rules = Sequential(BlankFilter(), ScoreFilter(max=4))

    def forward(pipeline: Any, rows: Handle) -> Handle:
        return pipeline.rules(pipeline.second(pipeline.good(pipeline.first(rows))))

    found = warned(build, forward)
    assert [(stage, message.split(" ")[0], message.split('"')[1]) for stage, message in found] == [
        ("rules", "BlankFilter,", "first"),
        ("rules", "ScoreFilter,", "second"),
    ]


def test_a_sample_of_all_rows_after_a_paid_column_is_warned_of() -> None:
    def build(pipeline: Any) -> None:
        pipeline.rate = PromptedEvaluator(prompt="Rate {{ text }}")
        pipeline.some = RandomSample(rows=10)

    assert len(warned(build, lambda pipeline, rows: pipeline.some(pipeline.rate(rows)))) == 1


def build_all(pipeline: Any) -> None:
    pipeline.rate = PromptedEvaluator(prompt="Rate {{ text }}")
    pipeline.ask = PromptedFilter(prompt="Keep {{ text }}?")
    pipeline.mend = PromptedRefiner(prompt="Mend {{ text }}")
    pipeline.write = PromptedGenerator(prompt="Answer {{ text }}")
    pipeline.good = ScoreFilter(min=3)
    pipeline.some = RandomSample(rows=10)
    pipeline.words = WordCountFilter()
    pipeline.once = ExactDedup()
    pipeline.join = JoinColumns(take=("generated",))


def only(*stages: str) -> Callable[[Any], None]:
    def build(pipeline: Any) -> None:
        build_all(pipeline)
        for name in set(pipeline.operators()) - set(stages):
            del pipeline.__dict__[name]

    return build


@pytest.mark.parametrize(
    ("stages", "forward"),
    [
        pytest.param(("rate", "good"), lambda p, rows: p.good(p.rate(rows)), id="it reads what the paid stage makes"),
        pytest.param(("mend", "words"), lambda p, rows: p.words(p.mend(rows)), id="it reads what the paid stage rewrites"),
        pytest.param(
            ("write", "words"), lambda p, rows: p.words(p.write(rows), input_text="generated"), id="it is bound to what the paid stage makes"
        ),
        pytest.param(("ask", "some"), lambda p, rows: p.some(p.ask(rows)), id="a draw from what a paid filter keeps is another draw"),
        pytest.param(("rate", "words"), lambda p, rows: p.rate(p.words(rows)), id="it stands before the paid stage"),
        pytest.param(
            ("rate", "words", "write", "join"),
            lambda p, rows: (lambda rated: p.join(p.words(rated), p.write(rated)))(p.rate(rows)),
            id="another branch needs the rows that it rejects",
        ),
        pytest.param(("rate", "words"), lambda p, rows: (lambda rated: [rated, p.words(rated)])(p.rate(rows)), id="the table is a result too"),
    ],
)
def test_what_has_to_stand_where_it_stands_is_not_warned_of(stages: tuple[str, ...], forward: Callable[[Any, Handle], Any]) -> None:
    assert warned(only(*stages), forward) == []


SHORTER: dict[str, list[dict[str, Any]]] = {
    "math_reasoning": [{"check": False, "rate": False}, {"synthesize": 0}, {"programs": 0}],
    "general_reasoning": [{"synthesize": 0}, {"synthesize": 0, "check": False}],
    "math_fusion": [{"samples": 0}],
}


@pytest.mark.parametrize("name", all_pipelines())
def test_the_shipped_pipelines_have_none(name: str) -> None:
    for parameters in ({}, *SHORTER.get(name, [])):
        assert all_pipelines()[name](**parameters).compile().warnings == ()
