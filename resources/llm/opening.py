"""From settings to a serving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from resources.llm.settings import LLMSettings

if TYPE_CHECKING:
    from operators.core.serving import LLMServing

CACHE_VARIABLE = "DATAFLOW_LLM_CACHE"
_FOLDER = ".llm"


def open_serving(settings: LLMSettings | None = None) -> LLMServing:
    """The language model that the settings (by default: the environment) name; the embedded one where they name no server. Nothing is sent yet.

    Raises:
        ServingStopped: the weights of the embedded model are not there.
    """
    from resources.llm.serving import Serving

    settings = settings or LLMSettings.from_environment()
    cache_path = cache_path_of(settings)
    if settings.base_url is None:
        from resources.llm.embedded import EmbeddedBackend

        return Serving(EmbeddedBackend(settings), settings, cache_path)
    from resources.llm.openai_compatible import OpenAICompatibleBackend

    return Serving(OpenAICompatibleBackend(settings), settings, cache_path)


def cache_path_of(settings: LLMSettings) -> Path | None:
    """Answers lie beside the tables that were made of them, unless told otherwise."""
    if not settings.cache:
        return None
    if settings.cache_path is not None:
        return settings.cache_path
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    from resources.warehouse import warehouse_root

    return Path(warehouse_root()) / _FOLDER / "answers.sqlite"
