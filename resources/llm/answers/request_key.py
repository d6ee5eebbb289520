"""The name of a request in the cache: a digest of everything that changes the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from operators.asking.requests import Request
from resources.llm.answers.reply import Asked

RequestKey: TypeAlias = bytes


class NotUnicode(ValueError):
    """A request holds a text that has no bytes in UTF-8."""


class RequestKeys:
    """Keys of the requests to one model of one backend."""

    def __init__(self, identity: Mapping[str, Any], model: str) -> None:
        self._start = hashlib.sha256(orjson.dumps(["answers 1", dict(identity), model], option=orjson.OPT_SORT_KEYS))

    def of(self, asked: Asked) -> RequestKey:
        """The order of a schema's properties counts: it is the order in which they are answered.

        Raises:
            NotUnicode: a text of the request cannot be sent.
        """
        digest = self._start.copy()
        if isinstance(asked, Request):
            parts: tuple[Any, ...] = (asked.messages, asked.sampling, asked.json_schema, asked.sample)
        else:
            parts = ("log-probabilities", asked.context, asked.text)
        try:
            digest.update(orjson.dumps(parts, default=_plain))
        except TypeError as error:
            if "surrogates" not in str(error):
                raise
            raise NotUnicode('its text has half of a surrogate pair in it, which is no character (such as the JSON "\\ud83d" alone gives)') from None
        return digest.digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a request holds {value!r}, which JSON cannot: give plain values.")
