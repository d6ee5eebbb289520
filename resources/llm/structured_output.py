"""How a server is asked for JSON that fits a schema. Servers differ: what one does not know is found out once and remembered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import orjson

logger = logging.getLogger(__name__)

Manner: TypeAlias = Literal["json_schema, strict", "json_schema", "json_object", "instructions"]
_MANNERS: tuple[Manner, ...] = ("json_schema, strict", "json_schema", "json_object", "instructions")
_COMPLAINTS = ("response_format", "json_schema", "json_object", "structured output", "guided", "schema")


class RequestManner:
    """What one server turned out to understand, from the best downwards."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.structured: Manner = _MANNERS[0]
        self.token_limit = "max_tokens"

    def state(self) -> tuple[str, str]:
        return self.structured, self.token_limit

    def apply(self, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
        """Ask for the schema in the fields, or in the words, that this server takes."""
        if self.structured in ("json_schema, strict", "json_schema"):
            strict = self.structured == "json_schema, strict" and allows_strict(schema)
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}}
            return
        if self.structured == "json_object":
            body["response_format"] = {"type": "json_object"}
        instruction = f"Answer only with JSON that fits this schema, without any other text: {orjson.dumps(schema).decode()}"
        body["messages"] = [*body["messages"], {"role": "user", "content": instruction}]

    def learn(self, complaint: str, sent: tuple[str, str], had_schema: bool) -> bool:
        """After a refusal of the request: True when the same request can be put in another manner."""
        if sent != self.state():
            return True
        text = complaint.lower()
        if "max_completion_tokens" in text and self.token_limit == "max_tokens":
            self.token_limit = "max_completion_tokens"
            logger.info("%s takes max_completion_tokens instead of max_tokens", self._server)
            return True
        if had_schema and self.structured != _MANNERS[-1] and any(word in text for word in _COMPLAINTS):
            refused = self.structured
            self.structured = _MANNERS[_MANNERS.index(refused) + 1]
            logger.warning("%s does not take response_format %s, asking with %s from now on: %s", self._server, refused, self.structured, complaint)
            return True
        return False


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
