"""Whether a question's quotes stand in its documents, and say its answers. No model is asked."""

from __future__ import annotations

from typing import Any

from operators.bases.verified_quotes import VerifiedQuote, quote_fault
from operators.core.kinds import Filter
from operators.rag.task import Step, named_in
from operators.tables.columns import Input


class EvidenceFilter(Filter):
    """Keep questions whose evidence is proven: every quote stands in its document where it says, every document has one, and the answer of each step
    stands in a quote of its document.
    """

    asks = ("drop questions whose quote is not in the source", "verify evidence quotes of generated questions", "catch made-up citations")

    input_documents = Input(list[str])
    input_quotes = Input(list[VerifiedQuote])
    input_steps = Input(list[Step])

    def keep(self, documents: list[str], quotes: list[Any], steps: list[Any]) -> tuple[bool, str | None]:
        fault = evidence_fault(documents, quotes, steps)
        return fault is None, fault


def evidence_fault(documents: list[str], quotes: list[Any], steps: list[Any]) -> str | None:
    """The first thing that is wrong with the evidence; None where nothing is."""
    if not quotes or not steps or None in quotes or None in steps or None in documents:
        return "it has no quotes, or no steps"
    for quote in quotes:
        if fault := quote_fault(quote, documents):
            return fault
    said: dict[int, list[str]] = {place: [] for place in range(len(documents))}
    for quote in quotes:
        said[quote["source"]].append(quote["quote"])
    for place, texts in said.items():
        if not texts:
            return f"nothing is quoted from document {place + 1} of {len(documents)}"
    for step in steps:
        answer = step["answer"] or ""
        if not any(named_in([answer], text) for text in said.get(step["document"], ())):
            return f'the answer "{answer[:80]}" does not stand in what is quoted of its document'
    return None
