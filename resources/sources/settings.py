"""A source in one line of YAML: the path of a file, or the name of a built-in source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from operators.tables.errors import ParameterError, Problem, closest
from operators.tables.files import FileStorage
from operators.tables.storage import Storage
from resources.sources.installed_documentation import InstalledDocumentation

BUILT_IN: dict[str, Callable[[], Storage]] = {"installed_documentation": InstalledDocumentation}

TYPES: dict[str, Any] = {
    "str": str,
    "text": str,
    "int": int,
    "float": float,
    "bool": bool,
    "json": dict,
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}

MAX_UNREADABLE = 0.05


class SourceSettings(BaseModel):
    """What to read. A text alone is the path, or the name of a built-in source: `source: data/*.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(
        "", description="A file, a glob or a folder: .jsonl, .json, .csv, .tsv, .parquet, .arrow, .warc or .wet, text also .gz or .zst."
    )
    built_in: str = Field("", description=f"Instead of a path: {', '.join(BUILT_IN)}.")
    types: dict[str, str] = Field({}, description=f"Types of columns that the file does not tell: {', '.join(TYPES)}.")
    rename: dict[str, str] = Field({}, description="Column of the file -> name in the pipeline.")
    limit: int | None = Field(None, ge=1, description="Read at most so many rows.")
    max_unreadable: float = Field(
        MAX_UNREADABLE, ge=0, le=1, description="Share of the rows that may be unreadable (and are set aside) before reading fails."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"built_in": value} if value in BUILT_IN else {"path": value}
        return value

    @model_validator(mode="after")
    def _one_place(self) -> SourceSettings:
        if bool(self.path) == bool(self.built_in):
            raise ValueError(f"a source is either a path or a built_in ({', '.join(BUILT_IN)})")
        if self.built_in and self.built_in not in BUILT_IN:
            raise ValueError(f'there is no built-in source "{self.built_in}". {closest(self.built_in, BUILT_IN)}')
        return self

    @field_validator("types")
    @classmethod
    def _known_types(cls, types: Mapping[str, str]) -> Mapping[str, str]:
        for column, name in types.items():
            if name not in TYPES:
                raise ValueError(f'column "{column}": there is no type "{name}"; known are {", ".join(TYPES)}. {closest(name, TYPES)}')
        return types


def open_source(settings: SourceSettings) -> Storage:
    """The source as a storage.

    Raises:
        ParameterError: the path does not exist or has an unknown format.
    """
    if settings.built_in:
        return BUILT_IN[settings.built_in]()
    try:
        return FileStorage(
            settings.path, types={column: TYPES[name] for column, name in settings.types.items()} or None, rename=settings.rename or None
        )
    except (FileNotFoundError, ValueError) as error:
        raise ParameterError([Problem(str(error), "source")]) from error
