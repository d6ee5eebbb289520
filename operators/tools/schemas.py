"""JSON Schema, draft 2020-12: whether something is a schema, and whether a value fits one. Nothing is fetched, and no pattern is tried."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import orjson

_NOT_TRIED: Final = ("pattern", "patternProperties", "propertyNames", "format")
"""Keywords that are not looked at: a regular expression that somebody wrote may take for ever."""
_OF_NAMES: Final = ("properties", "$defs", "definitions")
_LITERAL: Final = ("enum", "const", "default", "examples", "required", "type", "description")


def schema_fault(schema: Any) -> str | None:
    """Why something is no JSON schema; None where it is one."""
    import jsonschema  # type: ignore[import-untyped]

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        return f"{place}: {error.message[:200]}" if place else str(error.message[:200])
    except RecursionError:
        return "it is nested too deeply"
    return None


def misfit(schema: Mapping[str, Any], value: Any) -> str | None:
    """Why a value does not fit a schema, with the place of the first fault; or why the schema is none; None where it fits."""
    try:
        validator = _validator(orjson.dumps(_tried(schema)))
    except (TypeError, RecursionError):
        return "its schema is no JSON"
    if isinstance(validator, str):
        return f"its schema is none: {validator}"
    try:
        error = next(validator.iter_errors(value), None)
    except RecursionError:
        return "it is nested too deeply"
    except Exception as failed:  # a reference that leads nowhere, for which the library has classes of its own
        return f"its schema cannot be followed: {str(failed)[:120]}"
    if error is None:
        return None
    place = ".".join(map(str, error.absolute_path))
    return f"{place}: {error.message[:200]}" if place else str(error.message[:200])


@functools.lru_cache(maxsize=1024)
def _validator(schema: bytes) -> Any:
    """The validator of a schema, with a registry that fetches nothing; or, as text, why the schema is none."""
    import jsonschema
    import referencing

    loaded = orjson.loads(schema)
    if fault := schema_fault(loaded):
        return fault
    registry: Any = referencing.Registry()
    return jsonschema.Draft202012Validator(loaded, registry=registry)


def _tried(schema: Any) -> Any:
    """The schema without the keywords that are not looked at. The names of parameters are no keywords."""
    if isinstance(schema, list):
        return [_tried(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {key: _part(key, value) for key, value in schema.items() if key not in _NOT_TRIED}


def _part(key: str, value: Any) -> Any:
    if key in _OF_NAMES and isinstance(value, Mapping):
        return {name: _tried(one) for name, one in value.items()}
    return value if key in _LITERAL else _tried(value)
