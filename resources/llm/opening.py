"""From settings to a serving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from resources.llm.providers import VLLM_OFFLINE
from resources.llm.settings import LLMSettings

if TYPE_CHECKING:
    from operators.core.serving import LLMServing

CACHE_VARIABLE = "DATAFLOW_LLM_CACHE"
_FOLDER = ".llm"


def open_serving(settings: LLMSettings | None = None) -> LLMServing:
    """The language model that the settings (by default: the environment) name; the embedded one where they name no server. Nothing is sent yet.

    Raises:
        ServingStopped: the weights of the embedded model are not there, or vLLM is not installed.
        ValueError: batches that the provider does not have, or settings that contradict each other.
    """
    from resources.llm.serving import Serving

    settings = settings or LLMSettings.from_environment()
    if settings.provider == VLLM_OFFLINE:
        from resources.llm.vllm_offline import open_vllm

        if settings.model is None:
            raise ValueError("provider vllm-offline needs a model: the name or folder of its weights, in model or DATAFLOW_LLM_MODEL.")
        return open_vllm(settings.model, settings, **settings.engine)
    if settings.batch:
        from resources.llm.batch import BatchSettings, open_batch_serving

        preset = settings.preset()
        if preset is not None and not preset.batch:
            raise ValueError(f"the provider {preset.name} has no Batch API of OpenAI's kind: set batch: false.")
        return open_batch_serving(settings, BatchSettings(**settings.batch_settings))
    cache_path = cache_path_of(settings)
    if settings.base_url is None:
        from resources.llm.embedded import EmbeddedBackend

        return Serving(EmbeddedBackend(settings), settings, cache_path)
    from resources.llm.openai_compatible import OpenAICompatibleBackend

    return Serving(OpenAICompatibleBackend(settings), settings, cache_path)


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
