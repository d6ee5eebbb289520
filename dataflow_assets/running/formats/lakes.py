"""A table for a lakehouse: Delta Lake or Apache Iceberg. Each export is one commit: who reads the table meanwhile finds it as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from dataflow_assets.running.formats.settings import DatasetSettings
from dataflow_assets.running.formats.written import Written
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table as IcebergTable

OF_LAKES: Final = ("delta", "iceberg")
"""Formats whose tables have versions of their own."""
SPLIT: Final = "split"
"""The column that says which split a row is in, where there are several."""
_MADE_BY: Final = "dataflow.pipeline"
"""The property of a table that an export wrote, and may write again: the pipeline."""
_NAMESPACE: Final = "dataflow"
_CATALOG: Final = "catalog.db"


def write_lake_table(
    table: Storage, settings: DatasetSettings, name: str, split_of_rows: Sequence[str], card: Callable[[Written], Mapping[str, str]]
) -> Written:
    """Write all rows as a new version of the table in `settings.path`, made by the pipeline `name`. In a folder of this machine the card lies beside.

    Raises:
        ParameterError: the package is not there, the table there was made by something else, or it cannot have the columns.
    """
    rows = _Rows(table, settings, split_of_rows)
    files = _write_delta(rows, settings, name) if settings.format == "delta" else _write_iceberg(rows, settings, name)
    counts = {split: sum(one == split for one in split_of_rows) for split in settings.splits}
    written = Written(counts, 0, files, rows.schema)
    if _is_folder(settings):
        for file, text in card(written).items():
            (Path(settings.path) / file).write_text(text, encoding="utf-8")
    return written


class _Rows:
    """The rows as they are written: with a column for the split, where there are several."""

    def __init__(self, table: Storage, settings: DatasetSettings, split_of_rows: Sequence[str]) -> None:
        self._table, self._splits = table, np.array(split_of_rows, dtype=object)
        self._names = [name for name in table.schema.names if settings.row_id or name not in (ROW_ID, PARENT_IDS)]
        self._is_split = len(settings.splits) > 1
        if self._is_split and SPLIT in self._names:
            said = f'export: the table has a column "{SPLIT}" already, and {settings.format} would have the name of the split in it'
            raise ParameterError([Problem(said, suggestion="rename the column, or write one split")])
        fields = [table.schema.field(name).remove_metadata() for name in self._names]
        self.schema = pa.schema([*fields, *([pa.field(SPLIT, pa.string())] if self._is_split else [])])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in self._table.batches(self._names):
            columns = list(batch.select(self._names).columns)
            if self._is_split:
                columns.append(pa.array(self._splits[first : first + batch.num_rows], pa.string()))
            first += batch.num_rows
            yield pa.record_batch(columns, schema=self.schema)

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self.schema, iter(self))


def _is_folder(settings: DatasetSettings) -> bool:
    """Whether the table is a folder of this machine, and no address of a store or name in a catalog."""
    return "://" not in settings.path and not settings.catalog


def _refuse(place: str, made_by: str, what: str) -> None:
    said = f"export: {place} is {what} that {f'the pipeline {made_by}' if made_by else 'no export'} wrote"
    raise ParameterError([Problem(said, suggestion="name a new place; nothing is written over")])


def _write_delta(rows: _Rows, settings: DatasetSettings, name: str) -> list[str]:
    try:
        from deltalake import DeltaTable, Schema, write_deltalake
        from deltalake.exceptions import DeltaError
    except ImportError:
        raise _missing("delta", "deltalake") from None
    try:
        Schema.from_arrow(rows.schema)
    except Exception as error:  # it has no class of its own for a type that Delta Lake lacks
        raise ParameterError([Problem(f"export: Delta Lake does not take the table: {str(error).splitlines()[0]}")]) from None
    place, options = settings.path, {"aws_allow_http": "true"} if os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://") else None
    try:
        is_there = DeltaTable.is_deltatable(place, options)
        made_by = (DeltaTable(place, storage_options=options).metadata().name or "") if is_there else _named(name)
        if made_by != _named(name):
            _refuse(place, made_by.removeprefix(f"{_NAMESPACE}.") if made_by.startswith(f"{_NAMESPACE}.") else "", "a Delta table")
        if not is_there and _is_folder(settings) and Path(place).exists() and any(Path(place).iterdir()):
            _refuse(place, "", "a folder with files")
        write_deltalake(
            place,
            rows.reader(),
            mode="overwrite",
            schema_mode="overwrite",
            name=_named(name),
            description=f"Made by the pipeline {name}.",
            storage_options=options,
        )
        version = DeltaTable(place, storage_options=options).version()
    except (DeltaError, OSError) as error:
        raise ParameterError([Problem(f"export: {place} cannot be written as a Delta table: {error}")]) from None
    return [f"_delta_log/{version:020d}.json"]


def _named(name: str) -> str:
    return f"{_NAMESPACE}.{name}"


def _write_iceberg(rows: _Rows, settings: DatasetSettings, name: str) -> list[str]:
    try:
        from pyiceberg.exceptions import CommitFailedException, NoSuchNamespaceError, NoSuchTableError, RESTError, ValidationError
        from pyiceberg.io.pyarrow import UnsupportedPyArrowTypeException
    except ImportError:
        raise _missing("iceberg", "pyiceberg") from None
    refused = (
        CommitFailedException,
        NoSuchNamespaceError,
        RESTError,
        ValidationError,
        UnsupportedPyArrowTypeException,
        OSError,
        TypeError,
        ValueError,
    )
    try:
        catalog, identifier = _catalog_of(settings, name)
        if namespace := identifier.rpartition(".")[0]:
            catalog.create_namespace_if_not_exists(namespace)
        try:
            table = catalog.load_table(identifier)
        except NoSuchTableError:
            table = catalog.create_table(identifier, rows.schema, properties={_MADE_BY: name})
        if (made_by := table.properties.get(_MADE_BY, "")) != name:
            _refuse(identifier, made_by, "an Iceberg table")
        _commit(table, rows)
    except refused as error:
        if isinstance(error, ParameterError):
            raise
        raise ParameterError([Problem(f"export: Iceberg does not take the table: {error}")]) from None
    said = table.metadata_location.removeprefix("file://")
    return [str(Path(said).relative_to(Path(settings.path).absolute()))] if _is_folder(settings) else [said]


def _commit(table: IcebergTable, rows: _Rows) -> None:
    """All rows that were there go, and all of these come, in one commit; with the columns of these."""
    from pyiceberg.expressions import AlwaysTrue

    with table.transaction() as change:
        with change.update_schema(allow_incompatible_changes=True) as columns:
            for name in table.schema().column_names:
                if "." not in name and name not in rows.schema.names:
                    columns.delete_column(name)
            columns.union_by_name(rows.schema)
        last = table.current_snapshot()
        if last is not None and last.summary is not None and last.summary["total-records"] != "0":
            change.delete(AlwaysTrue())
        change.append(rows.reader())


def _catalog_of(settings: DatasetSettings, name: str) -> tuple[Catalog, str]:
    """The catalog and the table's name in it: those of the settings; or a catalog of its own in the folder."""
    from pyiceberg.catalog import load_catalog

    if settings.catalog:
        return load_catalog(settings.catalog), settings.path
    folder = Path(settings.path).absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / _CATALOG).exists():
        _refuse(settings.path, "", "a folder with files")
    folder.mkdir(parents=True, exist_ok=True)
    return load_catalog(_NAMESPACE, type="sql", uri=f"sqlite:///{folder / _CATALOG}", warehouse=f"file://{folder}"), _named(name)


def _missing(extra: str, package: str) -> ParameterError:
    return ParameterError([Problem(f"export: {extra} needs the package {package}", suggestion=f"pip install 'dataflow-dagster[{extra}]'")])
