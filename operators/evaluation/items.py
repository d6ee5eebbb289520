"""One question of a benchmark, of whatever format it came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from operators.tables.columns import Output

Shape: TypeAlias = Literal["text", "question", "references", "single_choice", "multiple_choice", "preference"]
"""A text to predict; a question with its answer; with several answers that are all right; with options of which one, or some, are right; with a
better and a worse answer."""
SHAPES: Final[tuple[Shape, ...]] = get_args(Shape)

Measure: TypeAlias = Literal["exact", "f1", "contained", "math", "choice", "choices", "tests", "likelihood"]
"""How an answer is scored: the same words; the words in common; the reference stands in the answer; the same value; the right option; the right
options; the program passes its tests; by the probabilities of the model."""
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked, and what is right. What a shape does not have is None."""

    shape: Shape
    measure: Measure
    question: str
    """What the model is asked; of the shape "text" the text itself."""
    context: str | None = None
    """What is given to read with the question."""
    choices: tuple[str, ...] | None = None
    """The options in their order; of the shape "preference" the better answer, then the worse."""
    right_choices: tuple[int, ...] | None = None
    """Places of the right options, counted from 0, in order."""
    references: tuple[str, ...] | None = None
    """Right answers; None where the row has none."""
    tests: str | None = None
    """Python code that a program has to pass."""
    entry_point: str | None = None
    """The name of the function that the tests call."""
    category: str | None = None
    """Subject, level or kind, by which results are told apart."""

    def as_row(self) -> dict[str, Any]:
        """By column."""
        row: dict[str, Any] = {name: getattr(self, name) for name in ITEM_COLUMNS}
        for name in ("choices", "right_choices", "references"):
            row[name] = None if row[name] is None else list(row[name])
        return row


ITEM_COLUMNS: Final[dict[str, Output]] = {
    "shape": Output(str, description=", ".join(SHAPES)),
    "measure": Output(str, description="how an answer is scored"),
    "question": Output(str),
    "context": Output(str, description="what is given to read with the question"),
    "choices": Output(list[str], description="the options in their order; of a preference the better answer, then the worse"),
    "right_choices": Output(list[int], description="places of the right options, counted from 0"),
    "references": Output(list[str], description="right answers"),
    "tests": Output(str, description="code that a program has to pass"),
    "entry_point": Output(str, description="the function that the tests call"),
    "category": Output(str),
}
