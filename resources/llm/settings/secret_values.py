"""Which of the values that go to a server are secrets: keys, and not the name of a program or the version of an interface.

What counts as a secret is blacked out in messages, and an answer that repeats it is thrown away. So a plain word must not count as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

_NAMES = re.compile(
    r"auth(?!ors?\b|ority)|cookie|key(?![a-z])|token|secret|passw|passphrase|credential|signature|jwt|bearer|session|^(?:sig|code|pwd|pass|sas)$",
    re.IGNORECASE,
)
"""Of headers, and of fields of an address, that hold secrets."""
_ABOUT_ONE = re.compile(r"(?:limits?|count|name|type|version|mode|format|url|endpoint)$", re.IGNORECASE)
"""How names end that hold something about one: X-Key-Version, X-Token-Limit."""
_SCHEME = re.compile(r"(?:bearer|basic|token|digest|api[-_]?key)\s+(?=\S)", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9+/=]{6,}")
_DAY = re.compile(r"(?:19|20)\d{6}")
_LEAST_OPAQUE = 16
_LEAST_KEY = 6
_LEAST_WORD = 8
_WORDS = re.compile(r"[^A-Za-z0-9]+")
_PLACEHOLDERS = frozenset(
    "a an any anything api apikey change changeme default dummy empty example fake foo bar here insert is key less lm local localhost me mock my n "
    "na needed no none not null nothing ollama openai placeholder put replace required sk studio test testing token unneeded unused use used vllm "
    "llama cpp server your".split()
)
"""Words of what is given where a client insists on a key and the server wants none: EMPTY, sk-no-key-required, lm-studio."""


def key_is_secret(key: str) -> bool:
    """Not a placeholder, nor what is so short that blacking it out would black out words.

    >>> [key_is_secret(key) for key in ("EMPTY", "sk-no-key-required", "sk-xxxx", "sk-9fQ2mB71")]
    [False, False, False, True]
    """
    if len(key) < _LEAST_KEY or (key.isalpha() and len(key) < _LEAST_WORD):
        return False
    words = [word.lower() for word in _WORDS.split(key) if word]
    return not all(word in _PLACEHOLDERS or set(word) <= {"x"} or "1234567890".startswith(word) for word in words)


def named_is_secret(name: str, value: str) -> bool:
    """Of a header, or of a field of an address: by its name, or because its value looks like nothing but a key.

    >>> [named_is_secret(*pair) for pair in (("X-Api-Key", "9fQ2mB71"), ("X-Tenant", "t-8f2c91ab73de50"), ("X-Title", "data pipeline 2"))]
    [True, True, False]
    """
    if _NAMES.search(name) and not _ABOUT_ONE.search(name):
        return key_is_secret(_bare(value))
    return bool(_SCHEME.match(value)) or _is_opaque(value)


def secrets_of_header(name: str, value: str) -> Iterator[str]:
    """The value, and, after `Bearer` and the like, the key alone."""
    if named_is_secret(name, value):
        yield from {value, _bare(value)}


def secrets_of_address(address: str) -> Iterator[str]:
    """Keys in the query, as they stand there and as they are meant."""
    for field in urlsplit(address).query.split("&"):
        if _field_is_secret(field):
            value = field.partition("=")[2]
            yield from {value, unquote(value)}


def without_keys(address: str) -> str:
    """The address of the same server, whichever key is in its query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(field for field in parts.query.split("&") if not _field_is_secret(field))))


def _field_is_secret(field: str) -> bool:
    name, _, value = field.partition("=")
    return bool(value) and named_is_secret(unquote(name), unquote(value))


def _bare(value: str) -> str:
    return _SCHEME.sub("", value, count=1)


def _is_opaque(value: str) -> bool:
    """A long value without spaces in which letters and digits are mixed, or digits are many, as in keys and in no word, date, version or address."""
    if len(value) < _LEAST_OPAQUE or "://" in value or any(character.isspace() for character in value):
        return False
    return any(any(map(str.isdigit, run)) and not _DAY.fullmatch(run) for run in _RUN.findall(value))
