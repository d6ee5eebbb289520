"""Whether another process can build an operator again from its plain data, and what it has to import for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from operators.core import registry
from operators.core.operator import Operator, registered


def modules_of(operator: Operator) -> list[str]:
    """The modules that define the operator and those among its parameters."""
    return sorted({type(one).__module__ for one in _all_operators(operator)})


def why_not_rebuilt(operator: Operator) -> str:
    """Why another process cannot have this operator; "" where it can, as far as this process can tell."""
    for one in _all_operators(operator):
        cls = type(one)
        if cls.__module__ == "__main__":
            return f"{one.name} was typed in a notebook or stands in the script that runs: move it to a module that can be imported"
        if "<locals>" in cls.__qualname__:
            return f"{one.name} is defined inside a function: move it to the top of a module"
        if registered.get(cls.__name__) is not cls:
            return f"another operator is named {one.name} by now"
    again = registry.build(operator.as_dict())
    if again != operator or again.fingerprint() != operator.fingerprint():
        return f"{operator.name} is not the same when it is built from its plain data: a parameter does not survive JSON"
    return ""


def _all_operators(value: Any) -> Iterator[Operator]:
    if isinstance(value, Operator):
        yield value
        for _, parameter in value:
            yield from _all_operators(parameter)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _all_operators(item)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for item in value:
            yield from _all_operators(item)
