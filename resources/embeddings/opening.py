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

        return Embeddings(EmbeddedEmbeddings(settings), settings, *_files_of(settings))
    from resources.embeddings.openai_compatible import OpenAICompatibleEmbeddings

    return Embeddings(OpenAICompatibleEmbeddings(settings), settings, *_files_of(settings))


def _files_of(settings: EmbeddingSettings) -> tuple[Path | None, Path | None]:
    """Of the vectors, and of the ledger, which is that of the language models: beside each other, unless told otherwise."""
    from resources.llm.answers.paths import answers_file

    answers = answers_file() if settings.cache_path is None else settings.cache_path.with_name("answers.sqlite")
    vectors = settings.cache_path or answers.with_name("vectors.sqlite")
    return vectors if settings.cache else None, answers if settings.ledger else None
