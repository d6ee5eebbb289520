"""What calls are compared with, as columns have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.bases.exact_json import parsed_json
from operators.tools.calls import NotCalls, read_calls
from operators.tools.definitions import read_tools
from operators.tools.matching import Expected, calls_fault


def difference(calls: Any, expected: Any, tools: Any, listed: bool = True) -> str | None:
    """What differs first between calls and those expected, both as values of columns; None where nothing does.

    Raises:
        ValueError: what is expected cannot be read.
    """
    defined = read_tools(tools)
    wanted = read_expected(expected, listed)
    try:
        return calls_fault(read_calls(calls, defined), wanted, defined, exact=not listed)
    except NotCalls as error:
        return str(error)


def read_expected(value: Any, listed: bool = True) -> list[Expected]:
    """[{function: {parameter: [values]}}] from a value of a column. With `listed` False it is calls, in any syntax, of one value a parameter."""
    if value is None:
        return []
    if not listed:
        return [{call.name: {parameter: [given] for parameter, given in call.arguments.items()}} for call in read_calls(value)]
    if isinstance(value, str | bytes):
        try:
            value = parsed_json(value)
        except ValueError as error:
            raise ValueError(f"what is expected is no JSON: {error}") from None
    items = value if isinstance(value, list) else [value] if value else []
    return [_expected(item) for item in items]


def _expected(item: Any) -> Expected:
    """A table of structs has a null for each function and parameter that only other rows have."""
    named = {name: parameters for name, parameters in item.items() if parameters is not None} if isinstance(item, Mapping) else {}
    if len(named) != 1 or not isinstance(next(iter(named.values())), Mapping):
        raise ValueError(
            f'what is expected is {str(item)[:80]}, not one function with its parameters: {{"f": {{"x": [1, 2]}}}}. Calls as they are written are '
            'compared with values="single".'
        )
    ((name, parameters),) = named.items()
    return {name: {parameter: right if isinstance(right, list) else [right] for parameter, right in parameters.items() if right is not None}}
