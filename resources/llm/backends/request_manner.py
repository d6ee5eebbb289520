"""In which manner one server is asked: what it does not know, or does not take, is found out once and remembered.

A complaint is about the server only where the same request, put in another manner, is answered. And what a server has taken once it knows: if it
then refuses the same for one row, that says something of the row.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import orjson

from operators.asking.requests import Request
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.backends.chat_messages import as_json, in_turns
from resources.llm.backends.structured_output import OF_PROVIDERS, STRUCTURED, Structured, allows_strict, ask_for_schema, asks_in_words
from resources.llm.settings.providers import Provider

logger = logging.getLogger(__name__)

TokenLimit: TypeAlias = Literal["max_tokens", "max_completion_tokens"]

_OF_THE_SCHEMA = (
    "response_format",
    "json_schema",
    "json_object",
    "structured output",
    "structured_output",
    "guided",
    "schema",
    "grammar",
    "json mode",
)
_OF_ROLES = (
    "system role",
    "system message",
    "system instruction",
    "developer instruction",
    "developer message",
    "role system",
    "roles must alternate",
    "roles should alternate",
    "user and assistant roles",
    "does not support system",
)
_LEFT_OUT = ("temperature", "top_p", "seed")
"""Fields that a model may refuse; it then chooses itself."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request is put."""

    structured: Structured
    token_limit: TokenLimit = "max_tokens"
    left_out: frozenset[str] = frozenset()
    in_turns: bool = False
    """Without a message of the system, and of user and assistant in turn."""


class RequestManner:
    """What one server turned out to understand, from the best downwards."""

    def __init__(self, server: str, known: Provider | None = None) -> None:
        self._server = server
        self._learnt = Manner(
            STRUCTURED[0] if known is None else OF_PROVIDERS[known.json_schema], "max_tokens" if known is None else known.token_limit
        )
        self._structured: dict[bytes, Structured] = {}
        """By schema, where it is not that of `_learnt`: a server may take one schema and not another."""
        self._in_turns: set[tuple[str, ...]] = set()
        """Roles in an order that the server does not take."""
        self._taken: set[Hashable] = set()
        self._obeys_seed = known is None or known.seed
        self._told_of_seed = False
        self._looked_at: Mapping[str, Any] | None = None
        self._key = b""
        self._strict = False

    def of(self, request: Request) -> Manner:
        learnt = self._learnt
        if request.json_schema is not None and self._structured:
            learnt = replace(learnt, structured=self._structured.get(self._key_of(request.json_schema), learnt.structured))
        if self._in_turns and _roles(request, learnt.structured) in self._in_turns:
            learnt = replace(learnt, in_turns=True)
        return learnt

    def body_of(self, request: Request, model: str, manner: Manner | None = None) -> dict[str, Any]:
        manner, sampling = manner or self.of(request), request.sampling
        body: dict[str, Any] = {"model": model, "messages": as_json(request.messages)}
        if sampling.max_tokens is not None:
            body[manner.token_limit] = sampling.max_tokens
        for name, value in (("temperature", sampling.temperature), ("top_p", sampling.top_p), ("seed", self._seed(request))):
            if value is not None and name not in manner.left_out:
                body[name] = value
        if sampling.stop:
            body["stop"] = sampling.stop
        if request.json_schema is not None:
            self.apply(body, request.json_schema, manner.structured)
        if manner.in_turns:
            body["messages"] = in_turns(body["messages"])
        return body

    def apply(self, body: dict[str, Any], schema: Mapping[str, Any], structured: Structured) -> None:
        self._key_of(schema)
        ask_for_schema(body, schema, structured, self._strict)

    async def ask(self, request: Request, attempt: Callable[[Manner], Awaitable[Reply]]) -> Reply:
        """The reply to an attempt in the manner that is known to be the best, or, where the server refuses it, in the first one that it takes.

        Raises:
            BackendError: of the last attempt.
        """
        manner = self.of(request)
        tried = {manner}
        while True:
            try:
                reply = await attempt(manner)
            except BackendError as error:
                following = next((other for other in self._others(error, manner, request) if other not in tried), None)
                if following is None:
                    raise
                tried.add(following)
                manner = following
            else:
                self._answered(request, manner)
                return reply

    def _others(self, error: BackendError, refused: Manner, request: Request) -> Iterator[Manner]:
        """Manners in which a refused request might be answered, judged by what the server complains about."""
        if error.kind != "bad_request" or error.fatal or error.final or error.meaning in ("too_long", "too_many", "moderation"):
            return
        asked = request.text.lower()
        words = re.sub(r"[\"'`]", "", error.message.lower())

        def named(name: str) -> bool:
            return any(parameter.startswith(name) for parameter in error.parameters) or (name in words and name not in asked)

        yield self.of(request)  # somebody else may have found out meanwhile
        if named("max_completion_tokens"):
            yield replace(refused, token_limit="max_completion_tokens" if refused.token_limit == "max_tokens" else "max_tokens")
        sent = {"temperature": request.sampling.temperature, "top_p": request.sampling.top_p, "seed": self._seed(request)}
        for name in _LEFT_OUT:
            if sent[name] is not None and name not in refused.left_out and named(name):
                yield replace(refused, left_out=refused.left_out | {name})
        if not refused.in_turns and any(map(named, _OF_ROLES)):
            yield replace(refused, in_turns=True)
        if request.json_schema is not None and refused.structured != STRUCTURED[-1] and any(map(named, _OF_THE_SCHEMA)):
            yield replace(refused, structured=STRUCTURED[STRUCTURED.index(refused.structured) + 1])

    def _answered(self, request: Request, manner: Manner) -> None:
        """Remember what was taken; and what was refused before, unless it was taken from another request."""
        best, sampling = self.of(request), request.sampling
        values = {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": sampling.seed is not None}
        if manner != best:
            for name in sorted(manner.left_out - best.left_out):
                if (name, values[name]) not in self._taken:
                    self._learnt = replace(self._learnt, left_out=self._learnt.left_out | {name})
                    logger.warning("%s does not take %s %s: it is left out from now on", self._server, name, values[name])
            if manner.token_limit != best.token_limit and best.token_limit not in self._taken:
                self._learnt = replace(self._learnt, token_limit=manner.token_limit)
                logger.info("%s takes %s instead of %s", self._server, manner.token_limit, best.token_limit)
            roles = _roles(request, manner.structured)
            if manner.in_turns and roles not in self._taken:
                if not self._in_turns:
                    logger.warning("%s does not take messages of %s in this order: they are joined from now on", self._server, ", ".join(roles))
                self._in_turns.add(roles)
            if request.json_schema is not None and manner.structured != best.structured:
                self._learn_structured(self._key_of(request.json_schema), best.structured, manner.structured)
        self._taken.update((name, value) for name, value in values.items() if value is not None and name not in manner.left_out)
        if sampling.max_tokens is not None:
            self._taken.add(manner.token_limit)
        if not manner.in_turns:
            self._taken.add(_roles(request, manner.structured))
        if request.json_schema is not None:
            self._taken.add((self._key_of(request.json_schema), manner.structured))

    def _learn_structured(self, schema: bytes, refused: Structured, taken: Structured) -> None:
        if (schema, refused) in self._taken:
            return
        self._structured[schema] = taken
        for worse in range(STRUCTURED.index(refused), STRUCTURED.index(taken)):
            way, other = STRUCTURED[worse], STRUCTURED[worse + 1]
            logger.warning("%s does not take response_format %s, asking with %s from now on", self._server, way, other)

    def _key_of(self, schema: Mapping[str, Any]) -> bytes:
        """All requests of an operator share one schema: it is looked at once."""
        if self._looked_at is not schema:
            self._looked_at, self._key, self._strict = schema, orjson.dumps(schema, default=dict), allows_strict(schema)
        return self._key

    def _seed(self, request: Request) -> int | None:
        """Each sample of a prompt has a seed of its own, or they would all be the same answer."""
        seed = request.sampling.seed
        if seed is None or self._obeys_seed:
            return None if seed is None else seed + request.sample
        if not self._told_of_seed:
            self._told_of_seed = True
            logger.warning("%s takes no seed: its answers are drawn without one, and only the cache makes a run repeatable", self._server)
        return None


def _roles(request: Request, structured: Structured) -> tuple[str, ...]:
    """In the order in which they are sent: the shape of an answer may be asked for in a message of its own."""
    own = request.json_schema is not None and asks_in_words(structured)
    return (*(message.role for message in request.messages), *(("user",) if own else ()))
