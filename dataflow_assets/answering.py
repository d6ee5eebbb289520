"""Which model or databases answer what a stage asks: a part of its code version, for another one answers otherwise."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from resources.embeddings.settings import BASE_URL_VARIABLE as EMBEDDING_BASE_URL
from resources.embeddings.settings import MODEL_VARIABLE as EMBEDDING_MODEL
from resources.llm.settings.base_url import shown
from resources.llm.settings.language_model import BASE_URL_VARIABLE, MODEL_VARIABLE, PROVIDER_VARIABLE

_VARIABLES = {"provider": PROVIDER_VARIABLE, "base_url": BASE_URL_VARIABLE, "model": MODEL_VARIABLE}
_OF_EMBEDDING = {"base_url": EMBEDDING_BASE_URL, "model": EMBEDDING_MODEL}
_FURTHER = ("extra_body", "engine")
"""Settings of a model, besides its name, that change its answers."""
_OF_DATABASES = ("place", "path", "urls", "url_variables", "rows")
EMBEDDED = "embedded"


def server_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Model, provider and address of a resource: what its settings leave empty comes from the environment, as when it is opened."""
    variables = _OF_EMBEDDING if name == "embedding" else _VARIABLES
    return {part: settings.get(part) or os.environ.get(variable) for part, variable in variables.items()}


def name_of(server: Mapping[str, Any]) -> str:
    """Of a server's only model that has no name here, the server; without both the embedded model. A model stays the same on another machine."""
    return str(server.get("model") or server.get("provider") or shown(server.get("base_url") or "") or EMBEDDED)


def answered_by(name: str, settings: Mapping[str, Any]) -> str:
    """What a resource of these settings is, as far as its answers depend on it: "gpt-4.1-mini", or "databases 1f0c4a2b"."""
    if "place" in settings:
        return f"databases {_hash(settings, _OF_DATABASES)}"
    further = any(settings.get(part) for part in _FURTHER)
    return name_of(server_of(name, settings)) + (f" {_hash(settings, _FURTHER)}" if further else "")


def settings_in_run_config(run: dg.DagsterRun, resource: str) -> Mapping[str, Any]:
    """What the launchpad says of a resource for this run, with what it takes from the environment; nothing where it says nothing."""
    resources: Any = run.run_config.get("resources") or {}
    given: Mapping[str, Any] = (resources.get(resource) or {}).get("config") or {}
    return {name: os.environ.get(value["env"]) if isinstance(value, Mapping) and set(value) == {"env"} else value for name, value in given.items()}


def _hash(settings: Mapping[str, Any], parts: Sequence[str]) -> str:
    """Not the values themselves: the code version is shown."""
    given = json.dumps([settings.get(part) for part in parts], sort_keys=True, default=str)
    return hashlib.sha256(given.encode()).hexdigest()[:8]
