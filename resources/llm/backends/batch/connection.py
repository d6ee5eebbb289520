"""Requests on their way through batches: gathered, sent, waited for, and after a kill found again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators.asking.answers import Usage
from operators.asking.requests import Request
from resources.llm.accounting.prices import price_of
from resources.llm.answers.numbers import seconds_between
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.request_cache import RequestCache, is_kept
from resources.llm.answers.request_key import RequestKey, RequestKeys
from resources.llm.backends.batch.batch_state import BatchState
from resources.llm.backends.batch.client import BatchClient
from resources.llm.backends.batch.journal import BatchJournal, OpenBatch
from resources.llm.backends.batch.results import Result, line_of, results_of
from resources.llm.backends.batch.settings import BatchSettings
from resources.llm.backends.batch.unanswered import goes_on, unanswered
from resources.llm.backends.openai_compatible import HttpConnection
from resources.llm.backends.request_manner import Manner, RequestManner
from resources.llm.engine.accounting import Accounting
from resources.llm.engine.gathering import Gathering

logger = logging.getLogger(__name__)

_DOWNLOADS = 3
"""So often are files fetched in which requests are missing: some servers say that a batch is completed before its files are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    key: RequestKey
    line: bytes
    answer: asyncio.Future[Reply]


class BatchConnection:
    """Answers have the same keys as those of the server asked directly: what one has paid for, the other finds in the cache.

    A batch leaves the journal only when its answers are in the cache. Until then a new run finds it, asks the server for it by its id, or, where the
    run was killed while creating it, by the token in its metadata, and takes its answers instead of sending the requests again.
    """

    def __init__(
        self, direct: HttpConnection, manner: RequestManner, client: BatchClient, journal: BatchJournal, cache_path: Path, settings: BatchSettings
    ) -> None:
        self.model = direct.model
        self.identity: Mapping[str, Any] = direct.identity
        self._price = price_of(direct.model, direct.settings.price_file)
        self._ledger = direct.settings.ledger
        self._direct = direct
        self._manner = manner
        self._client = client
        self._journal = journal
        self._cache_path = cache_path
        self._settings = settings
        self._keys = RequestKeys(self.identity, self.model)
        self._gathering: Gathering[_Asked] = Gathering(
            self._send_soon, settings.requests, settings.quiet_seconds, int(settings.megabytes * 1_000_000)
        )
        self._asked: dict[RequestKey, _Asked] = {}
        self._in_found: set[RequestKey] = set()
        """Requests of batches of an earlier run."""
        self._out_of_reach: dict[RequestKey, Exception] = {}
        """Those of them whose batch could not be asked for: sending them again might pay for them twice."""
        self._ready: dict[RequestKey, Reply] = {}
        """Answers of such batches that nobody asked for yet."""
        self._answered: dict[str, list[RequestKey]] = {}
        """By token, the requests that a batch answered; in the cache or on their way to it."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        for batch in await asyncio.to_thread(self._journal.left_behind):
            self._in_found.update(batch.keys)
            self._run(self._finish_found(batch))

    async def complete(self, request: Request) -> Reply:
        return await self._manner.ask(request, lambda manner: self._answer(self._keys.of(request), request, manner))

    async def _answer(self, key: RequestKey, request: Request, manner: Manner) -> Reply:
        if key in self._out_of_reach:
            raise self._out_of_reach[key]
        if key in self._ready:
            return self._ready.pop(key)
        asked = _Asked(key, line_of(key, self._direct.body_of(request, manner)), asyncio.get_running_loop().create_future())
        self._asked[key] = asked
        if key not in self._in_found:
            self._gathering.add(asked, len(asked.line))
        try:
            return await asked.answer
        finally:
            self._gathering.remove(asked)
            if self._asked.get(key) is asked:
                del self._asked[key]

    async def close(self) -> None:
        """Batches under way go on at the server; the next run finds them. Answers that nobody asked for are kept too."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._answered:
            cache = RequestCache(self._cache_path)
            paid = Accounting(Usage(), self._price, self.model).paid
            try:
                await asyncio.gather(*(cache.put(key, reply, paid(reply) if self._ledger else None) for key, reply in self._ready.items()))
                for token, keys in self._answered.items():
                    if all(cache.get(key) is not None for key in keys):
                        self._journal.ended(token)
            finally:
                await asyncio.to_thread(cache.close)

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send_soon(self, batch: list[_Asked]) -> None:
        self._run(self._send([asked for asked in batch if not asked.answer.done()]))

    async def _send(self, batch: Sequence[_Asked]) -> None:
        keys = [asked.key for asked in batch]
        if not keys:
            return
        try:
            token = await asyncio.to_thread(self._journal.begin, keys)
            batch_id = await self._create(token, b"".join(asked.line for asked in batch))
            logger.info("batch %s of %d requests is under way at %s", batch_id, len(keys), self._client.name)
            try:
                await self._finish(token, batch_id, keys)
            except BackendError as error:
                raise goes_on(error) from None
        except Exception as error:  # it belongs to those who wait for the answers
            self._fail(keys, error)

    async def _create(self, token: str, lines: bytes) -> str:
        """The id of a batch, every step written down. Where it stays unclear whether there is a batch, nothing is sent a second time."""
        try:
            file_id = await self._client.upload(token, lines)
        except BackendError:
            self._journal.ended(token)
            raise
        await asyncio.to_thread(self._journal.uploaded, token, file_id)
        try:
            batch_id = await self._client.create(token, file_id, self._settings.completion_window)
        except BackendError as error:
            if not error.retryable:
                self._journal.ended(token)
                raise
            message = f"{error.message}; whether the batch was created is unclear. Run again: it will be looked for at the server."
            raise BackendError(error.kind, message, fatal=True) from None
        await asyncio.to_thread(self._journal.created, token, batch_id)
        return batch_id

    async def _finish_found(self, batch: OpenBatch) -> None:
        """A batch of an earlier run: its answers, or, where it was never created, its requests sent now."""
        try:
            batch_id = batch.batch_id or await self._client.find(batch.token, batch.file_id)
            if batch_id is not None and batch.batch_id is None:
                self._journal.created(batch.token, batch_id)
            if batch_id is not None and await self._client.exists(batch_id):
                logger.info("batch %s of %d requests, sent by an earlier run, is found again", batch_id, len(batch.keys))
                await self._finish(batch.token, batch_id, batch.keys)
                return
            if batch.batch_id is not None:
                logger.warning("%s does not know the batch %s of an earlier run any more: its requests are sent again", self._client.name, batch_id)
            self._journal.ended(batch.token)
            self._send_again(batch.keys)
        except Exception as error:
            fault = goes_on(error) if isinstance(error, BackendError) else error
            self._out_of_reach.update(dict.fromkeys(batch.keys, fault))
            self._fail(batch.keys, fault)

    def _send_again(self, keys: Sequence[RequestKey]) -> None:
        for key in keys:
            self._in_found.discard(key)
            if (asked := self._asked.get(key)) is not None:
                self._gathering.add(asked, len(asked.line))

    async def _finish(self, token: str, batch_id: str, keys: Sequence[RequestKey]) -> None:
        started = time.monotonic()
        batch = await self._until_over(batch_id)
        told = seconds_between(batch.created_at, batch.completed_at)
        seconds = time.monotonic() - started if told is None else told

        def read(status: int, content: bytes) -> Reply:
            return self._direct.reply_of(status, {}, content, _UNKNOWN, seconds)

        for attempt in range(1, _DOWNLOADS + 1):
            files = [await self._client.download(file) for file in batch.files]
            results = results_of(files, self._client.name, read)
            if batch.phase != "completed" or attempt == _DOWNLOADS or results.keys() >= set(keys):
                break
            await asyncio.sleep(self._settings.poll_seconds)
            batch = await self._until_over(batch_id)
        self._answered[token] = [key for key in keys if isinstance(reply := results.get(key), Reply) and is_kept(reply)]
        self._in_found.difference_update(keys)
        for key in sorted(keys, key=lambda key: key not in results):  # those without an answer may stop the run, and are told last
            self._settle(key, results.get(key) or unanswered(batch, self._client.name))
        if not self._answered[token]:
            del self._answered[token]
            self._journal.ended(token)

    async def _until_over(self, batch_id: str) -> BatchState:
        wait, reached, puzzled = self._settings.poll_seconds, time.monotonic(), False
        while True:
            try:
                batch = await self._client.state(batch_id)
                if batch.phase not in ("under way", "unknown"):
                    return batch
                if batch.phase == "under way":
                    reached = time.monotonic()
                else:
                    self._tell_of_unknown(batch, puzzled, time.monotonic() - reached > self._settings.unreachable_seconds)
                    puzzled = True
            except BackendError as error:
                if not error.retryable or time.monotonic() - reached > self._settings.unreachable_seconds:
                    raise
                logger.warning("%s; the batch %s is asked for again", error.message, batch_id)
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, self._settings.poll_seconds_most)

    def _tell_of_unknown(self, batch: BatchState, again: bool, too_long: bool) -> None:
        """A status without a known meaning may be that of a batch that is over. Raises BackendError where it lasts."""
        said = f"the batch {batch.id} of {self._client.name} has the status {batch.status[:80]!r}, which is none that is known"
        if too_long:
            raise BackendError("malformed", f"{said}, for {self._settings.unreachable_seconds:g} s")
        if not again:
            logger.warning("%s; it is waited for at most %g s more", said, self._settings.unreachable_seconds)

    def _settle(self, key: RequestKey, result: Result) -> None:
        asked = self._asked.get(key)
        if asked is None:
            if isinstance(result, Reply):
                self._ready[key] = result
        elif not asked.answer.done():
            if isinstance(result, Reply):
                asked.answer.set_result(result)
            else:
                asked.answer.set_exception(result)

    def _fail(self, keys: Sequence[RequestKey], error: Exception) -> None:
        self._in_found.difference_update(keys)
        for key in keys:
            asked = self._asked.get(key)
            if asked is not None and not asked.answer.done():
                asked.answer.set_exception(error)


_UNKNOWN = Request(())
"""Which request an answer belongs to matters to reading it only where the server counts no tokens."""
