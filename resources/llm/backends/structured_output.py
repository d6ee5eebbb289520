"""How a server is asked for JSON that fits a schema. Servers differ: what one does not know is found out once and remembered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import orjson

from resources.llm.settings.providers import Provider

logger = logging.getLogger(__name__)

Manner: TypeAlias = Literal["json_schema, strict", "json_schema", "json_object", "instructions"]
_MANNERS: tuple[Manner, ...] = ("json_schema, strict", "json_schema", "json_object", "instructions")
_COMPLAINTS = ("response_format", "json_schema", "json_object", "structured output", "guided", "schema")


_OF_PROVIDERS: dict[str, Manner] = {"strict": _MANNERS[0], "schema": _MANNERS[1], "json_object": _MANNERS[2], "instructions": _MANNERS[3]}


class RequestManner:
    """What one server turned out to understand, from the best downwards."""

    def __init__(self, server: str, known: Provider | None = None) -> None:
        self._server = server
        self.structured: Manner = _MANNERS[0] if known is None else _OF_PROVIDERS[known.json_schema]
        self.token_limit = "max_tokens" if known is None else known.token_limit
        self.obeys_seed = known is None or known.seed
        self._told_of_seed = False
        self._looked_at: Mapping[str, Any] | None = None
        self._strict = False

    def state(self) -> tuple[str, str]:
        return self.structured, self.token_limit

    def apply(self, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
        """Ask for the schema in the fields, or in the words, that this server takes."""
        if self.structured in ("json_schema, strict", "json_schema"):
            strict = self.structured == "json_schema, strict" and self._allows_strict(schema)
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}}
            return
        if self.structured == "json_object":
            body["response_format"] = {"type": "json_object"}
        instruction = f"Answer only with JSON that fits this schema, without any other text: {orjson.dumps(schema).decode()}"
        body["messages"] = [*body["messages"], {"role": "user", "content": instruction}]

    def _allows_strict(self, schema: Mapping[str, Any]) -> bool:
        """All requests of an operator share one schema: it is looked at once."""
        if self._looked_at is not schema:
            self._looked_at, self._strict = schema, allows_strict(schema)
        return self._strict

    def seed_of(self, seed: int | None, sample: int) -> int | None:
        """Each sample of a prompt has a seed of its own, or they would all be the same answer."""
        if seed is None or self.obeys_seed:
            return None if seed is None else seed + sample
        if not self._told_of_seed:
            self._told_of_seed = True
            logger.warning("%s takes no seed: its answers are drawn without one, and only the cache makes a run repeatable", self._server)
        return None

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
