"""A language model as operators see it, in front of any backend."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from operators.asking.answers import Answer, Usage
from operators.asking.requests import Message, Request, Sampling
from operators.engine.synchronously import run_to_end
from resources.llm.accounting.budget import Budget, today
from resources.llm.accounting.prices import Price, price_of
from resources.llm.answers.reply import Asked, Reply
from resources.llm.answers.request_cache import RequestCache
from resources.llm.answers.request_key import RequestKeys
from resources.llm.engine.accounting import Accounting
from resources.llm.engine.backend import Backend, InThisProcess
from resources.llm.engine.caller import Caller, Contact
from resources.llm.engine.interruption import signals_cancel
from resources.llm.engine.rate_limits import RateLimits
from resources.llm.engine.rate_share import FOLDER, name_of
from resources.llm.engine.retries import RetryPolicy
from resources.llm.engine.session import Session, ask
from resources.llm.settings.language_model import LLMSettings


class Serving:
    """An LLMServing. Its sessions share the cache, the rate limits and the budget."""

    def __init__(self, backend: Backend, settings: LLMSettings, cache_path: Path | None) -> None:
        self.backend = backend
        self.settings = settings
        self.cache_path = cache_path
        self._rate_limits = RateLimits(settings.rpm, settings.tpm)
        self._contact = Contact()
        self._budget: Budget | None = None
        self._cache: RequestCache | None = None
        self._open_sessions = 0
        self._lock = threading.Lock()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """However it ends, calls that were sent are waited for, since they are paid for; only an interruption or a cancellation gives them up."""
        cache = self._open_cache()
        try:
            async with self.backend.connect() as connection:
                usage = Usage(model=connection.model, caution=self.backend.caution if isinstance(self.backend, InThisProcess) else "")
                accounting = Accounting(usage, self._price_of(connection.model), connection.model, run=self.settings.run)
                settings = self.settings
                retries = RetryPolicy.of(settings)
                budget = self._budget_of(connection.model, cache)
                send = functools.partial(ask, connection, self.backend.name)
                caller: Caller[Asked, Reply] = Caller(
                    self.backend, send, self._rate_limits, retries, budget, accounting.usage, settings.hedge, self._contact
                )
                session = Session(caller, RequestKeys(connection.identity, connection.model), cache, accounting, self.backend.max_in_flight)
                task = asyncio.current_task()
                assert task is not None
                others = self.cache_path and self.cache_path.with_name(FOLDER) / name_of(connection.identity, connection.model)
                with self._rate_limits.shared(others), signals_cancel(task):
                    finish = False
                    try:
                        yield session
                        finish = True
                    except Exception:  # of the caller: what is paid for is still waited for, as it is not when the run is interrupted
                        finish = True
                        raise
                    finally:
                        await session.close(finish)
        finally:
            await asyncio.to_thread(self._close_cache)

    def generate_from_input(
        self,
        inputs: Sequence[str | Sequence[Message]],
        system_prompt: str | None = None,
        json_schema: Mapping[str, Any] | None = None,
        n: int = 1,
        **sampling: Any,
    ) -> list[Answer]:
        """Answer every input, in order; works inside a running event loop (Jupyter) too. `sampling` are fields of `Sampling`.

        With `n` there are n answers to each input, one after another; each has its own place in the cache and, where a seed is given, its own seed.

        Raises:
            ServingStopped: no further request can succeed.
            TypeError: a setting that `Sampling` does not have.
            ValueError: `n` is below 1, or above 1 at temperature 0.
        """
        drawn = Sampling(**sampling)
        if n < 1 or (n > 1 and drawn.temperature == 0):
            raise ValueError(
                f"n is {n}: it should be at least 1, and several answers differ only with a temperature above 0, such as temperature=0.8."
            )

        async def answers() -> list[Answer]:
            requests = (replace(_request(given, system_prompt, drawn, json_schema), sample=sample) for given in inputs for sample in range(n))
            async with self.session() as session:
                return [answer async for answer in session.stream(requests)]

        return run_to_end(answers)

    def _budget_of(self, model: str, cache: RequestCache | None) -> Budget:
        """One for all sessions, or, where other processes spend from it too, one that asks the ledger."""
        settings = self.settings
        limits = (settings.budget_tokens, settings.budget_usd, self._price_of(model), model, settings.budget_per)
        if cache is not None and settings.ledger and (settings.run or settings.budget_per != "run"):
            run = settings.run if settings.budget_per == "run" else ""
            return Budget(*limits, spent=lambda: cache.spent(model, run=run, since=today() if settings.budget_per == "day" else ""))
        with self._lock:
            if self._budget is None:
                self._budget = Budget(*limits)
            return self._budget

    def _price_of(self, model: str) -> Price | None:
        """The user's own price, if there is one, also for what is computed here."""
        return price_of(model, self.settings.price_file) or (Price(0, 0) if isinstance(self.backend, InThisProcess) else None)

    def _open_cache(self) -> RequestCache | None:
        if self.cache_path is None:
            return None
        with self._lock:
            if self._cache is None:
                self._cache = RequestCache(self.cache_path, answers=self.settings.cache)
            self._open_sessions += 1
            return self._cache

    def _close_cache(self) -> None:
        """By the last session: SQLite then folds the log into the file."""
        with self._lock:
            if self._cache is None:
                return
            self._open_sessions -= 1
            if not self._open_sessions:
                self._cache.close()
                self._cache = None


def _request(given: str | Sequence[Message], system_prompt: str | None, sampling: Sampling, json_schema: Mapping[str, Any] | None) -> Request:
    if isinstance(given, str):
        return Request.of(given, system_prompt, sampling=sampling, json_schema=json_schema)
    system = (Message("system", system_prompt),) if system_prompt else ()
    return Request((*system, *given), sampling, json_schema)
