"""What a data set is written as: its format, its folder, its splits, and which columns go where."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from operators.tables.errors import ParameterError, Problem, closest

FormatName = Literal["alpaca", "sharegpt", "openai", "hermes", "llama_factory", "hugging_face", "webdataset", "delta", "iceberg", "spider", "bird"]

_SPLIT = re.compile(r"[\w-]+(?:\.[\w-]+)*")


class DatasetSettings(BaseModel):
    """One entry of `export` in defs.yaml that is more than a path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: FormatName = Field(description="The layout: who reads it.")
    path: str = Field(
        min_length=1,
        description="The folder of the data set. What another export left there is replaced. Of delta also an address such as s3://lake/pages; of "
        "iceberg in a `catalog`, the name of the table there.",
    )
    splits: dict[str, float] = Field({"train": 1.0}, description="Split -> its share of the rows. The shares add up to 1.")
    columns: dict[str, str] = Field(
        {},
        description="Part of a sample (instruction, input, output, system, messages, tools, images; of preferences chosen and rejected; of spider "
        "and bird db_id, question, query, ...) "
        '-> column, as {"output": "answer"}.',
    )
    databases: str = Field(
        "", description="Where the databases of spider and bird are, in one line. Default: those of the deployment, else DATAFLOW_DATABASES."
    )
    catalog: str = Field("", description="Of iceberg: a catalog that PyIceberg is configured for. Default: one of its own, in the folder.")
    row_id: bool = Field(False, description="Whether each sample carries its row_id, for `dataflow trace`.")
    similarity: float = Field(0.8, gt=0, le=1, description="Texts at least so alike (Jaccard, 5 words) are never in two splits.")
    seed: int = Field(0, description="Another seed, another split.")
    shard_rows: int = Field(100_000, ge=1, description="Rows of a Parquet or tar file.")
    license: str = Field("", description="An identifier that Hugging Face knows, such as apache-2.0, for the card.")

    @field_validator("splits")
    @classmethod
    def _whole(cls, splits: dict[str, float]) -> dict[str, float]:
        if not splits or any(share <= 0 for share in splits.values()) or not math.isclose(sum(splits.values()), 1.0, abs_tol=1e-6):
            raise ValueError(f"the shares of the splits are {splits}; each is above 0, and together they are 1")
        if wrong := [name for name in splits if not _SPLIT.fullmatch(name)]:
            raise ValueError(f'"{wrong[0]}" cannot name a split, which is the name of a file: use letters, digits, _ and -, with single dots between')
        return splits

    @field_validator("columns")
    @classmethod
    def _known_parts(cls, columns: dict[str, str]) -> dict[str, str]:
        of_samples = ("instruction", "input", "output", "system", "messages", "tools", "images", "chosen", "rejected")
        known = (*of_samples, "db_id", "question", "query", "evidence", "difficulty")
        if unknown := [name for name in columns if name not in known]:
            raise ValueError(f'a sample has no part "{unknown[0]}", only {", ".join(known)}')
        return columns

    @model_validator(mode="after")
    def _catalog_of_iceberg(self) -> Self:
        if self.catalog and self.format != "iceberg":
            raise ValueError(f"catalog: {self.format} has none; it is for iceberg")
        if "://" in self.path and self.format != "delta":
            raise ValueError(f"path: {self.format} is written to a folder; an address such as {self.path} is for delta")
        return self


def dataset_settings(given: Mapping[str, Any]) -> DatasetSettings:
    """Raises ParameterError for what is unknown or wrong, with the closest names."""
    try:
        return DatasetSettings.model_validate(given)
    except ValidationError as error:
        raise ParameterError([_problem(given, one["loc"], one["msg"]) for one in error.errors()]) from None


def _problem(given: Mapping[str, Any], where: tuple[int | str, ...], said: str) -> Problem:
    name = str(where[0]) if where else ""
    if name and name not in DatasetSettings.model_fields:
        listed = ("settings", ", ".join(DatasetSettings.model_fields))
        return Problem(f'export: a data set has no setting "{name}"', details=(listed,), suggestion=closest(name, DatasetSettings.model_fields))
    if name == "format" and name in given:
        known, wrong = get_args(FormatName), str(given[name])
        listed = ("formats", ", ".join(known))
        return Problem(f'export: there is no format "{wrong}"', details=(listed,), suggestion=closest(wrong, known))
    return Problem(f"export: {f'{name}: ' if name else ''}{said.removeprefix('Value error, ')}")
