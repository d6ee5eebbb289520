"""One pool for each model: what works on it waits there for its turn, in whichever pipeline and run it is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from resources.embeddings.settings import BASE_URL_VARIABLE as EMBEDDING_BASE_URL
from resources.embeddings.settings import MODEL_VARIABLE as EMBEDDING_MODEL
from resources.llm.settings.language_model import BASE_URL_VARIABLE, MODEL_VARIABLE, PROVIDER_VARIABLE


def pool_names(llms: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Resource -> pool, of the models that every deployment has and of those of its own (name -> settings of LLMResource)."""
    embedding = {"base_url": os.environ.get(EMBEDDING_BASE_URL), "model": os.environ.get(EMBEDDING_MODEL)}
    return {"llm": _pool({}), "embedding": _of("embedding", embedding), **{name: _pool(settings) for name, settings in llms.items()}}


def _pool(settings: Mapping[str, Any]) -> str:
    """Of a language model: what its settings leave empty comes from the environment, as when it is opened."""
    variables = {"provider": PROVIDER_VARIABLE, "base_url": BASE_URL_VARIABLE, "model": MODEL_VARIABLE}
    return _of("model", {name: settings.get(name) or os.environ.get(variable) for name, variable in variables.items()})


def _of(kind: str, server: Mapping[str, Any]) -> str:
    """ "model/gpt_4_1_mini"; of a server's only model that has no name here, the server; without both the embedded model."""
    name = server.get("model") or server.get("provider") or server.get("base_url") or "embedded"
    return f"{kind}/{re.sub(r'[^A-Za-z0-9]+', '_', str(name)).strip('_')}"
