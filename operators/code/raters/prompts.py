"""What raters of programs ask language models."""

from __future__ import annotations

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.bases.ratings import Rating


class CodeRating(Rating):
    score: int = Field(ge=1, le=10, description="1: wrong or useless; 5: works for the ordinary case; 10: right, complete, clear and efficient")


class CodeQualityPrompt(PromptTemplate[CodeRating]):
    system = (
        "You review programs strictly. First see whether the program does everything that the task asks, special cases too; then whether it is "
        "clear; then whether it is efficient. A program that is wrong gets 4 at most."
    )
    user = "Task:\n{{ instruction | shorten(characters) }}\n\nProgram:\n{{ code | shorten(characters) }}"
