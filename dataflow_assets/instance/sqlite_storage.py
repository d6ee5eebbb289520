"""Dagster's history in SQLite, as Dagster keeps it by default: the same files, read and written by kept connections."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import Field, StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection

from dataflow_assets.instance.kept_engines import KeptEngines

HOME = "DAGSTER_HOME"
TEMPORARY_HOME = "DATAFLOW_TEMPORARY_HISTORY"
"""Environment variable: where a command without DAGSTER_HOME, and the processes that it starts, keep a history for as long as it runs."""


class EventLog(SqliteEventLogStorage):
    """Events of runs: a file a run, and one with those of assets and checks of all runs."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept = KeptEngines()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            address = self.conn_string_for_shard(shard)
            if shard not in self._initialized_dbs:
                self._initdb(self._kept.engine(address))
                self._initialized_dbs.add(shard)
            with self._kept.transaction(address) as connection:
                yield connection

    def dispose(self) -> None:
        super().dispose()
        self._kept.dispose()


class Runs(SqliteRunStorage):
    """Runs, backfills and heartbeats of daemons."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept, self._alone = KeptEngines(), threading.RLock()
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._alone, self._kept.transaction(self._conn_string) as connection:
            yield connection

    def dispose(self) -> None:
        super().dispose()
        self._kept.dispose()


class SqliteStorage(DagsterSqliteStorage):
    """All of an instance, in `base_dir`: by default DAGSTER_HOME, as with Dagster's own storage, whose history it goes on with."""

    def __init__(self, base_dir: str = "", inst_data: ConfigurableClassData | None = None) -> None:
        base = Path(base_dir or history_folder())
        base.mkdir(parents=True, exist_ok=True)
        with (base / ".history.lock").open("ab") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)  # two processes that make the files at once are in each other's way
            super().__init__(str(base), inst_data)
            # replaced, since Dagster's class makes its own: both only open files
            self._event_log_storage = EventLog(str(base / "history" / "runs") + os.sep)
            self._run_storage = Runs.from_local(str(base / "history") + os.sep)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: dict[str, Any]) -> SqliteStorage:  # type: ignore[override]
        return cls(config_value.get("base_dir", ""), inst_data)


def history_folder() -> str:
    """DAGSTER_HOME; where it is not set, a folder that is removed when this process, the first to ask for it, ends."""
    if home := os.environ.get(HOME) or os.environ.get(TEMPORARY_HOME):
        return home
    folder = os.environ[TEMPORARY_HOME] = tempfile.mkdtemp(prefix="dagster-history-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
