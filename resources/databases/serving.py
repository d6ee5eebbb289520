"""The databases of a run: checks, workers, and answers in order."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from operators.databases.execution import Execution, NotExecuted, Statement
from operators.databases.schema import Schema
from operators.databases.serving import DatabaseUnavailable
from operators.tables.errors import closest
from resources.databases.introspection import looked_at
from resources.databases.limits import Limits
from resources.databases.settings import DatabaseSettings
from resources.databases.statement_check import why_not
from resources.databases.suite_files import suite_targets
from resources.databases.target import Target
from resources.databases.workers.messages import Task
from resources.databases.workers.pool import Pool

AHEAD: Final = 4
"""Statements that wait for each one under way, so that no worker is idle while an answer in front takes long."""
SCHEMA_SECONDS: Final = 20.0


class Databases:
    """Keeps `operators.databases.serving.DatabaseServing`. For any number of threads; worker processes start with the first query."""

    def __init__(self, targets: Mapping[str, Target], settings: DatabaseSettings | None = None) -> None:
        self.settings = settings or DatabaseSettings()
        self._targets = dict(targets)
        self._pool = Pool(self.settings.parallel)
        self._threads = ThreadPoolExecutor(self.settings.parallel, "databases")
        self._lookers = ThreadPoolExecutor(self.settings.parallel, "database-schemas")
        self._instances: dict[str, Target] = {}
        self._suites: dict[str, list[str]] = {}
        self._schemas: dict[str, Schema] = {}
        self._looking: dict[str, threading.Lock] = {name: threading.Lock() for name in targets}

    def names(self) -> Sequence[str]:
        return list(self._targets)

    def instances(self, database: str) -> Sequence[str]:
        if database not in self._suites:
            target = self._targets.get(database)
            found = suite_targets(target) if target is not None else {}
            self._instances |= found
            self._suites[database] = list(found)
        return self._suites[database]

    def execute(self, database: str, sql: str) -> Execution:
        target = self._targets.get(database) or self._instances.get(database)
        if target is None and "#" in database:
            self.instances(database.rpartition("#")[0])
            target = self._instances.get(database)
        if target is None:
            return NotExecuted("no such database", self._unknown(database))
        if reason := why_not(sql, target.engine):
            return NotExecuted("refused", reason)
        return self._run(target, sql)

    def execute_all(self, statements: Iterable[Statement]) -> Iterator[Execution]:
        waiting: deque[Future[Execution]] = deque()
        try:
            for statement in statements:
                waiting.append(self._threads.submit(self.execute, statement.database, statement.sql))
                while len(waiting) > AHEAD * self.settings.parallel or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    async def execute_soon(self, database: str, sql: str) -> Execution:
        return await asyncio.wrap_future(self._threads.submit(self.execute, database, sql))

    def schema(self, database: str) -> Schema:
        if database not in self._targets:
            raise DatabaseUnavailable(self._unknown(database))
        with self._looking[database]:
            if database not in self._schemas:
                self._schemas[database] = self._look_up(self._targets[database])
            return self._schemas[database]

    def _look_up(self, target: Target) -> Schema:
        found = self._pool.do(Task("schema", target, replace(self.settings.limits, seconds=SCHEMA_SECONDS)))
        if not isinstance(found, Schema):
            raise DatabaseUnavailable(f'the database "{target.name}" cannot be read: {found}')
        found = found.only({table.name: [column.name for column in table.columns] for table in found.tables})
        if not self.settings.look_rows:
            return found
        limits = replace(self.settings.limits, rows=max(self.settings.look_rows, 1))
        return looked_at(found, lambda sql: self._run(target, sql, limits), self.settings.look_rows, self.settings.look_seconds, self._lookers)

    def _run(self, target: Target, sql: str, limits: Limits | None = None) -> Execution:
        answer = self._pool.do(Task("execute", target, limits or self.settings.limits, sql))
        assert not isinstance(answer, Schema)
        return answer

    def _unknown(self, database: str) -> str:
        known = list(self._targets)
        shown = ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
        return f'no database is named "{database}"; there are {shown or "none"}. {closest(database, known)}'.strip()

    def close(self) -> None:
        """End the worker processes. Queries under way end first."""
        self._threads.shutdown(cancel_futures=True)
        self._lookers.shutdown(cancel_futures=True)
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
