"""Weights of the embedded models: fetched once, checked, kept in a cache folder; or the user's own files."""

from resources.models.catalog import ModelWeights
from resources.models.errors import ModelError, ModelMissing
from resources.models.references import Model, find, get, path, remove
from resources.models.references import list_models as list  # noqa: A004 - read as models.list()
from resources.models.store import ModelStatus

__all__ = ["Model", "ModelError", "ModelMissing", "ModelStatus", "ModelWeights", "find", "get", "list", "path", "remove"]
