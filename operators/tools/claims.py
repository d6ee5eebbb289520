"""What an assistant says that it did, without having called the function that does it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from operators.tools.definitions import Tool

_DONE: Final = {
    "add": "added", "apply": "applied", "assign": "assigned", "book": "booked", "buy": "bought", "cancel": "cancell?ed", "change": "changed",
    "create": "created", "delete": "deleted", "enter": "entered", "enroll": "enrolled", "file": "filed", "insert": "inserted", "move": "moved",
    "order": "ordered", "pay": "paid", "post": "posted", "publish": "published", "record": "recorded", "register": "registered",
    "remove": "removed", "rename": "renamed", "rent": "rented", "replace": "replaced", "reserve": "reserved", "reschedule": "rescheduled",
    "save": "saved", "schedule": "scheduled", "send": "sent", "submit": "submitted", "transfer": "transferred", "update": "updated",
    "upload": "uploaded",
}  # fmt: skip
"""What functions do that change something, by the word that their names begin with, and how it is said to be done."""
_SAYS: Final = r"\b(?:is|are|was|were|has been|have been|i|we|i've|we've|i have|we have)(?: (?:now|already|just|been|successfully))* "
_FIRST_WORD: Final = re.compile(r"[A-Za-z][a-z]*")
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]?")
_NOT_YET: Final = re.compile(r"\b(?:if|once|when|after|until|before|unless|whether|should|would|could|can|will|not|never)\b|\?\Z", re.IGNORECASE)


def claimed_without_call(text: str, tools: Iterable[Tool], called: Collection[str], said: str) -> str | None:
    """What an answer says to be done that only a function could have done that was not called, with the function's name; None where nothing.

    Args:
        text: an answer before which no function was called since the user spoke.
        tools: the functions that there are.
        called: names of those that were called before.
        said: all that was said and returned before: what is said there to be done may be repeated.
    """
    sentences = [sentence for sentence in _SENTENCE.findall(text) if not _NOT_YET.search(sentence)]
    verbs = {_verb(name) for name in called}
    for tool in tools:
        done = _DONE.get(verb := _verb(tool.name))
        if done is None or verb in verbs or re.search(rf"\b{done}\b", said, re.IGNORECASE):
            continue
        claim = re.compile(rf"{_SAYS}{done}\b", re.IGNORECASE)
        if found := next((match for sentence in sentences if (match := claim.search(sentence))), None):
            return f'"{found.group()}" is not true: {tool.name} was not called'
    return None


def _verb(name: str) -> str:
    found = _FIRST_WORD.search(name)
    return found.group().lower() if found else ""
