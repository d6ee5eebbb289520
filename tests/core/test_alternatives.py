"""Parameters of which one is given, and parameters with a closed set of values: the JSON schema accepts what the class accepts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from operators import Evaluate, Input, Output
from operators.core import registry
from operators.core.operator import Operator
from operators.tables.errors import ParameterError

jsonschema = pytest.importorskip("jsonschema", reason="the schemas are checked by jsonschema, which comes with dagster")

ABSENT = object()
WITH_ALTERNATIVES = [cls for cls in registry.all_operators() if cls.either or cls.at_least_one]


def schema_accepts(cls: type[Operator], parameters: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(cls.model_json_schema()).is_valid(parameters))


def class_accepts(cls: type[Operator], parameters: dict[str, Any]) -> bool:
    try:
        cls(**parameters)
    except ParameterError:
        return False
    return True


def example_of(cls: type[Operator]) -> dict[str, Any]:
    """The parameters of its example as JSON."""
    return {name: value for name, value in cls(**cls.example).as_dict().items() if name != "operator"}


def every_choice(cls: type[Operator]) -> Iterator[dict[str, Any]]:
    """Each parameter of the groups left out, null, or given; the other parameters as in the example."""
    names = list(dict.fromkeys(itertools.chain(*cls.either, *cls.at_least_one)))
    others = {name: value for name, value in cls.example.items() if name not in names}
    for values in itertools.product(*((ABSENT, None, given_value(cls, name)) for name in names)):
        yield {**others, **{name: value for name, value in zip(names, values, strict=True) if value is not ABSENT}}


def given_value(cls: type[Operator], name: str) -> Any:
    """That of the example, for this parameter or for another of its type; 1 for numbers."""
    type_ = cls.model_fields[name].annotation
    alike = [value for other, value in cls.example.items() if cls.model_fields[other].annotation == type_]
    value = next(iter(alike), 1)
    return list(value) if isinstance(value, tuple) else value


def test_the_operators_that_need_one_of_several_declare_it() -> None:
    assert {"ScoreFilter", "TopFilter", "TemperatureSample", "PercentileFilter", "RandomSample", "DeitaSelection"} <= {
        cls.__name__ for cls in WITH_ALTERNATIVES
    }


@pytest.mark.parametrize("cls", WITH_ALTERNATIVES, ids=lambda cls: cls.__name__)
def test_the_schema_accepts_exactly_the_choices_that_the_class_accepts(cls: type[Operator]) -> None:
    choices = list(every_choice(cls))
    accepted = [choice for choice in choices if class_accepts(cls, choice)]
    assert accepted == [choice for choice in choices if schema_accepts(cls, choice)]
    assert 0 < len(accepted) < len(choices)


def two_groups() -> type[Operator]:
    class Measured(Evaluate):
        """Needs a size and a bound."""

        either = (("rows", "share"),)
        at_least_one = (("low", "high"),)
        example: ClassVar[dict[str, Any]] = {"rows": 1, "low": 0}

        input_text = Input(str)
        output_length = Output(int, "length")

        rows: int | None = None
        share: float | str | None = None
        low: int | None = None
        high: int | None = None

        def evaluate_batch(self, text: pa.Array) -> pa.Array:
            return pa.array([1] * len(text))

    return Measured


def test_several_groups_are_all_held_to() -> None:
    cls = two_groups()
    choices = list(every_choice(cls))
    accepted = [choice for choice in choices if class_accepts(cls, choice)]
    assert accepted == [choice for choice in choices if schema_accepts(cls, choice)]
    assert len(accepted) == 4 * 5  # of each pair of the first group one; of the second one or both
    with pytest.raises(ParameterError, match="a Measured needs either rows or share"):
        cls(low=1)
    with pytest.raises(ParameterError, match="a Measured needs low, high or both"):
        cls(rows=1)


def test_a_changed_operator_is_held_to_it_too() -> None:
    sample = registry.find("RandomSample")(rows=3)
    assert sample.changed(rows=None, share=0.5).share == 0.5  # type: ignore[attr-defined]
    with pytest.raises(ParameterError, match="needs either rows or share"):
        sample.changed(share=0.5)


def test_alternatives_that_are_no_optional_parameters_are_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match='names "sahre" among alternatives'):

        class Misspelt(two_groups()):  # type: ignore[misc]
            either = (("rows", "sahre"),)


@pytest.mark.parametrize("cls", registry.all_operators(), ids=lambda cls: cls.__name__)
def test_the_schema_of_every_operator_accepts_its_example(cls: type[Operator]) -> None:
    assert schema_accepts(cls, example_of(cls))


def closed_sets() -> Iterator[Any]:
    for cls in registry.all_operators():
        for name, item in cls.model_json_schema()["properties"].items():
            for shape, values in (("one", item.get("enum")), ("several", item.get("items", {}).get("enum"))):
                if values:
                    yield pytest.param(cls, name, shape, values, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize(("cls", "name", "shape", "values"), list(closed_sets()))
def test_a_closed_set_of_the_schema_is_that_of_the_class(cls: type[Operator], name: str, shape: str, values: list[Any]) -> None:
    def accepted(value: Any) -> tuple[bool, bool]:
        parameters = {**example_of(cls), name: [value] if shape == "several" else value}
        return schema_accepts(cls, parameters), class_accepts(cls, parameters)

    assert {accepted(value) for value in values} == {(True, True)}
    assert accepted("no such value") == (False, False)


@pytest.mark.parametrize(
    ("operator", "name", "value"),
    [
        ("StatisticsEvaluator", "statistics", "words"),
        ("LanguageFilter", "keep", "pt"),
        ("RemoveStopWords", "language", "de"),
        ("StopWordsFilter", "language", "de"),
        ("StemWords", "language", "de"),
        ("AnonymizePersonalData", "kinds", "secret"),
    ],
)
def test_closed_sets_stand_in_the_schema(operator: str, name: str, value: str) -> None:
    item = registry.find(operator).model_json_schema()["properties"][name]
    assert value in item.get("enum", item.get("items", {}).get("enum", ()))
