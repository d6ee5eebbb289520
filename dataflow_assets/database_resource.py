"""The Dagster resource of databases: a thin, configurable door to `resources/databases`."""

from __future__ import annotations

import dagster as dg
from pydantic import BaseModel, Field, PrivateAttr

from dataflow_assets.checked_resource import CheckedResource
from operators.databases.serving import DatabaseServing
from resources.databases import DatabaseSettings, open_databases


class DatabaseResource(CheckedResource):
    """Databases to ask, read-only.

    Where no place is given, DATAFLOW_DATABASES says. docs/databases.md explains every setting.
    """

    path: str = Field(default="", description="A folder of SQLite or DuckDB files (Spider, BIRD), one such file, dataset:chinook, spider/dev.json.")
    urls: dict[str, str] = Field(default={}, description="Name -> address, such as postgresql://reader@host/shop; never with a password.")
    url_variables: dict[str, str] = Field(default={}, description="Name -> environment variable that holds its address.")
    password_variables: dict[str, str] = Field(default={}, description="Name -> environment variable of its password.")
    seconds: float | None = Field(default=None, description="Wall-clock time of one query; it is then interrupted, at the server too.")
    rows: int | None = Field(default=None, description="Most rows of one answer.")
    answer_megabytes: float | None = Field(default=None, description="Most megabytes of one answer.")
    memory_megabytes: int | None = Field(default=None, description="Memory that the process of a query may take.")
    parallel: int | None = Field(default=None, description="Queries under way at once, each in a process of its own.")
    look_rows: int | None = Field(default=None, description="Rows of each table that are looked at for statistics and sample values; 0: none.")

    place: str = Field(default="", description="Instead of path and urls: where the databases are in one line, as a source says after `databases:`.")

    _serving: DatabaseServing | None = PrivateAttr(default=None)

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        return DatabaseSettings

    def open(self) -> DatabaseServing:
        """The databases, opened once for the run."""
        if self._serving is None:
            settings = {name: value for name, value in self if value not in (None, "", {}) and name in DatabaseSettings.model_fields}
            self._serving = open_databases(DatabaseSettings.at(self.place, **settings))
        return self._serving

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """End the worker processes."""
        if self._serving is not None and hasattr(self._serving, "close"):
            self._serving.close()
            self._serving = None
