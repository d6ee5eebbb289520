"""The parameters of a stage as run config: every one with its default and what it means, so that "what if" is a field of the launchpad."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg
from pydantic.fields import FieldInfo

from operators.asking.prompt import PromptTemplate
from operators.core.operator import Operator
from operators.core.sequential import parts_of
from operators.pipeline.plan import Plan, Stage

_PLAIN: dict[Any, Any] = {bool: dg.Bool, int: dg.Int, float: dg.Float, str: dg.String}


@dataclass(frozen=True)
class Difference:
    """A parameter that a run was given another value for. `parameter` is "min_words", or "WordCountFilter.min_words" of a part."""

    parameter: str
    default: Any
    value: Any


def config_schema(operator: Operator, models: Collection[str] = ()) -> dict[str, dg.Field]:
    """Fields of the run config, as `stages:` of defs.yaml has them. `models` are the language models that a stage may be given instead of its own."""
    parts = parts_of(operator)
    names = [part.name for part in parts]
    fields = {}
    for part in parts:
        shape = dg.Shape(_fields(part, models, with_defaults=names.count(part.name) == 1))  # type: ignore[no-untyped-call]
        fields[part.name] = dg.Field(shape, is_required=False, description=_first_line(part))
    return {**fields, **_fields(operator, models)}


def with_run_config(plan: Plan, stage: Stage, given: Mapping[str, Any]) -> tuple[Plan, tuple[Difference, ...]]:
    """The plan with what a run's config changes of a stage, and what that is. The same plan where it changes nothing.

    Raises:
        ParameterError: a value that the operator cannot take.
    """
    operator, differences = changed_operator(stage.operator, given)
    if not differences:
        return plan, ()
    changed = dataclasses.replace(stage, operator=operator)
    return dataclasses.replace(plan, stages=tuple(changed if one.name == stage.name else one for one in plan.stages)), differences


def changed_operator(operator: Operator, given: Mapping[str, Any]) -> tuple[Operator, tuple[Difference, ...]]:
    """The operator with those of the given values that are not its own."""
    if not parts_of(operator):
        return _changed(operator, given)
    parts, differences = [], []
    for part in parts_of(operator):
        changed, of_part = _changed(part, given.get(part.name, {}))
        parts.append(changed)
        differences += [dataclasses.replace(one, parameter=f"{part.name}.{one.parameter}") for one in of_part]
    own, of_whole = _changed(operator, {name: value for name, value in given.items() if name in type(operator).model_fields})
    return own.changed(parts=tuple(parts)) if differences else own, (*differences, *of_whole)


def _changed(operator: Operator, given: Mapping[str, Any]) -> tuple[Operator, tuple[Difference, ...]]:
    current = _values(operator)
    differences, parameters = [], {}
    for name, value in given.items():
        if name not in current or value == current[name]:
            continue
        before = getattr(operator, name)
        if isinstance(before, PromptTemplate):
            texts = {key: text for key, text in value.items() if text != current[name][key]}
            parameters[name] = before.changed(**texts)
            differences += [Difference(f"{name}.{key}", current[name][key], text) for key, text in texts.items()]
        else:
            parameters[name] = value
            differences.append(Difference(name, current[name], value))
    return operator.changed(**parameters) if parameters else operator, tuple(differences)


def _no_parameters(operator: Operator) -> set[str]:
    """Bindings of columns are the pipeline's, and so is which tables there are; parts have fields of their own."""
    return {"columns", "checkpoint", *(["parts"] if parts_of(operator) else [])}


def _values(operator: Operator) -> dict[str, Any]:
    """Parameter -> its value as plain data."""
    plain = operator.model_dump(mode="json", exclude=_no_parameters(operator))
    prompts = {name: value for name, value in operator if isinstance(value, PromptTemplate)}
    return {**plain, **{name: {"system": prompt.system, "user": prompt.user} for name, prompt in prompts.items()}}


def _fields(operator: Operator, models: Collection[str], with_defaults: bool = True) -> dict[str, dg.Field]:
    values = _values(operator)
    fields = {}
    for name, info in type(operator).model_fields.items():
        if name in _no_parameters(operator):
            continue
        is_model = name in operator.needs and getattr(operator, name) in models  # a sandbox, or an embedding, is no model to choose
        kind = _model_choice(models) if is_model else _type_of(operator, name, info)
        default = {"default_value": values[name]} if with_defaults else {}
        fields[name] = dg.Field(kind, is_required=False, description=_description(info), **default)
    return fields


def _type_of(operator: Operator, name: str, info: FieldInfo) -> Any:
    """The type of a field in the launchpad; `Any`, which takes every value, where Dagster has none like it. The operator checks all values itself."""
    value = getattr(operator, name)
    if isinstance(value, PromptTemplate):
        texts = {"system": value.system, "user": value.user}
        return dg.Shape({key: dg.Field(dg.String, is_required=False, default_value=text) for key, text in texts.items()})  # type: ignore[no-untyped-call]
    return _dagster_type(info.annotation, f"{operator.name}_{name}")


def _dagster_type(annotation: Any, name: str) -> Any:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _dagster_type(arguments[0], name)
    if origin is Literal and all(isinstance(value, str) for value in arguments):
        return _choice(name, arguments)
    if origin in (typing.Union, types.UnionType):
        others = [argument for argument in arguments if argument is not type(None)]
        inner = _dagster_type(others[0], name) if len(others) == 1 else dg.Any
        return inner if inner is dg.Any or len(others) == len(arguments) else dg.Noneable(inner)
    if origin in (tuple, list, Sequence, frozenset, set) and [argument for argument in arguments if argument is not ...]:
        inner = _dagster_type(arguments[0], name)
        return dg.Any if inner is dg.Any or (origin is tuple and arguments[-1] is not ...) else dg.Array(inner)
    return dg.Any


def _model_choice(models: Collection[str]) -> dg.Enum:
    return _choice("models_" + "_".join(sorted(models)), tuple(sorted(models)))


@functools.cache
def _choice(name: str, values: tuple[str, ...]) -> dg.Enum:
    """The same object for the same choice: Dagster wants one definition of each name."""
    return dg.Enum(name, [dg.EnumValue(value) for value in values])


def _description(info: FieldInfo) -> str:
    bounds = {type(one).__name__.lower(): one for one in info.metadata}
    signs = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    said = [f"{words} {getattr(bounds[sign], sign)}" for sign, words in signs.items() if sign in bounds]
    return " ".join(filter(None, [info.description or "", f"({', '.join(said)})" if said else ""]))


def _first_line(operator: Operator) -> str:
    return " ".join((type(operator).__doc__ or "").split("\n\n")[0].split())
