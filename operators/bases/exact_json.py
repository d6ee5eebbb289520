"""JSON values whose integers keep every digit: orjson makes floats of those of more than 64 bits."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from operators.tables.files.errors import BadLine
from operators.tables.files.json.text import json_text, parse_exactly

_LONG: Final = re.compile(r"\d{19}")
_MARK: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[][{},]', re.DOTALL)
"""A text, or a sign that opens, parts or closes."""


def parsed_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    >>> parsed_json('{"id": 123456789012345678901234567890}')
    {'id': 123456789012345678901234567890}

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    if not _LONG.search(text):
        return orjson.loads(text)
    try:
        return parse_exactly(text)
    except BadLine as error:
        raise ValueError(str(error)) from None


def written_json(value: Any) -> str:
    """A value as compact JSON.

    Raises:
        ValueError: JSON has no such value.
    """
    try:
        return json_text(value)
    except BadLine as error:
        raise ValueError(str(error)) from None


def json_object(**parts: Any) -> str:
    """An object of values; a `orjson.Fragment` among them stands in it as it is written."""
    return orjson.dumps(parts).decode()


def fragment(text: str) -> Any:
    """A JSON text as a part of another one, unchanged; what is no JSON, or only a text, becomes a text in it."""
    try:
        value = parsed_json(text)
    except ValueError:
        return text
    return text if isinstance(value, str) else orjson.Fragment(text.strip())


def items_as_written(text: str) -> list[str]:
    """The items of a JSON list that is not empty, each as it is written: "1.50" and "0E0" keep their signs, objects their spaces.

    >>> items_as_written('[1.50, {"a": [1, 2]}, "x, y"]')
    ['1.50', '{"a": [1, 2]}', '"x, y"']
    """
    items: list[str] = []
    depth = start = 0
    for found in _MARK.finditer(text):
        mark = found.group()
        depth += (mark in ("[", "{")) - (mark in ("]", "}"))
        if mark == "[" and depth == 1:
            start = found.end()
        elif (mark == "," and depth == 1) or depth == 0:
            items.append(text[start : found.start()].strip())
            start = found.end()
    return items
