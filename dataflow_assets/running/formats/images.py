"""Pictures of samples: as files beside the data, as data URLs in it, or as images in Parquet."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from operators.asking.media import picture_kind

PLACEHOLDER: Final = "<image>"
"""In the text of a turn, where a picture stands."""
IMAGE: Final = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
"""How `datasets` stores an image."""


class PicturePlace(Protocol):
    """Where the pictures of samples go."""

    def put(self, content: bytes) -> str:
        """By what a sample names this picture from now on. Raises ValueError: it is no picture that models take."""
        ...


class PictureFiles:
    """Files in the folder "images" of a data set, named by their content: equal pictures are one file."""

    FOLDER: Final = "images"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names: set[str] = set()

    def put(self, content: bytes) -> str:
        name = f"{self.FOLDER}/{hashlib.sha256(content).hexdigest()[:24]}.{_kind(content)}"
        if name not in self.names:
            (self._folder / self.FOLDER).mkdir(exist_ok=True)
            (self._folder / name).write_bytes(content)
            self.names.add(name)
        return name


class DataUrls:
    """Pictures that stand in the data themselves."""

    def put(self, content: bytes) -> str:
        return f"data:image/{_kind(content)};base64,{base64.b64encode(content).decode()}"


def _kind(content: bytes) -> str:
    kind = picture_kind(content)
    if kind is None:
        raise ValueError(f"{len(content):,} bytes are no picture that models take")
    return kind


def holds_images(type_: pa.DataType) -> bool:
    """Whether a column of this type is taken for the pictures of samples: lists of files, or of their names."""
    single = type_.value_type if pa.types.is_list(type_) or pa.types.is_large_list(type_) else None
    return single is not None and (_is_binary(single) or pa.types.is_string(single) or pa.types.is_large_string(single))


def with_images(rows: pa.Table) -> pa.Table:
    """Columns of pictures, and of lists of them, as `datasets` and TRL read them: its features stand in the metadata of the schema."""
    features: dict[str, Any] = {}
    for place, field in enumerate(rows.schema):
        column = rows.column(field.name)
        if _is_binary(field.type) and _first_is_picture(column):
            chunks = [_images(chunk) for chunk in column.chunks]
            features[field.name] = {"_type": "Image"}
            rows = rows.set_column(place, pa.field(field.name, IMAGE), pa.chunked_array(chunks, IMAGE))
        elif pa.types.is_list(field.type) and _is_binary(field.type.value_type) and _first_is_picture(column):
            chunks = [_lists(chunk) for chunk in column.chunks]
            features[field.name] = [{"_type": "Image"}]
            rows = rows.set_column(place, pa.field(field.name, pa.list_(IMAGE)), pa.chunked_array(chunks, pa.list_(IMAGE)))
    if not features:
        return rows
    return rows.replace_schema_metadata({**(rows.schema.metadata or {}), b"huggingface": json.dumps({"info": {"features": features}}).encode()})


def picture_files(column: str, cell: Any) -> Iterator[tuple[str, bytes]]:
    """The endings and contents of the pictures of a cell, for a tar of WebDataset: "images.0.png"; none where it holds none."""
    if isinstance(cell, bytes):
        kind = picture_kind(cell)
        if kind is not None:
            yield f"{column}.{kind}", cell
    elif isinstance(cell, list) and cell and all(isinstance(one, bytes) for one in cell):
        for place, one in enumerate(cell):
            yield f"{column}.{place}.{picture_kind(one) or 'bin'}", one


def parts_of(text: str, pictures: Iterator[str]) -> Any:
    """A turn as OpenAI takes it: the text alone, or its parts with the pictures between them."""
    if PLACEHOLDER not in text:
        return text
    made: list[dict[str, Any]] = []
    for place, part in enumerate(text.split(PLACEHOLDER)):
        if place:
            made.append({"type": "image_url", "image_url": {"url": next(pictures)}})
        if part.strip():
            made.append({"type": "text", "text": part.strip()})
    return made


def _is_binary(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _first_is_picture(column: pa.ChunkedArray) -> bool:
    for chunk in column.chunks:
        values = chunk if _is_binary(chunk.type) else chunk.flatten()
        values = values.drop_null()
        if len(values):
            return picture_kind(values[0].as_py()) is not None
    return False


def _images(values: pa.Array) -> pa.Array:
    return pa.StructArray.from_arrays([values.cast(pa.binary()), pa.nulls(len(values), pa.string())], fields=list(IMAGE), mask=values.is_null())


def _lists(chunk: pa.ListArray) -> pa.Array:
    ends = itertools.accumulate(pc.fill_null(pc.list_value_length(chunk), 0).to_pylist(), initial=0)
    empty = [*chunk.is_null().to_pylist(), False]
    offsets = [None if nothing else end for end, nothing in zip(ends, empty, strict=True)]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _images(chunk.flatten()), type=pa.list_(IMAGE))
