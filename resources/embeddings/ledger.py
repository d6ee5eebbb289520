"""Embedding calls in the usage ledger of the language models."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from operators.asking.answers import ServingStopped
from resources.llm.accounting import usage_ledger
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers import answers_file
from resources.sqlite_file import transaction


class Ledger:
    """One connection, made by the first call that is written down: for one thread at a time. Without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def add(self, calls: Iterable[PaidCall]) -> None:
        """Returns when they are committed."""
        if self._path is None:
            return
        try:
            if self._connection is None:
                self._connection = answers_file.connect(self._path)
            with transaction(self._connection):
                usage_ledger.add(self._connection, calls)
        except (OSError, sqlite3.Error) as error:
            raise ServingStopped(
                f"the usage ledger at {self._path} cannot be used: {error}. "
                "Free some space or move the file away; the setting ledger: false does without."
            ) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
