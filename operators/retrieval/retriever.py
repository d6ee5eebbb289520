"""The protocol of retrievers, as operators see them. Indexes and clients live in `resources.retriever`.

An operator that needs one declares `needs = ("retriever",)` and the field `retriever: str = "retriever"`; its function is given the retriever as the
argument `retriever`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from operators.retrieval.passages import Query, Retrieved


@runtime_checkable
class Retriever(Protocol):
    """A corpus that is asked for the passages nearest to a query."""

    def retrieve(self, queries: Sequence[Query], top: int) -> Sequence[Retrieved]:
        """For each query at most `top` passages, the best first, in the order of the queries. Many at once are cheaper than one by one.

        A query that cannot be answered is a `NotRetrieved` and stops no other.

        Raises:
            StageFailed: no query can be answered: the index is gone, the server refuses everything.
        """
        ...

    async def retrieve_soon(self, query: Query, top: int) -> Retrieved:
        """The same for one query, for operators that wait for a language model meanwhile."""
        ...
