"""Passages found by a retriever that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from operators.core.operator import Need
from operators.engine.batch import Batch, Processed
from operators.generic.retrieval.finding import FindsPassages
from operators.retrieval.retriever import Retriever


class RetrievePassages(FindsPassages):
    """Add to each question the passages that a retriever finds for it: an index on disk, or a server that searches.

    To search another table of the pipeline, use RetrieveFromTable.
    """

    asks = ("look passages up for every question", "query my search index or vector store", "fetch the context for RAG from a retriever")
    needs: ClassVar[tuple[Need, ...]] = ("retriever",)

    retriever: str = Field("retriever", description="Name of the retriever resource.")

    def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
        searching: Retriever = resources["retriever"]
        return self.found_for(batch, lambda queries: searching.retrieve(queries, self.top))
