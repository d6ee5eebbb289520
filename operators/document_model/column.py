"""Blocks as a column of a table: a list of structs, typed, so that SQL and other operators read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

from operators.document_model.blocks import MOST_DEPTH, MOST_LEVELS, Block, Item, Place

BLOCK: Final = pa.struct(
    [
        pa.field("kind", pa.string()),
        pa.field("text", pa.string()),
        pa.field("level", pa.int64()),
        pa.field("language", pa.string()),
        pa.field("label", pa.string()),
        pa.field("target", pa.string()),
        pa.field("items", pa.list_(pa.struct([pa.field("text", pa.string()), pa.field("depth", pa.int64()), pa.field("marker", pa.string())]))),
        pa.field("rows", pa.list_(pa.list_(pa.string()))),
        pa.field("header", pa.bool_()),
        pa.field("page", pa.int64()),
        pa.field("box", pa.list_(pa.float64())),
        pa.field("source", pa.string()),
    ]
)
BLOCKS: Final = pa.list_(BLOCK)
"""The type of the column. `page` and `box` (left, top, right, bottom in points) are null where the format has none."""


def row_of_block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "language": block.language,
        "label": block.label,
        "target": block.target,
        "items": [{"text": item.text, "depth": item.depth, "marker": item.marker} for item in block.items],
        "rows": [list(row) for row in block.rows],
        "header": block.header,
        "page": block.place.page,
        "box": None if block.place.box is None else list(block.place.box),
        "source": block.place.source,
    }


def rows_of_blocks(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    return [row_of_block(block) for block in blocks]


def block_of_row(row: Mapping[str, Any]) -> Block:
    """The block of one struct. Raises KeyError, TypeError: it is no struct of this type."""
    box = row["box"]
    return Block(
        row["kind"],
        row["text"] or "",
        _between(row["level"], MOST_LEVELS),
        row["language"] or "",
        row["label"] or "",
        row["target"] or "",
        tuple(Item(item["text"] or "", _between(item["depth"], MOST_DEPTH), item["marker"] or "-") for item in row["items"] or ()),
        tuple(tuple(cell or "" for cell in cells) for cells in row["rows"] or ()),
        bool(row["header"]),
        Place(row["page"], None if box is None or len(box) != 4 or None in box else (box[0], box[1], box[2], box[3]), row["source"] or ""),
    )


def _between(number: int | None, most: int) -> int:
    """A count of marks or spaces is not believed: it would be written out."""
    return min(max(number or 0, 0), most)


def blocks_of_rows(rows: Iterable[Mapping[str, Any]]) -> list[Block]:
    return [block_of_row(row) for row in rows]
