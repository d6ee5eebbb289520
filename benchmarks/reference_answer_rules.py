"""What the reference system does to compare answers, after its published description: cleaned strings that are equal to the letter."""

from __future__ import annotations

import re

_UNITS = frozenset(
    "a b c d g h m o s t cm mm km kg ft inch degree mph sq square unit units meter metre mile minute hour second day week month year dollar cent"
    " number prime increase decrease people point apple pm am pound gallon gram liter percent cubic edge box dozen".split()
)
_NUMBERS = {word: str(number) for number, word in enumerate("zero one two three four five six seven eight nine ten".split())}


def extracted(text: str) -> str:
    """The last box, else what follows "he answer is", else the last number; then cleaned."""
    if "boxed" in text:
        rest = text.rpartition("boxed")[2]
        if rest.startswith("{"):
            depth = 0
            for place, mark in enumerate(rest):
                depth += (mark == "{") - (mark == "}")
                if depth == 0:
                    return cleaned(rest[1:place])
        return cleaned(rest.partition("$")[0])
    if "he answer is" in text:
        return cleaned(text.rpartition("he answer is")[2])
    numbers = re.findall(r"-?\d*\.?\d+", text.replace(",", ""))
    return cleaned(numbers[-1] if numbers else "")


def cleaned(answer: str) -> str:
    text = answer.replace("\n", "").strip().rstrip(".").replace(r"\!", "")
    text = text.replace("tfrac", "frac").replace("dfrac", "frac").replace(r"\left", "").replace(r"\right", "").replace(r"\{", "{").replace(r"\}", "}")
    for unit in _UNITS:
        text = re.sub(rf"(?<![A-Za-z\\]){unit}s?(?![A-Za-z])", "", text)
    text = text.replace(r"^\circ", "").replace("\\$", "").replace("$", "").replace("\\(", "").replace("\\)", "")
    text = re.sub(r"\\text\{(.*?)\}", r"\1", text)
    for prefix in ("x=", "y=", "z=", "x\\in", "y\\in", "z\\in", "x\\to", "y\\to", "z\\to"):
        text = text.replace(prefix, "")
    text = text.replace(r"\%", "").replace("%", "").strip()
    for word, number in _NUMBERS.items():
        text = re.sub(rf"\b{word}\b", number, text)
    text = "0" + text if text.startswith(".") else text
    return text.replace(" ", "")


def same(gold: str, answer: str) -> bool:
    return extracted_or_plain(gold) == extracted_or_plain(answer)


def extracted_or_plain(text: str) -> str:
    return extracted(text) if "boxed" in text or "he answer is" in text or len(text) > 60 else cleaned(text)
