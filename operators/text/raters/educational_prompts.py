"""What text operators ask language models, and the shapes of the answers."""

from __future__ import annotations

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.bases.ratings import Rating


class EducationalValue(Rating):
    reason: str = Field(max_length=80, description="one short sentence")
    score: int = Field(ge=0, le=5, description="0: nothing to learn; 5: a page of a good textbook")


class EducationalValuePrompt(PromptTemplate[EducationalValue]):
    system = (
        "You judge how much a curious student would learn from a text. Score 0 for advertising, lists of names or noise, 1 for bare facts, "
        "2 for some explanation, 3 for a useful explanation, 4 for a clear lesson, 5 for a page of a good textbook."
    )
    # The text comes last: what stands before it is the same for every row, and servers keep it.
    user = "How much would a student learn from this text? Give the reason first, then the score.\n\nText:\n{{ text | shorten(characters) }}"
