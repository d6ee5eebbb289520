"""Whether the arguments of a call come from the conversation: said by somebody, returned by an earlier call, or named by the definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from operators.bases.said import Said, leaves
from operators.tools.calls import Call
from operators.tools.definitions import Tool


def ungrounded(call: Call, said: Said, tool: Tool | None) -> Iterator[tuple[str, Any]]:
    """The arguments that come from nowhere: (parameter, value). Values that the definition lists or names as its default are not among them."""
    for parameter, value in call.arguments.items():
        schema = tool.properties.get(parameter, {}) if tool is not None else {}
        if not _is_defined(value, schema):
            for path, leaf in leaves(value):
                if leaf not in said and not _is_defined(leaf, _schema_at(schema, path)):
                    yield f"{parameter}.{path}" if path else parameter, leaf


def grounding_fault(call: Call, said: Said, tool: Tool | None) -> str | None:
    found = next(ungrounded(call, said, tool), None)
    return f"{call.name}, {found[0]}: nobody said {str(found[1])[:80]!r}" if found else None


def _is_defined(value: Any, schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    enum = schema.get("enum")
    listed = [*(enum if isinstance(enum, list) else ()), *([schema["default"]] if "default" in schema else [])]
    if "const" in schema:
        listed.append(schema["const"])
    if any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in listed):
        return True
    description = schema.get("description")
    if not isinstance(description, str) or isinstance(value, list | dict):
        return False
    told = re.escape(str(value))
    return re.search(rf"\bdefaults?\b(?: value)?(?: is| to|:|=)*\s*['\"`]?{told}\b", description[:2000], re.IGNORECASE) is not None


def _schema_at(schema: Any, path: str) -> Any:
    for step in path.split(".") if path else []:
        if not isinstance(schema, Mapping):
            return {}
        properties = schema.get("properties")
        schema = properties[step] if isinstance(properties, Mapping) and step in properties else schema.get("items") if step.isdigit() else {}
    return schema
