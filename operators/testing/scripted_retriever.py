"""A retriever for tests: it finds what a function says, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from operators.retrieval.passages import Passage, Query, Retrieved


def echo(query: Query) -> Retrieved:
    """Two passages: one that repeats the query, and one that says nothing."""
    return Passage("p1", f"It is said: {query.text}", 2.0), Passage("p2", "Nothing of that is here.", 1.0)


class ScriptedRetriever:
    """Keeps `operators.retrieval.retriever.Retriever`. `queries` are those that it was asked, in order."""

    def __init__(self, find: Callable[[Query], Retrieved] = echo) -> None:
        self.find = find
        self.queries: list[Query] = []

    def retrieve(self, queries: Sequence[Query], top: int) -> Sequence[Retrieved]:
        self.queries += queries
        found = [self.find(query) for query in queries]
        return [one[:top] if isinstance(one, tuple) else one for one in found]

    async def retrieve_soon(self, query: Query, top: int) -> Retrieved:
        return self.retrieve([query], top)[0]
