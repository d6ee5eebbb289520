"""What a pipeline's constructor is given, held against its annotations: `languages="en"` would otherwise be the languages "e" and "n"."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from operators.tables.errors import Problem, closest

_SEVERAL = ("sequence_str", "list_type", "tuple_type", "set_type", "frozen_set_type")
"""What pydantic calls the mistake of a text where several are needed, by the annotation: Sequence, list, tuple, set, frozenset."""


def argument_problems(pipeline: type, args: Sequence[Any], parameters: Mapping[str, Any]) -> list[Problem]:
    """Names that the constructor does not have or does not get, and texts where lists of texts are wanted, which nobody would find later."""
    signature = _signature(pipeline)
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    unknown = [] if takes_any else [name for name in parameters if name not in signature.parameters]
    if unknown:
        known = list(signature.parameters)
        listed = ("parameters", ", ".join(known) or "none")
        return [Problem(f'{pipeline.__name__} has no parameter "{name}"', details=(listed,), suggestion=closest(name, known)) for name in unknown]
    if missing := _missing(signature, args, parameters):
        first = missing[0]
        return [Problem(f'{pipeline.__name__} needs the parameter "{first}"', suggestion=f"give it a value, or a default in __init__: {first}=...")]
    split = [(name, value) for name, value, errors in _unfit(pipeline, args, parameters) if isinstance(value, str) and errors[0]["type"] in _SEVERAL]
    return [
        Problem(
            "a text where a list of texts is needed",
            details=(("argument", f"{name}={value!r} of {pipeline.__name__}"),),
            suggestion=f'put it into a list: {name}=["{value}"]',
        )
        for name, value in split
    ]


def _missing(signature: inspect.Signature, args: Sequence[Any], parameters: Mapping[str, Any]) -> list[str]:
    """The arguments without a default that are not given."""
    try:
        given = signature.bind_partial(*args, **parameters).arguments
    except TypeError:  # too many, or one twice: Python says it better
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        name
        for name, parameter in signature.parameters.items()
        if parameter.default is inspect.Parameter.empty and parameter.kind not in several and name not in given
    ]


def unfit_values(pipeline: type, args: Sequence[Any], parameters: Mapping[str, Any]) -> list[Problem]:
    """Values that do not fit their annotations, for a constructor that fails with them. Most are told by the operator that they are given to."""
    problems = []
    for name, _, (first, *_) in _unfit(pipeline, args, parameters):
        place = ".".join([name, *(str(part) for part in first["loc"] if isinstance(part, int))])
        details = (("argument", f"{place}={first['input']!r} of {pipeline.__name__}"),)
        problems.append(Problem(first["msg"][:1].lower() + first["msg"][1:], details=details))
    return problems


def _unfit(pipeline: type, args: Sequence[Any], parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any, list[Any]]]:
    """Name, value and errors of each argument; defaults are not looked at."""
    try:
        given = _signature(pipeline).bind_partial(*args, **parameters).arguments
    except TypeError:  # too many, or one twice: Python says it better
        return
    adapters = _adapters(pipeline)
    for name, value in given.items():
        if name in adapters:
            try:
                adapters[name].validate_python(value)
            except ValidationError as error:
                yield name, value, error.errors()


@functools.cache
def _signature(pipeline: type) -> inspect.Signature:
    if pipeline.__init__ is object.__init__:  # type: ignore[misc]
        return inspect.Signature()
    signature = inspect.signature(pipeline.__init__)  # type: ignore[misc]
    return signature.replace(parameters=list(signature.parameters.values())[1:])  # without self


@functools.cache
def _adapters(pipeline: type) -> dict[str, TypeAdapter[Any]]:
    """Of the arguments with an annotation that can be told and checked."""
    try:
        hints = get_type_hints(pipeline.__init__)  # type: ignore[misc]
    except (NameError, TypeError):  # a name that only a type checker sees
        return {}
    adapters = {}
    for name, hint in hints.items():
        if name != "return":
            try:
                adapters[name] = TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
            except PydanticUserError:  # a model brings a configuration of its own
                adapters[name] = TypeAdapter(hint)
    return adapters
