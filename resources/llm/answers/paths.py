"""Where answers, and what was paid for them, are kept."""

from __future__ import annotations

import os
from pathlib import Path

from resources.llm.settings.language_model import LLMSettings

CACHE_VARIABLE = "DATAFLOW_LLM_CACHE"
_FOLDER = ".llm"


def cache_path_of(settings: LLMSettings) -> Path | None:
    """Answers, and what was paid for them, lie beside the tables that were made of them, unless told otherwise."""
    if not settings.cache and not settings.ledger:
        return None
    if settings.cache_path is not None:
        return settings.cache_path
    return answers_file()


def answers_file(warehouse: Path | None = None) -> Path:
    """Where answers are kept if no setting says otherwise: DATAFLOW_LLM_CACHE, or a folder of the warehouse; of the given one if one is given."""
    if warehouse is None and (chosen := os.environ.get(CACHE_VARIABLE)):
        return Path(chosen)
    from resources.warehouse import warehouse_root

    return Path(warehouse or warehouse_root()) / _FOLDER / "answers.sqlite"
