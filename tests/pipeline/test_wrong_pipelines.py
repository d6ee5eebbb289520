"""Faults E4 and E5: whatever is wrong with a pipeline is a problem with a place and a remedy, once, and nothing else is blamed for it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from operators.core.kinds import Evaluate, Filter
from operators.core.sequential import Sequential
from operators.generic.join import JoinColumns
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.call_site import place
from operators.tables.columns import Input, Output
from operators.tables.errors import CompileError, ParameterError, Problem, StageFailed
from operators.text.duplicates.exact import ExactDedup
from tests.core.samples import Length, ShortOnly, Upper


def problems_of(make: Any) -> list[Problem]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that nobody awaits warns
        with pytest.raises(CompileError) as error:
            make().compile()
    return list(error.value.problems)


def only_problem_of(make: Any) -> Problem:
    found = problems_of(make)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


class AClass(Pipeline):
    def __init__(self) -> None:
        self.short = ShortOnly
        self.measure = Length()

    def forward(self, documents: Handle) -> Handle:
        return self.measure(self.short(documents))  # type: ignore[arg-type, call-arg]


def test_e4_a_class_instead_of_an_operator_is_named_and_what_follows_is_still_checked() -> None:
    problem = only_problem_of(AClass)
    assert (problem.where, problem.message) == ("a_class.short", "ShortOnly is a class, not an operator")
    assert problem.suggestion == "make one: self.short = ShortOnly(...)"
    assert "test_wrong_pipelines.py:" in dict(problem.details)["at"]


class ByPosition(Pipeline):
    def __init__(self) -> None:
        self.measure = Length()

    def forward(self, documents: Handle) -> Handle:
        return self.measure(documents, "text")  # type: ignore[type-var]


def test_e4_a_column_given_by_position_says_how_to_bind_it() -> None:
    problem = only_problem_of(ByPosition)
    assert problem.where == "by_position.measure"
    assert problem.message == "Length takes tables by position, not 'text'"
    assert problem.suggestion == 'bind columns by name: input_text="text"'


class Nothing(Pipeline):
    def __init__(self) -> None:
        self.measure = Length()

    def forward(self, documents: Handle) -> Handle:
        return self.measure(None, documents)  # type: ignore[type-var]


def test_e4_none_among_the_tables_is_said_of_its_stage() -> None:
    problem = only_problem_of(Nothing)
    assert (problem.where, problem.message) == ("nothing.measure", "Length takes tables by position, not None")


class Asynchronous(Pipeline):
    def __init__(self) -> None:
        self.measure = Length()

    async def forward(self, documents: Handle) -> Handle:
        return self.measure(documents)


class Yielding(Pipeline):
    def __init__(self) -> None:
        self.measure = Length()

    def forward(self, documents: Handle) -> Iterator[Handle]:
        yield self.measure(documents)


@pytest.mark.parametrize(("make", "said"), [(Asynchronous, "forward is asynchronous"), (Yielding, "forward yields")])
def test_e4_a_forward_that_is_no_ordinary_function_is_named_as_such(make: Any, said: str) -> None:
    problem = only_problem_of(make)
    assert problem.message.startswith(said)
    assert problem.suggestion


class Misspelt(Pipeline):
    def __init__(self) -> None:
        self.measure = Length()

    def foward(self, documents: Handle) -> Handle:
        return self.measure(documents)


def test_e4_a_misspelt_forward_is_found() -> None:
    problem = only_problem_of(Misspelt)
    assert problem.message == "Misspelt has no forward"
    assert problem.suggestion == 'did you mean "foward"?'


class OtherSources(Pipeline):
    expects = {"documents": {"text": str}, "benchmrk": {"text": str}}

    def __init__(self) -> None:
        self.measure = Length()
        self.upper = Upper()

    def forward(self, documents: Handle, benchmark: Handle) -> tuple[Handle, Handle]:
        return self.measure(documents), self.upper(benchmark)


def test_e4_a_source_that_forward_lacks_is_said_of_expects_and_not_of_a_stage() -> None:
    found = problems_of(OtherSources)
    assert found[0].message == 'expects names the source "benchmrk", which forward does not have'
    assert found[0].suggestion == 'did you mean "benchmark"?'


class OneSourceMisnamed(Pipeline):
    expects = {"docs": {"body": str}}

    def __init__(self) -> None:
        self.measure = Length()

    def forward(self, documents: Handle) -> Handle:
        return self.measure(documents, input_text="body")


def test_e4_also_where_there_is_one_source() -> None:
    assert problems_of(OneSourceMisnamed)[0].message == 'expects names the source "docs", which forward does not have'


def rejected(operator: Any) -> Any:
    class Rejected(Pipeline):
        def __init__(self) -> None:
            self.wrong = operator()
            self.measure = Length()

        def forward(self, documents: Handle) -> Handle:
            tables = [documents] * len(self.wrong.tables)
            return self.measure(self.wrong(*tables))

    return Rejected


@pytest.mark.parametrize(
    "operator",
    [
        lambda: JoinColumns(),
        lambda: JoinColumns(tak=("a",)),
        lambda: ScoreFilter(),
        lambda: ScoreFilter(min="high"),
        lambda: Sequential(ShortOnly(moost=3), ShortOnly()),
        lambda: ShortOnly(most=[1]),
        lambda: ShortOnly(columns={"input_txt": "body"}),
    ],
)
def test_e5_a_rejected_parameter_is_one_problem_without_an_echo(operator: Any) -> None:
    found = problems_of(rejected(operator))
    assert {problem.where for problem in found} == {"rejected.wrong"}
    assert not [problem for problem in found if "forward raised" in problem.message or "AttributeError" in str(problem)]


class AtMost(Evaluate, abstract=True):
    """How many characters of a text are over `most`."""

    input_text = Input(str)
    output_over = Output(int)
    most: int = 10

    def evaluate(self, text: str) -> int:
        return max(0, len(text) - self.most)


class BoundThoughRejected(Pipeline):
    """The stage below reads the name that the rejected one gave its column."""

    expects = {"text": str}

    def __init__(self) -> None:
        self.wrong = AtMost(most="many")  # type: ignore[arg-type]
        self.few = ScoreFilter(max=3)

    def forward(self, documents: Handle) -> Handle:
        return self.few(self.wrong(documents, output_over="too_long"), input_score="too_long")


def test_e5_the_columns_that_a_rejected_stage_is_bound_to_are_found_below() -> None:
    assert [problem.where for problem in problems_of(BoundThoughRejected)] == ["bound_though_rejected.wrong"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((ShortOnly, Upper()), "a Sequential is made of operators; <class"),
        (([ShortOnly(), Upper()],), "a Sequential is made of operators; [ShortOnly(), Upper()] is none"),
        ((), 'Sequential needs the parameter "parts"'),
        ((Upper(), ExactDedup()), "ExactDedup works on whole tables"),
    ],
)
def test_a_sequential_that_is_none_is_told_also_where_the_resources_of_the_run_are_known(parts: tuple[Any, ...], said: str) -> None:
    class Rejected(Pipeline):
        def __init__(self) -> None:
            self.clean = Sequential(*parts)

        def forward(self, documents: Handle) -> Handle:
            return self.clean(documents)

    with pytest.raises(CompileError) as error:
        Rejected().compile(resources={"llm"})
    (problem,) = error.value.problems
    assert problem.where == "rejected.clean"
    assert said in problem.message


def test_parameters_by_position_are_told_by_name() -> None:
    class Positional(Pipeline):
        def __init__(self) -> None:
            self.short = ShortOnly(5)  # type: ignore[call-arg]

        def forward(self, documents: Handle) -> Handle:
            return self.short(documents)

    problem = only_problem_of(Positional)
    assert (problem.where, problem.suggestion) == ("positional.short", "write ShortOnly(most=5)")


class WithAnything(Filter):
    """Keep texts for which `decide` says so."""

    input_text = Input(str)
    decide: Any = None

    def keep(self, text: str) -> bool:
        return bool(self.decide(text))


def test_a_parameter_that_is_no_plain_data_is_found_before_the_run() -> None:
    class WithFunction(Pipeline):
        def __init__(self) -> None:
            self.decided = WithAnything(decide=lambda text: len(text) > 3)

        def forward(self, documents: Handle) -> Handle:
            return self.decided(documents)

    problem = only_problem_of(WithFunction)
    assert problem.where == "with_function.decided"
    assert problem.message == "a parameter is plain data, and this one is a function"


def test_a_pipeline_is_no_stage() -> None:
    class Outer(Pipeline):
        def __init__(self) -> None:
            self.inner = AClass()

        def forward(self, documents: Handle) -> Handle:
            return self.inner(documents)  # type: ignore[operator, no-any-return]

    problem = only_problem_of(Outer)
    assert (problem.where, problem.message) == ("outer.inner", "AClass is a pipeline, and a stage is an operator")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (["text"], "expects is a list, not columns with their types"),
        ({"text": "str"}, "expects says of the column \"text\" no type: 'str' has no column type"),
        ({"documents": {"text": str}, "url": str}, "expects has columns and sources side by side"),
    ],
)
def test_what_expects_cannot_say_is_told(expected: Any, said: str) -> None:
    class Expecting(Pipeline):
        expects = expected

        def __init__(self) -> None:
            self.short = ShortOnly()

        def forward(self, documents: Handle) -> Handle:
            return self.short(documents)

    assert only_problem_of(Expecting).message.startswith(said)


def test_forward_names_its_sources() -> None:
    class NoSource(Pipeline):
        def forward(self) -> None: ...

    class AnySources(Pipeline):
        def forward(self, *documents: Handle) -> tuple[Handle, ...]:
            return documents

    for pipeline in (NoSource, AnySources):
        assert "not self and a handle for each source by its name" in only_problem_of(pipeline).message


def test_what_the_constructor_raises_has_a_place() -> None:
    class Misspelt(Pipeline):
        def __init__(self) -> None:
            self.short = ShortOnyl()  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(
        ParameterError, match=r"Misspelt: __init__ raised NameError: name 'ShortOnyl' is not defined\n  at .*test_wrong_pipelines.py:\d+"
    ):
        Misspelt()


def test_a_place_in_a_notebook_is_a_line_of_a_cell() -> None:
    assert place("/tmp/ipykernel_28966/1958907129.py", 11) == "line 11 of a cell"
    assert place("/home/user/project/pipelines/reviews.py", 11) == "pipelines/reviews.py:11"


def test_a_failed_stage_says_which_it_is() -> None:
    class Failing(Pipeline):
        def __init__(self) -> None:
            self.decided = WithAnything()

        def forward(self, documents: Handle) -> Handle:
            return self.decided(documents)

    with pytest.raises(StageFailed, match=r"^failing\.decided: 1 of 1 rows failed"):
        Failing().run(["a"], progress=False)
