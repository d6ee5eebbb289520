"""How a server is asked for JSON that fits a schema. Servers differ in what they know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import orjson

Structured: TypeAlias = Literal["json_schema, strict", "json_schema", "json_object", "instructions"]
STRUCTURED: tuple[Structured, ...] = ("json_schema, strict", "json_schema", "json_object", "instructions")
"""From the best downwards."""
OF_PROVIDERS: dict[str, Structured] = dict(zip(("strict", "schema", "json_object", "instructions"), STRUCTURED, strict=True))
"""As providers.yaml names them."""


def asks_in_words(structured: Structured) -> bool:
    """Whether the schema stands in a message."""
    return structured in ("json_object", "instructions")


def ask_for_schema(body: dict[str, Any], schema: Mapping[str, Any], structured: Structured, strict: bool) -> None:
    """Put the schema into the fields, or the words, of a request. `strict`: the schema allows it, see `allows_strict`."""
    if not asks_in_words(structured):
        strict = strict and structured == "json_schema, strict"
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}}
        return
    if structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    instruction = f"Answer only with JSON that fits this schema, without any other text: {orjson.dumps(schema, default=dict).decode()}"
    body["messages"] = [*body["messages"], {"role": "user", "content": instruction}]


def allows_strict(schema: Any) -> bool:
    """Whether every object requires all its properties and no others, which `strict` demands."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping) and (
            set(schema.get("required", ())) != set(properties) or schema.get("additionalProperties") is not False
        ):
            return False
        return all(allows_strict(part) for part in schema.values())
    return all(allows_strict(part) for part in schema) if isinstance(schema, list) else True
