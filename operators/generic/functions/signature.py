"""What a function says of itself: the columns that it reads are its arguments, the columns that it makes stand in its return annotation."""

from __future__ import annotations

import functools
import importlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from operators.tables.columns import Input, Output
from operators.tables.errors import closest
from operators.tables.types import arrow_type


@dataclass(frozen=True)
class Signature:
    function: Callable[..., Any]
    inputs: dict[str, Input]
    returns: Any
    """The return annotation; `inspect.Signature.empty` where there is none."""

    def outputs(self, of: Any) -> dict[str, Output]:
        """A column for each field of a pydantic model; one with the function's name for any other type."""
        if isinstance(of, type) and issubclass(of, BaseModel):
            return {name: Output(field.annotation) for name, field in of.model_fields.items()}
        return {self.function.__name__: Output(of)}

    def columns_of(self, value: Any, of: Any) -> dict[str, Any]:
        """What the function returned, by output name. A dict does for a model.

        Raises:
            TypeError: it is neither a model nor a dict, where the annotation says a model.
        """
        if not (isinstance(of, type) and issubclass(of, BaseModel)):
            return {self.function.__name__: value}
        if not isinstance(value, BaseModel | Mapping):
            raise TypeError(
                f"{self.function.__name__} returned {str(value)[:60]!r} of {type(value).__name__}, where its annotation says {of.__name__}"
            )
        return value.model_dump() if isinstance(value, BaseModel) else dict(value)


@functools.lru_cache(maxsize=256)
def signature_of(name: str) -> Signature:
    """The function "my_module:function", imported now.

    Raises:
        ValueError: there is none, or it is not of a form that can be a stage, with what to do.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ValueError(f'"{name}" is no function: write "my_module:function"')
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise ValueError(f'the module "{module}" cannot be imported: {error}. It has to be installed, or on PYTHONPATH') from error
    function = getattr(found, attribute, None)
    if not inspect.isfunction(function):
        known = [name for name, value in vars(found).items() if inspect.isfunction(value)]
        raise ValueError(f'{module} has no function "{attribute}". {closest(attribute, known)}')
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ValueError(f"{name} is asynchronous: write an operator of your own instead, as docs/writing-operators.md shows")
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError) as error:
        raise ValueError(f"the annotations of {name} cannot be read: {error}") from error
    parameters = inspect.signature(function).parameters.values()
    if gathered := next((one for one in parameters if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD, one.POSITIONAL_ONLY)), None):
        raise ValueError(f"{name} takes {gathered}: each column needs an argument with its name")
    inputs = {one.name: _input(hints.get(one.name, Any), one.default is not one.empty) for one in parameters}
    return Signature(function, inputs, hints.get("return", inspect.Signature.empty))


def _input(annotation: Any, has_default: bool) -> Input:
    """`str | None` is given nulls; an argument with a default need not have a column."""
    options = typing.get_args(annotation) if typing.get_origin(annotation) in (typing.Union, types.UnionType) else ()
    takes_null = annotation is Any or type(None) in options
    return Input(annotation, optional=has_default, nulls="pass" if takes_null or has_default else "skip")


def row_type(returns: Any) -> Any:
    """What an iterable of rows holds: Line of Iterator[Line]. None where the annotation says nothing of the kind."""
    arguments = typing.get_args(returns)
    return arguments[0] if arguments and isinstance(typing.get_origin(returns), type) and arrow_fits(arguments[0]) else None


def arrow_fits(annotation: Any) -> bool:
    """Whether a column can have this type."""
    try:
        return annotation is not Any and arrow_type(annotation) is not None
    except TypeError:
        return False
