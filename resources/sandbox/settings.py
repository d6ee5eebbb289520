"""What can be set of a sandbox."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator


class SandboxSettings(BaseModel):
    """Each from an argument, else from the environment variable DATAFLOW_SANDBOX_ and its name, else its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programs_at_once: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1, le=256, description="Programs run at once.")
    max_seconds: float = Field(600.0, gt=0, description="Longest run of a program, whatever its own limit says.")
    max_memory_mb: int = Field(4096, ge=64, description="Most memory of a program, whatever its own limit says.")
    import_from: tuple[Path, ...] = Field((), description="Folders whose packages Python programs may import, such as a site-packages; read-only.")
    unsafe_subprocess: bool = Field(False, description="Run programs without isolation where there is none: they can do whatever you can do.")

    @field_validator("import_from")
    @classmethod
    def _outside_tmp(cls, folders: tuple[Path, ...]) -> tuple[Path, ...]:
        for folder in folders:
            if folder.resolve().is_relative_to("/tmp"):
                raise ValueError(f"{folder} lies below /tmp, of which each program has one of its own: give packages from another place")
        return folders

    @classmethod
    def from_environment(cls, **given: Any) -> Self:
        found: dict[str, Any] = {}
        for name in cls.model_fields:
            if value := os.environ.get(f"DATAFLOW_SANDBOX_{name.upper()}"):
                found[name] = value.split(os.pathsep) if name == "import_from" else value
        return cls.model_validate({**found, **{name: value for name, value in given.items() if value is not None}})
