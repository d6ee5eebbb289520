"""A source in one line of YAML: the path of a file, the name of a built-in source, `dataset:` and the name of a data set, or `databases:` and where
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from operators.core import extensions
from operators.tables.errors import ParameterError, Problem, closest, first_line
from operators.tables.files import FileStorage
from operators.tables.storage import Storage
from resources import datasets
from resources.databases import DatabaseSettings
from resources.databases.places import ENVIRONMENT
from resources.sources.databases import database_source
from resources.sources.installed_documentation import InstalledDocumentation
from resources.sources.installed_functions import InstalledFunctions
from resources.sources.installed_sources import InstalledSources
from resources.sources.seeds import ChatTopics, ToolScenarios

BUILT_IN: Mapping[str, Callable[..., Storage]] = {
    "chat_topics": ChatTopics,
    "installed_documentation": InstalledDocumentation,
    "installed_functions": InstalledFunctions,
    "installed_sources": InstalledSources,
    "databases": database_source,
    "tool_scenarios": ToolScenarios,
}


def known_sources() -> dict[str, Callable[..., Storage]]:
    """Sources that are more than a file, by name: ours, and those that installed extensions bring."""
    return {**extensions.load(extensions.SOURCES, frozenset(BUILT_IN)), **BUILT_IN}


DATASET = "dataset:"
"""Before the name of a data set of the store, as in `dataset:human-eval`."""
DATABASES = "databases:"
"""Before the place of databases, as in `databases:data/spider/database`; `databases` alone are those of the environment."""

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
    """What to read. A text alone is the path, a built-in source or a data set: `source: data/*.jsonl`, `source: dataset:human-eval`,
    `source: databases:shop.sqlite`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    path: str = Field(
        "", description="A file, a glob or a folder: .jsonl, .json, .csv, .tsv, .parquet, .arrow, .warc or .wet, text also .gz or .zst."
    )
    built_in: str = Field("", description=f"Instead of a path: {', '.join(BUILT_IN)}, dataset:NAME, or a source that an installed extension brings.")
    options: dict[str, Any] = Field({}, description="What a source of an extension is given.")
    types: dict[str, str] = Field({}, description=f"Types of columns that the file does not tell: {', '.join(TYPES)}.")
    rename: dict[str, str] = Field({}, description="Column of the file -> name in the pipeline.")
    limit: int | None = Field(None, ge=1, description="Read at most so many rows.")
    max_unreadable: float = Field(
        MAX_UNREADABLE, ge=0, le=1, description="Share of the rows that may be unreadable (and are set aside) before reading fails."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(DATABASES):
            return {"built_in": "databases", "options": {"place": value.removeprefix(DATABASES)}}
        if isinstance(value, str):
            return {"built_in": value} if value.startswith(DATASET) or value in known_sources() else {"path": value}
        return value

    @model_validator(mode="after")
    def _one_place(self) -> SourceSettings:
        if bool(self.path) == bool(self.built_in):
            raise ValueError(f"a source is either a path or a built_in ({', '.join(known_sources())}, {DATASET}NAME)")
        if self.built_in and not self.is_dataset and self.built_in not in known_sources():
            raise ValueError(f'there is no source "{self.built_in}", only {", ".join(known_sources())}. {closest(self.built_in, known_sources())}')
        if self.databases and not self.databases.startswith(ENVIRONMENT):
            DatabaseSettings.at(self.databases)  # an address with a password is refused before it could be shown anywhere
        if self.options and (self.is_dataset or not self.built_in):
            raise ValueError("options are for a built_in source; what a file is read with are types, rename and limit")
        return self

    @property
    def is_dataset(self) -> bool:
        return self.built_in.startswith(DATASET)

    @property
    def shown(self) -> str:
        """Where the rows come from, for people."""
        return self.path or (f"{DATABASES}{self.databases}" if self.databases else self.built_in)

    @property
    def databases(self) -> str | None:
        """The place of the databases that the rows are about; "" is the environment's, None where they are about none."""
        return str(self.options.get("place", "")) if self.built_in == "databases" else None

    @field_validator("types")
    @classmethod
    def _known_types(cls, types: Mapping[str, str]) -> Mapping[str, str]:
        for column, name in types.items():
            if name not in TYPES:
                raise ValueError(f'column "{column}": there is no type "{name}"; known are {", ".join(TYPES)}. {closest(name, TYPES)}')
        return types


def source_settings(given: Any) -> SourceSettings:
    """Raises ParameterError for what names no source. What was given is not shown: an address may hold a password."""
    try:
        return SourceSettings.model_validate(given)
    except ValidationError as error:
        raise ParameterError([_problem(one) for one in error.errors(include_url=False, include_input=False)]) from None


def _problem(mistake: ErrorDetails) -> Problem:
    where, known = ".".join(["source", *map(str, mistake["loc"])]), list(SourceSettings.model_fields)
    if mistake["type"] == "extra_forbidden":
        name = str(mistake["loc"][-1])
        return Problem(f'a source has no setting "{name}"', "source", (("settings", ", ".join(known)),), closest(name, known))
    return Problem(mistake["msg"].removeprefix("Value error, "), where)


def open_source(settings: SourceSettings) -> Storage:
    """The source as a storage.

    Raises:
        ParameterError: the path does not exist or has an unknown format, or the data set was not fetched.
    """
    if settings.built_in and not settings.is_dataset:
        return _opened(settings.built_in, settings.options)
    try:
        path = settings.path or str(datasets.path(settings.built_in.removeprefix(DATASET)))
        return FileStorage(path, types={column: TYPES[name] for column, name in settings.types.items()} or None, rename=settings.rename or None)
    except (FileNotFoundError, ValueError, datasets.DataSetError) as error:
        raise ParameterError([Problem(str(error), "source")]) from error


def _opened(name: str, options: Mapping[str, Any]) -> Storage:
    try:
        storage = known_sources()[name](**options)
    except ParameterError:
        raise
    except Exception as error:  # code of an extension, or options that it does not know
        raise ParameterError([Problem(f'the source "{name}" cannot be opened: {first_line(error)}', "source")]) from error
    if not isinstance(storage, Storage):
        raise ParameterError([Problem(f'the source "{name}" gave {type(storage).__name__}, not a Storage', "source")])
    return storage


def open_source_by_name(name: str) -> Storage:
    """A source that is more than a file, such as "installed_documentation", "dataset:human-eval" or "databases:shop.sqlite".

    Raises:
        LookupError: nobody brings it, with those there are.
    """
    known = known_sources()
    if name not in known and not name.startswith((DATASET, DATABASES)):
        raise LookupError(f'no source is named "{name}"; there are {", ".join(sorted(known))}. {closest(name, known)}'.strip())
    return open_source(source_settings(name))
