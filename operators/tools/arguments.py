"""Whether a call fits the definition of its function: by JSON schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from operators.tables.errors import closest
from operators.tools.calls import Call
from operators.tools.definitions import Tool
from operators.tools.schemas import misfit

_NAMES_MORE: Final = frozenset(("additionalProperties", "patternProperties", "anyOf", "oneOf", "allOf", "$ref"))
"""Keywords by which a schema may know parameters that its `properties` do not name."""


def call_fault(call: Call, tools: Iterable[Tool]) -> str | None:
    """Why a call cannot be made: no such function, an argument that is missing, unknown or of another type; None where it can."""
    known = {tool.name: tool for tool in tools}
    tool = known.get(call.name)
    if tool is None:
        near = closest(call.name, known) or f"There {'are: ' + ', '.join(known) if known else 'is none'}"
        return f'there is no function "{call.name[:60]}". {near}'
    return argument_fault(tool, call.arguments)


def argument_fault(tool: Tool, arguments: Any) -> str | None:
    """What is wrong with the arguments of a call, with the first that is; None where nothing is.

    A parameter that the definition does not name is a fault, unless the definition says more than its `properties`, as with `additionalProperties`.
    The default of a parameter is none.
    """
    if not isinstance(arguments, Mapping):
        return f"the arguments of {tool.name} are {type(arguments).__name__}, not an object of parameter and value"
    if _NAMES_MORE.isdisjoint(tool.parameters) and (unknown := [name for name in arguments if name not in tool.properties]):
        near = closest(str(unknown[0]), tool.properties) or f"It has: {', '.join(tool.properties) or 'none'}"
        return f'{tool.name} has no parameter "{str(unknown[0])[:60]}". {near}'
    if missing := [name for name in tool.required if name not in arguments]:
        return f'{tool.name} is called without "{missing[0]}", which it requires'
    fault = misfit(tool.parameters, {name: value for name, value in arguments.items() if not _is_default(tool, name, value)})
    return f"{tool.name}, {fault}" if fault else None


def _is_default(tool: Tool, name: str, value: Any) -> bool:
    """Whether a value is the one that the definition names for its parameter, of whatever type it is."""
    schema = tool.properties.get(name)
    if name in tool.required or not isinstance(schema, Mapping) or "default" not in schema:
        return False
    return type(schema["default"]) is type(value) and bool(schema["default"] == value)
