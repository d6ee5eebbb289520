"""Pictures that rows hold, small enough to lie in the metadata of a table."""

from __future__ import annotations

import base64
import importlib.util
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from dataflow_assets.showing.markdown import cell, plain, table
from operators.asking.media import picture_kind
from operators.core.operator import Operator
from operators.media.files import ReadsFiles
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID

ROWS = 5
PICTURES_A_ROW = 3
LOOKED_AT = 200
"""Rows among which some with pictures are looked for."""
PIXELS = 160
"""Longest side of a picture that was made smaller."""
SCREEN = 1_000
"""Longest side of a picture that needs not be made smaller."""
MOST_PIXELS = 50_000_000
"""Of a picture that is decoded to be made smaller: its header is not believed further."""
SHOWN_AS_IT_IS = 12_000
"""Bytes of a picture that needs not be made smaller: the database of events keeps it for each materialization."""


def pictures(storage: Storage, operator: Operator) -> dict[str, str]:
    """Markdown of the first pictures of each column that holds some: bytes, or names of files where `operator` reads such files from the column.

    Nothing is fetched: an address stays an address, and a browser that shows the Markdown asks nobody for it.
    """
    readers = dict(_columns(storage.schema, operator))
    if not readers:
        return {}
    names = [name for name in (ROW_ID, *readers) if name in storage.schema.names]
    rows: list[dict[str, Any]] = next((batch.to_pylist() for batch in storage.batches(names, LOOKED_AT)), [])
    shown = {name: list(_rows(rows, name, content)) for name, content in readers.items()}
    return {name: table(["row", "pictures"], found) for name, found in shown.items() if found}


def _columns(schema: pa.Schema, operator: Operator) -> Iterator[tuple[str, Callable[[Any], bytes]]]:
    """The columns that may hold pictures, each with what makes bytes of a cell."""
    read = operator.input_columns().values() if isinstance(operator, ReadsFiles) else ()
    for field in schema:
        single = field.type.value_type if pa.types.is_list(field.type) or pa.types.is_large_list(field.type) else field.type
        if pa.types.is_binary(single) or pa.types.is_large_binary(single):
            yield field.name, bytes
        elif isinstance(operator, ReadsFiles) and field.name in read and pa.types.is_string(single):
            yield field.name, operator.content


def _rows(rows: Sequence[dict[str, Any]], column: str, content: Callable[[Any], bytes]) -> Iterator[list[str]]:
    found = 0
    for row in rows:
        cells = row[column] if isinstance(row[column], list) else [row[column]]
        shown = [said for one in cells[:PICTURES_A_ROW] if one is not None and (said := _shown(one, content))]
        if shown and found < ROWS:
            more = f" and {len(cells) - PICTURES_A_ROW:,} more" if len(cells) > PICTURES_A_ROW else ""
            found += 1
            yield [cell(row.get(ROW_ID, "")[:8]), " ".join(shown) + more]


def _shown(one: Any, content: Callable[[Any], bytes]) -> str:
    """The picture, or what is to be said of a cell that cannot be shown; nothing where a cell of bytes is no picture at all."""
    if isinstance(one, str) and one.startswith(("http://", "https://", "data:")):
        return cell(one)
    try:
        data = content(one)
    except OSError as error:
        return cell(f"{one}: {error.strerror}")
    except ValueError as error:
        return cell(error)
    kind = picture_kind(data)
    if kind is None:
        return cell(one) if isinstance(one, str) else ""
    try:
        kind, data = _small(kind, data)
    except ValueError as error:
        return plain(f"{kind}, {len(data):,} bytes: {error}")
    except (OSError, SyntaxError):  # what Pillow raises of files that are broken
        return plain(f"{kind}, {len(data):,} bytes, broken")
    return f"![{kind}](data:image/{kind};base64,{base64.b64encode(data).decode()})"


def _small(kind: str, data: bytes) -> tuple[str, bytes]:
    """A picture of few bytes and pixels.

    Raises:
        ValueError: it is large, and cannot be made smaller here.
        OSError, SyntaxError: the file is broken.
    """
    if importlib.util.find_spec("PIL") is None:
        if len(data) <= SHOWN_AS_IT_IS:
            return kind, data
        raise ValueError("to see it small: pip install 'dataflow-dagster[media]'")
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
        try:
            opened = Image.open(io.BytesIO(data))
        except Image.DecompressionBombError as error:
            raise ValueError("too many pixels to be shown") from error
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError(f"{opened.width:,} x {opened.height:,} pixels are too many to be shown")
    if len(data) <= SHOWN_AS_IT_IS and max(opened.size) <= SCREEN:
        return kind, data
    opened.thumbnail((PIXELS, PIXELS))
    into = io.BytesIO()
    opened.convert("RGB").save(into, "jpeg", quality=75)
    return "jpeg", into.getvalue()
