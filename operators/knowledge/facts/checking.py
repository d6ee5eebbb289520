"""Whether a rewriting kept the facts: as a verdict beside the text, and as a filter."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.knowledge.facts.comparing import KINDS, FactDifference, fact_differences
from operators.knowledge.facts.reading import Kind
from operators.tables.columns import Input, Output


class ComparesFacts(Operator, abstract=True):
    """Reads a text and what became of it, and compares their facts."""

    input_text = Input(str)
    input_rewritten = Input(str, "cleaned_text")

    kinds: tuple[Kind, ...] = Field(KINDS, min_length=1, description="What is compared.")
    both_ways: bool = Field(True, description="Whether nothing may be lost; without it a summary may leave things out, and add none.")
    max_new_words: float = Field(0.1, ge=0, le=1, description="Share of the words that may be new, for small repairs.")
    min_kept_words: float = Field(0.3, ge=0, le=1, description="Share of the text's words that have to be left, where nothing may be lost.")

    def differences(self, text: str, rewritten: str) -> list[FactDifference]:
        return fact_differences(text, rewritten, self.kinds, self.both_ways, self.max_new_words, self.min_kept_words)


class FactPreservationEvaluator(ComparesFacts, Evaluate):
    """Say whether a rewriting kept every number with its unit, date, name and negation of a text, in their order, and added none; and what differs.

    Read by rules, in linear time, without a model. Written forms of one value are equal: "March 5, 2024" and "2024-03-05", "1,000" and "1000",
    "isn't" and "is not". Tags, links and emphasis count for nothing. Where a script has neither spaces nor capitals, characters that stand between
    others than before tell that a word was exchanged.
    """

    source = "rules of our own; the fidelity rule of KBCTextCleaner's prompt, checked"
    asks = (
        "did the rewrite change any numbers or names",
        "check that cleaning kept the facts",
        "find facts that the model dropped or invented",
    )

    output_kept = Output(bool, "facts_kept")
    output_differences = Output(list[FactDifference], "fact_differences", description="lost, added or moved; at most twenty")

    def evaluate(self, text: str, rewritten: str) -> dict[str, Any]:
        found = self.differences(text, rewritten)
        return {"kept": not found, "differences": [difference.model_dump() for difference in found]}


class FactPreservationFilter(ComparesFacts, Filter):
    """Keep rewritings that kept the facts of their text; of each other, say what was lost, added or moved. See FactPreservationEvaluator."""

    source = "rules of our own; the fidelity rule of KBCTextCleaner's prompt, checked"
    asks = ("drop rewrites with changed figures", "reject paraphrases that invent facts", "keep only faithful rewritings")

    def keep(self, text: str, rewritten: str) -> tuple[bool, str | None]:
        found = self.differences(text, rewritten)
        return not found, told(found) or None


def told(differences: list[FactDifference], most: int = 3) -> str:
    """The first of some differences, in one line."""
    more = f", and {len(differences) - most} more" if len(differences) > most else ""
    return "; ".join(map(str, differences[:most])) + more
