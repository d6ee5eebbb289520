"""From settings to a serving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resources.llm.answers.paths import cache_path_of
from resources.llm.settings.language_model import LLMSettings
from resources.llm.settings.providers import VLLM_OFFLINE

if TYPE_CHECKING:
    from operators.asking.serving import LLMServing


def open_serving(settings: LLMSettings | None = None) -> LLMServing:
    """The language model that the settings (by default: the environment) name; the embedded one where they name no server. Nothing is sent yet.

    Raises:
        ServingStopped: the weights of the embedded model are not there, or vLLM is not installed.
        ValueError: batches that the provider does not have, or settings that contradict each other.
    """
    from resources.llm.engine.serving import Serving

    settings = settings or LLMSettings.from_environment()
    if settings.provider == VLLM_OFFLINE:
        from resources.llm.backends.vllm_offline import open_vllm

        if settings.model is None:
            raise ValueError("provider vllm-offline needs a model: the name or folder of its weights, in model or DATAFLOW_LLM_MODEL.")
        return open_vllm(settings.model, settings, **settings.engine)
    if settings.batch:
        from resources.llm.backends.batch import BatchSettings, open_batch_serving

        preset = settings.preset()
        if preset is not None and not preset.batch:
            raise ValueError(f"the provider {preset.name} has no Batch API of OpenAI's kind: set batch: false.")
        return open_batch_serving(settings, BatchSettings(**settings.batch_settings))
    cache_path = cache_path_of(settings)
    if settings.base_url is None:
        from resources.llm.backends.embedded import EmbeddedBackend

        return Serving(EmbeddedBackend(settings), settings, cache_path)
    from resources.llm.backends.openai_compatible import OpenAICompatibleBackend

    return Serving(OpenAICompatibleBackend(settings), settings, cache_path)
