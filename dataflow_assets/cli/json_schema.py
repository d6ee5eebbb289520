"""A JSON schema in words: "integer, at least 0"."""

from __future__ import annotations

from typing import Any

_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minItems": "at least (items)",
    "maxItems": "at most (items)",
    "minLength": "at least (characters)",
    "maxLength": "at most (characters)",
}
_SHOWN = 24
"""So many values of a closed set are written out."""

_NAMES = {"string": "text", "boolean": "true or false", "null": "null", "object": "mapping"}


def describe_type(schema: dict[str, Any], root: dict[str, Any]) -> str:
    """The values that fit, in words. `root` holds the definitions that the schema refers to."""
    if "$ref" in schema:
        return describe_type(root.get("$defs", {}).get(schema["$ref"].rsplit("/", 1)[-1], {}), root)
    if ("anyOf" in schema or "oneOf" in schema) and "properties" not in schema:
        return " or ".join(describe_type(option, root) for option in schema.get("anyOf") or schema["oneOf"])
    if "enum" in schema:
        values = [str(value) or '""' for value in schema["enum"]]
        return " | ".join(values) if len(values) <= _SHOWN else f"{' | '.join(values[:_SHOWN])} ... ({len(values)} in all, see --json)"
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        items = schema.get("items")
        text = f"list of {describe_type(items, root)}" if items else "list"
    else:
        kind = str(schema.get("type", "anything"))
        text = _NAMES.get(kind, kind)
        if isinstance(schema.get("additionalProperties"), dict):
            text += f" to {describe_type(schema['additionalProperties'], root)}"
    return ", ".join([text, *(f"{words} {schema[bound]:g}" for bound, words in _BOUNDS.items() if bound in schema)])
