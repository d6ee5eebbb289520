"""The value that an answer states, as against a number that happens to stand in it."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.math_answers.extraction import final_answer

_LINK: Final = re.compile(
    r"(?:[=≈:：]|\\approx|\b(?:is|are|was|were|be|equals?|gives?|get|yields?|total)\b|是|为|等于|得)(?:\s+(?:to|about|exactly|only))?[\s$*\\(\[{]*$",
    re.IGNORECASE,
)
_CONCLUDES: Final = re.compile(r"\W*(?:(?:so|thus|therefore|hence|consequently|finally|altogether|in total)\b|所以|因此|故|答)", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|[。！？]|\n")


def stated_value(answer: str) -> str | None:
    r"""The final answer of a text that states one: in a box, after "Answer:" or the like, alone, after "is" or "=" in the last sentence that holds a
    value, or in a last sentence that begins with "so" or "therefore". None for a text that only mentions numbers.

    >>> stated_value("3 + 4 = 7. Answer: 7"), stated_value("So she pays 12 dollars."), stated_value("I know 3 of the 7 ways, and no more.")
    ('7', '12 dollars', None)
    """
    found = final_answer(answer)
    if found is None or found.found_by != "last line":
        return None if found is None else found.text
    sentences = [piece for piece in _SENTENCE.split(answer[-3000:]) if found.text in piece]
    if not sentences:
        return found.text if answer.strip().strip("*$.") == found.text else None
    sentence = sentences[-1].strip()
    before = sentence[: sentence.rfind(found.text)]
    alone = not before.strip(" \t*$(\\[") and len(sentence.strip(" \t*$.()\\[]")) <= len(found.text) + 1
    return found.text if alone or _LINK.search(before) or _CONCLUDES.match(sentence) else None
