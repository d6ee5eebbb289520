"""The embedding model inside this process, on the same kind of llama.cpp servers as the language model: one single-threaded server a core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from resources.llm.backends import embedded_server
from resources.llm.backends.embedded_server import EmbeddedServers

_CONTEXT_TOKENS = 512


def start(weights: Path) -> EmbeddedServers:
    """The servers of these weights, started by the first caller, gone with the process. One text at a time each: together they would change
    each other's last digits."""
    return embedded_server.start(weights, _for_embeddings)


def _for_embeddings(parameters: Any) -> None:
    parameters.embedding = True
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = _CONTEXT_TOKENS
