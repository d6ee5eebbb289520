"""Files of many formats as documents, each converted in a process with limits.

`open_documents()` is the way in; what it returns is an `operators.document_model.serving.DocumentServing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resources.documents.opening import open_documents, why_not
    from resources.documents.settings import DocumentSettings

__all__ = ["DocumentSettings", "open_documents", "why_not"]


def __getattr__(name: str) -> Any:
    """Worker processes import this package too, and need neither."""
    import importlib

    homes = {"open_documents": "opening", "why_not": "opening", "DocumentSettings": "settings"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"resources.documents.{homes[name]}"), name)
