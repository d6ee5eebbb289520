"""Whether a call fits the definition of its function: by JSON schema."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from operators.tables.errors import closest
from operators.tools.calls import Call
from operators.tools.definitions import Tool

_NOT_TRIED: Final = ("pattern", "patternProperties", "propertyNames", "format")
"""Keywords that are not looked at: a regular expression that somebody wrote may take for ever."""


def call_fault(call: Call, tools: Iterable[Tool]) -> str | None:
    """Why a call cannot be made: no such function, an argument that is missing, unknown or of another type; None where it can."""
    known = {tool.name: tool for tool in tools}
    tool = known.get(call.name)
    if tool is None:
        return f'there is no function "{call.name[:60]}". {closest(call.name, known) or "There are: " + ", ".join(known)}'
    return argument_fault(tool, call.arguments)


def argument_fault(tool: Tool, arguments: Any) -> str | None:
    """What is wrong with the arguments of a call, with the first that is; None where nothing is.

    A parameter that the definition does not name is a fault, unless the definition says `additionalProperties`. The default of a parameter is never one.
    """
    if not isinstance(arguments, Mapping):
        return f"the arguments of {tool.name} are {type(arguments).__name__}, not an object of parameter and value"
    if "additionalProperties" not in tool.parameters and (unknown := [name for name in arguments if name not in tool.properties]):
        near = closest(str(unknown[0]), tool.properties) or f"It has: {', '.join(tool.properties) or 'none'}"
        return f'{tool.name} has no parameter "{str(unknown[0])[:60]}". {near}'
    if missing := [name for name in tool.required if name not in arguments]:
        return f'{tool.name} is called without "{missing[0]}", which it requires'
    return _against_schema(tool, {name: value for name, value in arguments.items() if not _is_default(tool, name, value)})


def _is_default(tool: Tool, name: str, value: Any) -> bool:
    """Whether a value is the one that the definition names for its parameter, of whatever type it is."""
    schema = tool.properties.get(name)
    return name not in tool.required and isinstance(schema, Mapping) and "default" in schema and schema["default"] == value


def _against_schema(tool: Tool, arguments: Mapping[str, Any]) -> str | None:
    try:
        validator = _validator(orjson.dumps(_tried(tool.parameters)))
    except TypeError:
        return f"the schema of {tool.name} is no JSON"
    if isinstance(validator, str):
        return f"the schema of {tool.name} is none: {validator}"
    try:
        error = next(validator.iter_errors(dict(arguments)), None)
    except RecursionError:
        return f"the arguments of {tool.name} are nested too deeply"
    except Exception as failed:  # a reference that leads nowhere, which only the library's own classes tell apart
        return f"the schema of {tool.name} cannot be followed: {str(failed)[:120]}"
    if error is None:
        return None
    place = ".".join(map(str, error.absolute_path))
    return f"{tool.name}, {place}: {error.message[:200]}" if place else f"{tool.name}: {error.message[:200]}"


@functools.lru_cache(maxsize=1024)
def _validator(schema: bytes) -> Any:
    """The validator of a schema, which fetches nothing from anywhere; or, as text, why the schema is none."""
    import jsonschema
    import referencing

    loaded = orjson.loads(schema)
    try:
        jsonschema.Draft202012Validator.check_schema(loaded)
    except jsonschema.SchemaError as error:
        return error.message[:200]
    except RecursionError:
        return "it is nested too deeply"
    registry: Any = referencing.Registry()
    return jsonschema.Draft202012Validator(loaded, registry=registry)


def _tried(schema: Any) -> Any:
    """The schema without the keywords that are not looked at. The names of parameters are no keywords."""
    if isinstance(schema, list):
        return [_tried(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _NOT_TRIED}
    return {
        key: {name: _tried(one) for name, one in value.items()} if key in ("properties", "$defs") and isinstance(value, Mapping) else _literal(key, value)
        for key, value in kept.items()
    }


def _literal(key: str, value: Any) -> Any:
    """Values stand as they are; schemas are looked into."""
    return value if key in ("enum", "const", "default", "examples", "required", "type", "description") else _tried(value)
