"""What a pipeline's constructor is given, held against its annotations: `languages="en"` would otherwise be the languages "e" and "n"."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from operators.tables.errors import Problem, closest


def argument_problems(pipeline: type, args: Sequence[Any], parameters: Mapping[str, Any]) -> list[Problem]:
    """Names that the constructor does not have, and values that do not fit their annotations; defaults are not looked at."""
    signature = _signature(pipeline)
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in signature.parameters.values())
    unknown = [] if takes_any else [name for name in parameters if name not in signature.parameters]
    if unknown:
        known = list(signature.parameters)
        listed = ("parameters", ", ".join(known) or "none")
        return [Problem(f'{pipeline.__name__} has no parameter "{name}"', details=(listed,), suggestion=closest(name, known)) for name in unknown]
    try:
        given = signature.bind_partial(*args, **parameters).arguments
    except TypeError:  # too many, or one twice: Python says it better
        return []
    adapters = _adapters(pipeline)
    return [problem for name, value in given.items() if name in adapters for problem in _of_value(pipeline, name, value, adapters[name])]


def _of_value(pipeline: type, name: str, value: Any, adapter: TypeAdapter[Any]) -> list[Problem]:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in (name, *first["loc"]) if isinstance(part, int) or part == name)
        is_lone_text = first["type"] == "sequence_str"
        message = "a text where a list of texts is needed" if is_lone_text else first["msg"][:1].lower() + first["msg"][1:]
        suggestion = f'put it into a list: {name}=["{value}"]' if is_lone_text else ""
        return [Problem(message, details=(("argument", f"{place}={first['input']!r} of {pipeline.__name__}"),), suggestion=suggestion)]
    return []


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
