"""From settings to an embedding model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from resources.embeddings.settings import EmbeddingSettings

if TYPE_CHECKING:
    from resources.embeddings.serving import Embeddings


def open_embeddings(settings: EmbeddingSettings | None = None) -> Embeddings:
    """The embedding model that the settings (by default: the environment) name; the embedded one where they name no server. Nothing is sent yet.

    Raises:
        ServingStopped: the weights of the embedded model are not there.
    """
    from resources.embeddings.serving import Embeddings

    settings = settings or EmbeddingSettings.from_environment()
    if settings.base_url is None:
        from resources.embeddings.embedded import EmbeddedEmbeddings

        return Embeddings(EmbeddedEmbeddings(settings), settings, _cache_path_of(settings))
    from resources.embeddings.openai_compatible import OpenAICompatibleEmbeddings

    return Embeddings(OpenAICompatibleEmbeddings(settings), settings, _cache_path_of(settings))


def _cache_path_of(settings: EmbeddingSettings) -> Path | None:
    """Beside the answers of the language models."""
    if not settings.cache:
        return None
    if settings.cache_path is not None:
        return settings.cache_path
    from resources.llm.opening import answers_file

    return answers_file().with_name("vectors.sqlite")
