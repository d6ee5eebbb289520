"""Whether quotes hold what an answer says, as far as that can be seen without a model: its numbers, names and words stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from operators.bases.answer_overlap import answer_units
from operators.knowledge.facts.reading import Fact, Reading, read_facts, seen_text
from operators.knowledge.facts.words import NEGATIONS, NO_NAMES

_YES_OR_NO: Final = re.compile(r"\W*(?:yes|no|ja|nein|oui|non|sí|true|false|是的?|不是|否|对|不对|有|没有|不?[会能])\b|^[是否对]", re.IGNORECASE)
_BARE: Final = re.compile(r"[<>≤≥≠]?=?-?\d[\d.:/-]*")
_ENDINGS: Final = re.compile(r"(?:ing|ed|es|s|ly|er|e)$")
_LIGHT: Final = frozenset("的了是在和与及也都就而着把被对从到为以其之这那个一于由或并等".strip())


def stem(word: str) -> str:
    """A word without its usual English endings, roughly: enough to see that "stores" and "stored" are one word."""
    return _ENDINGS.sub("", word) if len(word) > 4 and word.isascii() else word


def content_words(text: str) -> list[str]:
    """The words that carry meaning, folded and stemmed, with numbers in one spelling; of scripts without spaces, and of Korean, the characters,
    but for particles. Addresses have none."""
    return [stem(word) for word in answer_units(seen_text(text)[0]) if word[0].isalnum() and word not in NO_NAMES and word not in _LIGHT]


def unsupported(answer: str, question: str, quotes: Sequence[str], needed: float) -> str | None:
    """What an answer says that neither quotes nor question hold: a number, a name, a negation, or too many of its words. None where they do.

    Args:
        needed: the share of the answer's words that have to stand in the quotes or the question, 0 to 1.

    >>> unsupported("It took 12 years.", "How long did the bridge take?", ["The bridge took 10 years."], 0.6)
    'the answer says 12year, which the quotes do not'
    >>> unsupported("Ten years.", "How long did the bridge take?", ["The bridge took ten years."], 0.6)
    """
    said = read_facts(answer)
    held = [read_facts(quote) for quote in quotes]
    known = {fact.text for reading in (*held, read_facts(question)) for fact in reading.facts}
    bare = {_bare_number(text) for text in known}
    bare |= {number.lstrip("<>≤≥≠=") for number in bare} | {unit for text in (*quotes, question) for unit in answer_units(text)}
    words = {word for reading in (*held, read_facts(question)) for word in reading.words}
    for fact in said.facts:
        if fact.kind in ("number", "date") and fact.text not in known and not _is_within(fact, bare, words):
            return f"the answer says {fact.text}, which the quotes do not"
        if fact.kind == "address" and fact.text not in known:
            return f"the answer gives the address {fact.text}, which is not written out in the quotes"
        if fact.kind == "name" and fact.text not in known and fact.text not in words and not _is_opening(fact.text, said, answer):
            return f"the answer names {fact.text}, which the quotes do not"
    decides = _YES_OR_NO.match(answer)
    if not decides and (denied := _denied_alone(said, held)):
        return f"the answer denies ({denied}) what the quotes do not deny"
    content = content_words(answer)
    if decides or not content:
        return None
    held_words = {word for text in (*quotes, question) for word in content_words(text)}
    from_quotes = {word for text in quotes for word in content_words(text)}
    share = sum(word in held_words for word in content) / len(content)
    if share < needed:
        return f"{share:.0%} of the answer's words stand in the quotes or the question, below {needed:.0%}"
    if not any(word in from_quotes for word in content):
        return "no word of the answer stands in the quotes"
    asked = set(content_words(question))
    new = [word for word in content if word not in asked]
    if new and (share := sum(word in from_quotes for word in new) / len(new)) < needed:
        return f"{share:.0%} of what the answer adds to the question stands in the quotes, below {needed:.0%}"
    return None


def _bare_number(text: str) -> str:
    """A number without its currency and unit."""
    found = _BARE.search(text)
    return found[0] if found else text


def _is_within(fact: Fact, bare: set[str], words: set[str]) -> bool:
    """A number without its unit, or a date whose parts stand there: "in 2024" of "March 5, 2024"."""
    if fact.text in words or _bare_number(fact.text) in bare or bare.issuperset(answer_units(fact.text)):
        return True
    digits = fact.text.removeprefix("-")
    return digits.isdigit() and any(digits in re.split(r"[-/.:]", known) for known in bare)


def _is_opening(name: str, said: Reading, answer: str) -> bool:
    """Whether a capital letter is there because the answer begins with the word."""
    return bool(said.words) and said.words[0].removesuffix("'s") == name and name.isalpha() and not answer.split()[0].isupper()


def _denied_alone(said: Reading, held: Sequence[Reading]) -> str | None:
    negations = [fact.text for fact in said.facts if fact.kind == "negation"]
    denies = any(fact.kind == "negation" for reading in held for fact in reading.facts)
    return negations[0] if negations and not denies and negations[0].split()[0] in {*NEGATIONS, "not"} else None
