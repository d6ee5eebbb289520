"""What a server that searches answers, as passages. Several forms are read, as such servers agree on little:

{"result": [[{"document": {"id": ..., "contents": ...}, "score": ...}]]}, as the retrievers of Search-R1 and FlashRAG have it; the list under
"results" or "passages", or alone; each passage with its document inside, or flat; its text under "contents", "content", "text" or "passage".
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

import orjson

from operators.retrieval.passages import Passage

_LISTS: Final = ("result", "results", "passages")
_TEXTS: Final = ("contents", "content", "text", "passage")
_IDS: Final = ("id", "_id", "doc_id", "docid")


class MalformedAnswer(ValueError):
    """It holds no passages that can be read; the message says what is wrong."""


def passages_of(content: bytes, queries: int, top: int) -> list[tuple[Passage, ...]]:
    """At most `top` passages for each of so many queries, in the server's order.

    Raises:
        MalformedAnswer: it is no JSON, has another number of answers, or a passage without a text.
    """
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise MalformedAnswer(f"it is no JSON: {error}") from error
    if isinstance(answer, Mapping):
        answer = next((answer[name] for name in _LISTS if name in answer), None)
    if not isinstance(answer, list):
        raise MalformedAnswer(f"it has no list under {', '.join(_LISTS)}")
    if queries == 1 and not (answer and isinstance(answer[0], list)):
        answer = [answer]
    if len(answer) != queries or not all(isinstance(one, list) for one in answer):
        raise MalformedAnswer(f"it has {len(answer)} answers to {queries} queries")
    return [tuple(_passage(given, rank) for rank, given in enumerate(one[:top])) for one in answer]


def _passage(given: Any, rank: int) -> Passage:
    document = given.get("document", given) if isinstance(given, Mapping) else given
    if not isinstance(document, str | Mapping):
        raise MalformedAnswer("a passage that is neither a text nor an object")
    holders = [holder for holder in (document, given) if isinstance(holder, Mapping)]
    text = document if isinstance(document, str) else next((document[name] for name in _TEXTS if isinstance(document.get(name), str)), None)
    if text is None:
        raise MalformedAnswer(f"a passage without a text under {', '.join(_TEXTS)}")
    ids = [holder[name] for holder in holders for name in _IDS if isinstance(holder.get(name), str | int)]
    return Passage(str(ids[0]) if ids else _id_of(text), text, _score(given, rank))


def _score(given: Any, rank: int) -> float:
    """What the server says; without that, one that falls with the rank."""
    score = given.get("score") if isinstance(given, Mapping) else None
    is_number = isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score)
    return float(score) if is_number and score is not None else 1.0 / (rank + 1)


def _id_of(text: str) -> str:
    """Of a passage whose server gives no id: the same for the same text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
