"""From settings to what a gateway serves."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from resources.embeddings.opening import open_embeddings
from resources.embeddings.settings import BASE_URL_VARIABLE, MODEL_VARIABLE, EmbeddingSettings
from resources.gateway.served_embeddings import ServedEmbeddings
from resources.gateway.served_model import ServedModel
from resources.gateway.settings import GatewaySettings, is_loopback
from resources.llm.engine.serving import Serving
from resources.llm.opening import open_serving
from resources.llm.settings.base_url import shown
from resources.llm.settings.language_model import LLMSettings


def served_models(settings: Sequence[LLMSettings], gateway: GatewaySettings) -> list[ServedModel]:
    """Nothing is sent yet.

    Raises:
        ServingStopped: the weights of an embedded model are not there.
        ValueError: a model that cannot be asked one question at a time, or is the gateway itself.
    """
    served = []
    for each in settings:
        if each.base_url is not None and _is_at(each.base_url, gateway):
            raise ValueError(
                f"the settings name this gateway itself as the server to ask ({shown(each.base_url)}), as is right for a worker: where the gateway "
                "is started, DATAFLOW_LLM_BASE_URL should be the model's own server."
            )
        serving = open_serving(each)
        if each.batch or not isinstance(serving, Serving):
            raise ValueError("a gateway cannot serve batches (batch: true): they take hours, and nobody waits so long for an answer over HTTP.")
        served.append(ServedModel(serving))
    return served


def _is_at(base_url: str, gateway: GatewaySettings) -> bool:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return parts.port == gateway.port and (host == gateway.host or is_loopback(host) or host == socket.gethostname())


def served_embeddings(asked_for: bool = False) -> ServedEmbeddings | None:
    """The embedding model that DATAFLOW_EMBEDDING_... name; the embedded one where none is named and one is `asked_for`; else None.

    Raises:
        ServingStopped: the weights of the embedded model are not there.
        ValueError: a server whose model is not named.
    """
    if not asked_for and not any(os.environ.get(name) for name in (BASE_URL_VARIABLE, MODEL_VARIABLE)):
        return None
    settings = EmbeddingSettings.from_environment()
    if settings.base_url is not None and settings.model is None:
        raise ValueError(f"{BASE_URL_VARIABLE} is set, and {MODEL_VARIABLE} is not: workers have to name the model that they mean. Set it.")
    embeddings = open_embeddings(settings)
    return ServedEmbeddings(embeddings, settings.model or _embedded_name())


def _embedded_name() -> str:
    from resources.embeddings.embedded import MODEL

    return MODEL
