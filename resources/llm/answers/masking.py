"""No secret in what is shown or kept: not whole, not in part, not in another writing."""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "[secret]"
_LONGEST_MESSAGE = 400
_LOOKED_AT = 20_000
"""Characters of a message that are looked through; the rest is not shown."""
_PIECE = 8
"""So many characters of a secret, in a row, give it away. Of one of up to 16 characters the half does."""
_SHORTEST = 4
"""What is shorter is no secret: masking it would black out words."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_WORD = re.compile(r"[a-z]{1,30}")


def masked(message: str, secrets: Sequence[str]) -> str:
    """The message without the secrets, cut to a length that can be read. Cut only after they are gone: half a key is a secret too."""
    message = message[:_LOOKED_AT]
    pieces = _pieces(tuple(secrets))
    if pieces:
        message = _blanked(message, pieces)
    return message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "..."


def reveals(text: str, secrets: Sequence[str]) -> bool:
    """Whether a text holds half of a secret or more, in any writing: not only the start that all keys of a vendor have."""
    for form, blocks in _blocks(tuple(secrets)):
        if any(block in text for block in blocks):
            half = max(_PIECE, len(form) // 2 - _PIECE // 2)
            if any(form[start : start + half] in text for start in range(len(form) - half + 1)):
                return True
    return False


def _blanked(message: str, pieces: dict[int, frozenset[str]]) -> str:
    lowered = message.translate(_LOWER)
    secret = bytearray(len(message))
    for size, known in pieces.items():
        for start in range(len(message) - size + 1):
            if lowered[start : start + size] in known:
                secret[start : start + size] = b"\x01" * size
    shown: list[str] = []
    for place, character in enumerate(message):
        if not secret[place]:
            shown.append(character)
        elif place == 0 or not secret[place - 1]:
            shown.append(MASK)
    return "".join(shown)


@lru_cache(maxsize=64)
def _pieces(secrets: tuple[str, ...]) -> dict[int, frozenset[str]]:
    """By their length, the pieces that no message may hold, in lower case."""
    found: dict[int, set[str]] = {}
    for secret in secrets:
        size = _size(secret)
        for form in _forms(secret) if size else ():
            form = form.translate(_LOWER)
            found.setdefault(size, set()).update(form[start : start + size] for start in range(len(form) - size + 1))
    return {size: frozenset(known) for size, known in found.items()}


def _size(secret: str) -> int:
    """0: nothing of it is looked for. A plain word, such as the value of a header that is no secret, is masked only whole."""
    if len(secret) < _SHORTEST:
        return 0
    if len(secret) < _PIECE or _WORD.fullmatch(secret):
        return len(secret)
    return min(_PIECE, max(_SHORTEST, (len(secret) + 1) // 2))


@lru_cache(maxsize=64)
def _blocks(secrets: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each writing of a secret, with pieces that stand side by side in it: who holds half of it holds one of them whole, and they are few."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for secret in secrets:
        if len(secret) >= _PIECE and not _WORD.fullmatch(secret):
            for form in _forms(secret):
                size = min(len(form), max(_PIECE, len(form) // 6))
                found.append((form, tuple(form[start : start + size] for start in range(0, len(form) - size + 1, size))))
    return tuple(found)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may be written: plain, in URLs, in base64 wherever it begins there, in hexadecimal, backwards."""
    data = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield from {quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace")} - {secret}
    yield "".join(f"%{byte:02x}" for byte in data)
    yield from _base64(data)
    yield data.hex()
    yield secret[::-1]


def _base64(data: bytes) -> Iterable[str]:
    """Its digits depend on how many bytes stand before: three ways. The digits that also depend on what stands before or after are left out."""
    found: dict[str, None] = {}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            digits = encode(b"\0" * before + data).decode().rstrip("=")
            whole = (before + len(data)) // 3 * 4
            found[digits[(0, 2, 3)[before] : max(whole, 0)]] = None
    return [form for form in found if form]
