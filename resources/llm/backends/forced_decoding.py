"""Log-probabilities of a given text from llama.cpp's server, which gives those of the tokens that it writes and never those of a prompt.

So it is made to write the text: a grammar allows nothing but the text's own tokens, one after another, and the probabilities that it reports are
those before the grammar. It costs as much as writing a text of that length: measured at 3 to 4 times reading it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import orjson

from operators.asking.requests import GivenText
from resources.llm.answers.log_probabilities import read_from, reply_with
from resources.llm.answers.numbers import log_probability_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.backends.asks_server import AsksServer

_LEAST = math.log(2.0**-149)
"""llama.cpp computes probabilities in single precision: smaller ones are 0, for which it says the lowest number there is."""
_LIKELY = 500
"""Enough of the likeliest tokens to hold most first halves of characters; where they do not, all are asked for."""
_ALL = 1_000_000


async def log_probabilities(connection: AsksServer, given: GivenText) -> Reply:
    asked = {"content": given.context + given.text, "add_special": True, "parse_special": False, "with_pieces": True}
    content, seconds = await connection.send("/tokenize", asked, at_root=True)
    tokens = _read(content, connection.name, "tokens")
    with read_from(connection.name, "tokens"):
        ids, pieces = [int(token["id"]) for token in tokens], [_bytes_of(token["piece"]) for token in tokens]
    first = max(1, _first_of(pieces, len(given.text.encode())))
    if len(ids) > (holds := await _context_tokens(connection)):
        raise BackendError("bad_request", f"the text has {len(ids)} tokens with what stands before it, and {connection.name} holds {holds:,.0f}")
    values: dict[int, float] = {}
    if first < len(ids):
        found, writing_seconds = await _write(connection, ids, pieces, first)
        values, seconds = found, seconds + writing_seconds
    # From the end, so that what the server remembers of the text is always the start of what it is asked about next.
    for place in reversed([place for place in range(first, len(ids)) if place not in values]):
        values[place], asking_seconds = await _next_token(connection, ids, place)
        seconds += asking_seconds
    return reply_with([max(_LEAST, values[place]) for place in range(first, len(ids))], connection.model, len(ids), seconds)


async def _context_tokens(connection: AsksServer) -> float:
    """How long a text may be, asked once; it would be written to that length before it breaks off. Infinity where the server does not say."""
    if connection.context_tokens is None:
        try:
            content, _ = await connection.send("/props", None, at_root=True)
            connection.context_tokens = float(orjson.loads(content)["default_generation_settings"]["n_ctx"])
        except (BackendError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, BackendError) and error.retryable:
                raise
            connection.context_tokens = math.inf
    return connection.context_tokens


async def _write(connection: AsksServer, ids: Sequence[int], pieces: Sequence[bytes], first: int) -> tuple[dict[int, float], float]:
    """The values of the tokens from `first` on, by place, as far as the server tells them: not of tokens that end within a character."""
    body = {
        "prompt": ids[:first],
        "n_predict": len(ids) - first,
        "grammar": "%llguidance {}\nstart: " + " ".join(f"<[{token}]>" for token in ids[first:]),
        "n_probs": 1,
        "post_sampling_probs": False,
        "temperature": 0,
        "samplers": [],
    }
    content, seconds = await connection.send("/completion", body, at_root=True)
    written = _read(content, connection.name, "completion_probabilities")
    told = [first + at for at in _ends_of_characters(pieces[first:])]
    with read_from(connection.name, "log-probabilities"):
        found = [(token["id"], log_probability_of(token["logprob"])) for token in written]
    if [token for token, _ in found] != [ids[place] for place in told]:
        if len(written) < len(told):
            raise BackendError("bad_request", f"{connection.name} broke off after {first + len(written)} of the text's {len(ids)} tokens: too long?")
        raise BackendError("malformed", f"{connection.name} wrote other tokens than those of the text", retryable=True)
    return {place: value for place, (_, value) in zip(told, found, strict=True)}, seconds


async def _next_token(connection: AsksServer, ids: Sequence[int], place: int) -> tuple[float, float]:
    """The value of one token, looked up among those that could stand there; a space is written, of which the server tells the alternatives."""
    seconds = 0.0
    for count in (_LIKELY, _ALL):
        body = {"prompt": ids[:place], "n_predict": 1, "grammar": 'root ::= " "', "n_probs": count, "temperature": 0, "samplers": []}
        content, asking_seconds = await connection.send("/completion", body, at_root=True)
        seconds += asking_seconds
        (written,) = _read(content, connection.name, "completion_probabilities")[:1] or [{}]
        with read_from(connection.name, "log-probabilities"):
            for candidate in written.get("top_logprobs", ()):
                if candidate["id"] == ids[place]:
                    return log_probability_of(candidate["logprob"]), seconds
    raise BackendError("malformed", f"{connection.name} does not tell the probability of token {ids[place]}", retryable=True)


def _ends_of_characters(pieces: Sequence[bytes]) -> list[int]:
    """The places after which what was written ends with a whole character, as llama.cpp sees it."""
    places, end = [], b""
    for place, piece in enumerate(pieces):
        end = (end + piece)[-4:]
        lead = next((at for at in range(len(end) - 1, -1, -1) if end[at] >= 0xC0), None)
        length = 1 if lead is None else 2 if end[lead] < 0xE0 else 3 if end[lead] < 0xF0 else 4
        if lead is None or len(end) - lead >= length:
            places.append(place)
    return places


def _first_of(pieces: Sequence[bytes], text_bytes: int) -> int:
    """Where the text begins among the tokens of context and text, counted from the end, since a mark may stand at the start."""
    left, place = text_bytes, len(pieces)
    while left > 0 and place > 0:
        place -= 1
        left -= len(pieces[place])
    return place


def _bytes_of(piece: str | list[int]) -> bytes:
    """A token that is no text by itself comes as numbers."""
    return piece.encode() if isinstance(piece, str) else bytes(piece)


def _read(content: bytes, server: str, field: str) -> list[dict[str, Any]]:
    with read_from(server, f"{field}, as llama.cpp's server does"):
        found = orjson.loads(content)[field]
        if isinstance(found, list):
            return found
        raise TypeError(f"{field} is no list")
