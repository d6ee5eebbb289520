"""A program, or a model, can write an operator from the JSON schema of its parameters: the schema is true of every operator there is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from operators.core import registry
from operators.core.operator import Operator
from operators.tables.errors import ParameterError


def schemas() -> Iterator[tuple[type[Operator], dict[str, Any]]]:
    for cls in registry.all_operators():
        if cls.__module__.startswith("operators."):
            yield cls, cls.model_json_schema()


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]


def test_every_default_is_a_value_that_the_schema_takes() -> None:
    wrong = [
        (cls.__name__, name, found)
        for cls, schema in schemas()
        for name, parameter in schema["properties"].items()
        if "default" in parameter and (found := faults({**parameter, "$defs": schema.get("$defs", {})}, parameter["default"]))
    ]
    assert wrong == []


def test_an_operator_as_plain_data_is_what_its_schema_takes() -> None:
    wrong = []
    for cls, schema in schemas():
        Draft202012Validator.check_schema(schema)
        plain = cls(**cls.example).as_dict()
        wrong += [(cls.__name__, found) for found in faults(schema, {name: value for name, value in plain.items() if name != "operator"})]
    assert wrong == []


def test_what_no_parameter_can_be_is_refused_as_such() -> None:
    """An empty value in YAML is a null: it is a value of the parameter, or a mistake that is told as every other."""
    for cls, schema in schemas():
        for name in schema["properties"]:
            for value in (None, object()):
                with contextlib.suppress(ParameterError):
                    cls(**{**cls.example, name: value})
