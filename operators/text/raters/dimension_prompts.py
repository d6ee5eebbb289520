"""What Meta-rater asks: the dimensions of a text's quality."""

from __future__ import annotations

from typing import Final

from operators.asking.prompt import PromptTemplate
from operators.bases.dimensions import Dimension

DIMENSIONS: Final = (
    Dimension(
        name="text_structure",
        description="is the text well built, with parts in a sensible order? 1: fragments without connection; 5: every part follows from the last",
        examples=(("buy now best price click here menu home contact", 1), ("First we define the term. Then we show why it matters.", 5)),
    ),
    Dimension(
        name="diversity_and_complexity",
        description="are vocabulary, sentences and ideas varied? 1: the same phrase again and again; 5: many ideas, in sentences of many forms",
        examples=(("nice nice very nice product nice", 1),),
    ),
    Dimension(
        name="fluency_and_understandability",
        description="is the language correct and easy to follow? 1: cannot be understood; 5: reads without effort",
        examples=(("cat the on sat mat is was", 1), ("The cat sat on the mat and fell asleep.", 5)),
    ),
    Dimension(
        name="safety",
        description="is the text free of hate, of harm and of private data? 1: harmful; 5: harmless",
    ),
    Dimension(
        name="educational_value",
        description="would a student learn from it? 1: nothing; 5: as from a good textbook",
    ),
    Dimension(
        name="content_accuracy_and_effectiveness",
        description="is what it says true, and does it serve its purpose? 1: false or empty; 5: true and to the point",
        examples=(("Water boils at 20 degrees.", 1), ("At sea level, water boils at 100 °C.", 5)),
    ),
)


class MetaRaterPrompt(PromptTemplate[str]):
    # The shape of the answer follows from the dimensions: MetaRaterEvaluator gives it.
    system = "You rate a text on several dimensions, each with a whole number from 1 (worst) to 5 (best), each on its own:\n{{ rubric }}"
    user = "Text:\n{{ text | shorten(characters) }}"
