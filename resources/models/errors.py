"""What can be wrong with a model."""

from __future__ import annotations


class ModelError(Exception):
    """Weights could not be brought, are not what they must be, or there is no model of that name."""


class ModelMissing(ModelError):
    """The weights were not fetched yet."""
