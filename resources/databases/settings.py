"""What a user may set about databases."""

from __future__ import annotations

import os
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources.databases.limits import Limits
from resources.databases.places import databases_at, settings_of_place
from resources.databases.target import BadAddress, Target, password_variable, read_address

DATABASES_VARIABLE = "DATAFLOW_DATABASES"
PASSWORD_VARIABLE = "DATAFLOW_DATABASE_PASSWORD"
PLACES = ("path", "urls", "url_variables")
"""The settings that say where databases are."""


class DatabaseSettings(BaseModel):
    """Which databases there are, and what a query may use. Passwords are not settings: they come from environment variables."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    path: str = Field(
        "",
        description="A folder of SQLite or DuckDB files (also as Spider and BIRD keep them), one such file, dataset:chinook, or a file of questions "
        "beside its databases (spider/dev.json).",
    )
    urls: dict[str, str] = Field({}, description="Name -> address: postgresql://reader@host/shop, mysql://reader@host/shop, or a file.")
    url_variables: dict[str, str] = Field({}, description="Name -> environment variable that holds its address, which may hold a password.")
    password_variables: dict[str, str] = Field(
        {}, description=f"Name -> environment variable of its password; without one {PASSWORD_VARIABLE}_<NAME>, then {PASSWORD_VARIABLE}."
    )

    seconds: float = Field(5.0, gt=0, le=3600, description="Wall-clock time of one query; it is then interrupted, at the server too.")
    rows: int = Field(50_000, ge=1, description="Most rows of one answer.")
    answer_megabytes: float = Field(16, gt=0, le=1000, description="Most megabytes of one answer.")
    memory_megabytes: int = Field(1024, ge=128, description="Memory that the process of a query may take.")
    temporary_megabytes: int = Field(1024, ge=1, description="Size of a temporary file that a query may need for sorting.")
    parallel: int = Field(8, ge=1, le=256, description="Queries under way at once, each in a process of its own.")

    look_rows: int = Field(2000, ge=0, description="Rows of each table that are looked at for statistics and sample values; 0: none.")
    look_seconds: float = Field(30, gt=0, description="Time for looking at one database; tables that are left have no statistics.")

    @model_validator(mode="after")
    def _addresses(self) -> Self:
        """An address that holds a password is refused here, before it could be shown anywhere."""
        for name, address in self.urls.items():
            if "://" in address:
                read_address(name, address)
        return self

    @property
    def limits(self) -> Limits:
        return Limits(self.seconds, self.rows, self.answer_megabytes, self.memory_megabytes, self.temporary_megabytes)

    def targets(self) -> dict[str, Target]:
        """The databases by name.

        Raises:
            BadAddress: a path that is not there, an address that cannot be read, a name used twice.
        """
        found = dict(databases_at(self.path)) if self.path else {}
        for name, address in (*self.urls.items(), *((name, _variable(name, variable)) for name, variable in self.url_variables.items())):
            if name in found:
                raise BadAddress(f'two databases are named "{name}": give one of them another name in urls')
            found[name] = read_address(name, address, self._password(name), password_in_address=name in self.url_variables)
        return found

    def _password(self, name: str) -> str:
        variable = self.password_variables.get(name)
        if variable is not None and variable not in os.environ:
            raise BadAddress(f'database "{name}": the environment variable {variable}, which should hold its password, is not set')
        return os.environ.get(variable or password_variable(name)) or os.environ.get(PASSWORD_VARIABLE, "")

    @classmethod
    def from_environment(cls, **settings: Any) -> Self:
        """Where no place is given, DATAFLOW_DATABASES says: a path, an address, or "name=address,name=address".

        Raises:
            ValueError: a setting is not valid. The message never holds an address with a password.
        """
        if not any(settings.get(name) for name in PLACES) and (given := os.environ.get(DATABASES_VARIABLE, "").strip()):
            settings = {**settings, **settings_of_place(given)}
        return cls(**settings)

    @classmethod
    def at(cls, place: str, **settings: Any) -> Self:
        """Of a place in one line, as `places.settings_of_place` reads it; "" is what the environment says."""
        return cls(**settings_of_place(place), **settings) if place else cls.from_environment(**settings)


def _variable(name: str, variable: str) -> str:
    if not (address := os.environ.get(variable, "").strip()):
        raise BadAddress(f'database "{name}": the environment variable {variable}, which should hold its address, is not set')
    return address
