"""A language model for tests of what stands above the engine: it answers by a function, at once or after a while, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from operators.asking.answers import Answer, Completion, Failure, TokenLogProbabilities, Usage, Weighed
from operators.asking.requests import GivenText, Message, Request, Sampling

Script: TypeAlias = Callable[[Request], "str | Failure | BaseException"]


def smallest_answer(request: Request) -> str:
    """The plainest text that fits the request's schema."""
    return json.dumps(_instance(request.json_schema, request.json_schema)) if request.json_schema else "an answer"


def _instance(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _instance(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _instance(schema[union][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: _instance(part, root) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_instance(schema["items"], root)] * max(1, schema.get("minItems", 1))
    scalars = {"string": "x" * max(1, schema.get("minLength", 1)), "integer": schema.get("minimum", 1), "number": schema.get("minimum", 0.5)}
    return {**scalars, "boolean": True, "null": None}[kind]


class ScriptedServing:
    """Answers each request with `answer(request)`: a text, a Failure, or an exception to raise."""

    def __init__(self, answer: Script = smallest_answer, seconds: float = 0.0, max_in_flight: int = 8) -> None:
        self.answer = answer
        self.seconds = seconds
        self.max_in_flight = max_in_flight
        self.requests: list[Request] = []
        self.usage = Usage()
        self.most_at_once = 0
        self._at_once = 0

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ScriptedServing]:
        yield self

    async def generate(self, request: Request) -> Answer:
        self.requests.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self._at_once -= 1
        answer = self.answer(request)
        if isinstance(answer, BaseException):
            raise answer
        self.usage.calls += 1
        return answer if isinstance(answer, Failure) else Completion(answer, "scripted", 1, 1)

    async def log_probabilities(self, given: GivenText) -> Weighed:
        """Each character is a token, of the same probability."""
        values = (-1.0,) * len(given.text if given.context else given.text[1:])
        return TokenLogProbabilities(values, "scripted", len(given.context) + len(given.text))

    async def stream(self, requests: Iterable[Request]) -> AsyncIterator[Answer]:
        for request in requests:
            yield await self.generate(request)

    def generate_from_input(
        self,
        inputs: Sequence[str | Sequence[Message]],
        system_prompt: str | None = None,
        json_schema: Mapping[str, Any] | None = None,
        **sampling: Any,
    ) -> list[Answer]:
        settings = {"json_schema": json_schema, "sampling": Sampling(**sampling)}

        async def answers() -> list[Answer]:
            return [await self.generate(Request.of(str(text), system_prompt, **settings)) for text in inputs]

        return asyncio.run(answers())
