"""Conversions as JSON: between processes, and in the cache. What a process that read a hostile file says is checked, not believed."""

from __future__ import annotations

from typing import Any, Final, get_args

import orjson

from operators.document_model.blocks import Block, Item, Kind, Place
from operators.document_model.column import row_of_block
from operators.document_model.conversion import Cause, Conversion, NotConverted
from operators.document_model.document import Document

_KINDS: Final = frozenset(get_args(Kind))
_CAUSES: Final = frozenset(get_args(Cause))


def to_json(conversion: Conversion) -> bytes:
    if isinstance(conversion, NotConverted):
        return orjson.dumps({"cause": conversion.cause, "message": _sound(conversion.message)})
    whole = {
        "title": _sound(conversion.title),
        "pages": conversion.pages,
        "kind": conversion.kind,
        "converter": conversion.converter,
        "notes": [_sound(note) for note in conversion.notes],
        "blocks": [row_of_block(block) for block in conversion.blocks],
    }
    try:
        return orjson.dumps(whole)
    except (TypeError, ValueError):  # half of a surrogate pair, from a file that is not quite Unicode
        return orjson.dumps(_sound(whole))


def from_json(content: bytes) -> Conversion:
    """Raises ValueError: it is no conversion."""
    try:
        told = orjson.loads(content)
        if "cause" in told:
            if told["cause"] not in _CAUSES:
                raise ValueError("an unknown cause")
            return NotConverted(told["cause"], _text(told["message"]))
        blocks = tuple(_block(row) for row in told["blocks"])
        notes = tuple(_text(note) for note in told["notes"])
        pages = None if told["pages"] is None else int(told["pages"])
        return Document(blocks, _text(told["title"]), pages, _text(told["kind"]), _text(told["converter"]), notes)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"what came is no document: {error!r}") from None


def _block(row: dict[str, Any]) -> Block:
    if row["kind"] not in _KINDS:
        raise ValueError("a block of an unknown kind")
    box = row["box"]
    return Block(
        row["kind"],
        _text(row["text"]),
        int(row["level"]),
        _text(row["language"]),
        _text(row["label"]),
        _text(row["target"]),
        tuple(Item(_text(item["text"]), int(item["depth"]), _text(item["marker"])) for item in row["items"]),
        tuple(tuple(_text(cell) for cell in cells) for cells in row["rows"]),
        row["header"] is True,
        Place(
            None if row["page"] is None else int(row["page"]),
            None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
            _text(row["source"]),
        ),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is no text")
    return value


def _sound(value: Any) -> Any:
    """The same without halves of surrogate pairs."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _sound(inner) for key, inner in value.items()}
    return [_sound(inner) for inner in value] if isinstance(value, list) else value
