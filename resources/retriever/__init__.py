"""Retrievers for a run: an index on disk, a table that is indexed when it is first searched, or a server that searches.

`open_retriever()` is the way in; what it returns is an `operators.retrieval.retriever.Retriever`.
"""

from __future__ import annotations

from resources.retriever.opening import open_retriever, why_not
from resources.retriever.settings import RetrieverSettings

__all__ = ["RetrieverSettings", "open_retriever", "why_not"]
