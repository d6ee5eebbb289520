"""Texts to vectors for a run: an OpenAI-compatible server, or a small model inside this process; each text is computed once.

`open_embeddings()` is the way in; what it returns is an `operators.asking.serving.EmbeddingServing`.
"""

from resources.embeddings.opening import open_embeddings
from resources.embeddings.settings import EmbeddingSettings

__all__ = ["EmbeddingSettings", "open_embeddings"]
