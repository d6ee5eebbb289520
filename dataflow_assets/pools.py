"""One pool for each model: what works on it waits there for its turn, in whichever pipeline and run it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dataflow_assets.answering import name_of, server_of


def pool_names(llms: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Resource -> pool, of the models that every deployment has and of those of its own (name -> settings of LLMResource)."""
    return {name: _pool(name, settings) for name, settings in {"llm": {}, "embedding": {}, **llms}.items()}


def _pool(name: str, settings: Mapping[str, Any]) -> str:
    """ "model/gpt_4_1_mini"."""
    kind = "embedding" if name == "embedding" else "model"
    return f"{kind}/{re.sub(r'[^A-Za-z0-9]+', '_', name_of(server_of(name, settings))).strip('_')}"
