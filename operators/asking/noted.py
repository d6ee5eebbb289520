"""Which models answered: a session that notes their names."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from operators.asking.answers import Answer, Completion, Usage, Weighed
from operators.asking.requests import GivenText, Request
from operators.asking.serving import LLMSession


class NotedSession:
    """A session that passes everything on, and adds to `models` the name of each model that answered, in the order of their first answers."""

    def __init__(self, session: LLMSession, models: dict[str, None]) -> None:
        self._session = session
        self._models = models

    @property
    def usage(self) -> Usage:
        return self._session.usage

    @property
    def max_in_flight(self) -> int:
        return self._session.max_in_flight

    async def generate(self, request: Request) -> Answer:
        return self._noted(await self._session.generate(request))

    async def log_probabilities(self, given: GivenText) -> Weighed:
        weighed = await self._session.log_probabilities(given)
        if model := getattr(weighed, "model", None):
            self._models[model] = None
        return weighed

    async def stream(self, requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[Answer]:
        async for answer in self._session.stream(requests):
            yield self._noted(answer)

    def _noted(self, answer: Answer) -> Answer:
        if isinstance(answer, Completion):
            self._models[answer.model] = None
        return answer
