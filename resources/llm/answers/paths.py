"""Where answers, and what was paid for them, are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from resources.llm.settings.language_model import LLMSettings

CACHE_VARIABLE = "DATAFLOW_LLM_CACHE"
_FOLDER = ".llm"
_beside_tables_of: ContextVar[str | os.PathLike[str] | None] = ContextVar("answers_beside_tables_of", default=None)


@contextmanager
def answers_beside(warehouse: str | os.PathLike[str]) -> Iterator[None]:
    """What is opened inside keeps its answers in this warehouse, unless a setting or DATAFLOW_LLM_CACHE names another place.

    Of a warehouse on an object store, in the folder of this machine that belongs to it (see `local_folder`): SQLite needs a disk.
    """
    token = _beside_tables_of.set(warehouse)
    try:
        yield
    finally:
        _beside_tables_of.reset(token)


def cache_path_of(settings: LLMSettings) -> Path | None:
    """Answers, and what was paid for them, lie beside the tables that were made of them, unless told otherwise."""
    if not settings.cache and not settings.ledger:
        return None
    if settings.cache_path is not None:
        return settings.cache_path
    return answers_file()


def answers_file(warehouse: str | os.PathLike[str] | None = None) -> Path:
    """Where answers are kept if no setting says otherwise: a folder of the given warehouse; else DATAFLOW_LLM_CACHE; else a folder of the warehouse
    that the run writes to; else of DATAFLOW_WAREHOUSE."""
    if warehouse is None and (chosen := os.environ.get(CACHE_VARIABLE)):
        return Path(chosen)
    from resources.warehouse import local_folder, warehouse_root

    return local_folder(warehouse or _beside_tables_of.get() or warehouse_root()) / _FOLDER / "answers.sqlite"
