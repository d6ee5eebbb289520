"""Catalogues: YAML files whose entries have a name and are checked."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Entry = TypeVar("Entry", bound=BaseModel)


def read_entries(entry: type[Entry], shipped: Path, variable: str) -> dict[str, Entry]:
    """By name: those of this project, and those of the file that the environment variable names, which win.

    Raises:
        ValueError: a file that does not hold such entries.
    """
    given = os.environ.get(variable)
    found = _read(entry, shipped) | (_read(entry, Path(given)) if given else {})
    return {name: item for name, item in found.items() if isinstance(item, entry)}


@lru_cache(maxsize=16)
def _read(entry: type[BaseModel], file: Path) -> dict[str, BaseModel]:
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return {str(name): entry.model_validate({"name": str(name), **fields}) for name, fields in content.items()}
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))} {item['msg'].removeprefix('Value error, ')}".strip() for item in error.errors())
        raise ValueError(f"an entry of {file} is wrong: {wrong}") from error
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise ValueError(f"{file} cannot be read as a catalogue: {error}") from error
