"""JSON Schema, draft 2020-12: whether something is a schema, and whether a value fits one. Nothing is fetched, and no pattern is tried."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import orjson

_NOT_TRIED: Final = ("pattern", "patternProperties", "propertyNames", "format")
"""Keywords that are not looked at: a regular expression that somebody wrote may take for ever."""
_OF_NAMES: Final = ("properties", "$defs", "definitions")
_REFERENCES: Final = ("$ref", "$dynamicRef")
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "dependentSchemas")
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
        tried, whole = _tried(schema)
        validator = _validator(orjson.dumps(tried if whole else _tried(schema, references=False)[0]))
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


def _tried(schema: Any, references: bool = True) -> tuple[Any, bool]:
    """The schema without the keywords that are not looked at, so that it refuses nothing that the whole schema allows; and whether it is whole.

    `references`: whether what is referred to is whole. The names of parameters are no keywords.
    """
    if isinstance(schema, list):
        parts = [_tried(one, references) for one in schema]
        return [part for part, _ in parts], all(whole for _, whole in parts)
    if not isinstance(schema, Mapping):
        return schema, True
    made: dict[str, Any] = {}
    loose: set[str] = set()
    for key, value in schema.items():
        if key in _NOT_TRIED:
            loose.add(key)
        elif key in _LITERAL:
            made[key] = value
        elif key in _OF_NAMES and isinstance(value, Mapping):
            named = {name: _tried(one, references) for name, one in value.items()}
            made[key] = {name: part for name, (part, _) in named.items()}
            loose.update(key for _, whole in named.values() if not whole)
        else:
            made[key], whole = _tried(value, references)
            if not whole or (key in _REFERENCES and not references):
                loose.add(key)
    return _without_what_they_decide(made, loose), not loose


def _without_what_they_decide(schema: dict[str, Any], loose: set[str]) -> dict[str, Any]:
    """The schema without what refuses a value because it fits a part, or fits none, where parts allow more than they say: `loose`."""
    for key in loose.intersection(("not", "if")):
        del schema[key]
    if "contains" in loose:
        schema.pop("maxContains", None)
    if "patternProperties" in loose:
        schema.pop("additionalProperties", None)
    if not loose.isdisjoint(("patternProperties", "if", *_REFERENCES, *_IN_PLACE)):
        schema.pop("unevaluatedProperties", None)
        schema.pop("unevaluatedItems", None)
    if "oneOf" in loose:
        schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": schema.pop("oneOf")}]
    return schema
