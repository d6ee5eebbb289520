"""Links from an asset to the code that it comes from."""

from __future__ import annotations

import inspect
import linecache
import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg

from operators.core.sequential import Sequential
from operators.pipeline.plan import Stage


def code_references(stage: Stage) -> dict[str, Any]:
    """Metadata that lets the UI open where the pipeline calls the stage, and its operator where it is one; nothing for classes without a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of these classes, and of nothing that a user could do
        known = list(_references(stage))
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=known)} if known else {}


def _references(stage: Stage) -> Iterator[dg.LocalFileCodeReference]:
    file, _, line = stage.location.rpartition(":")
    if file and line.isdecimal():
        yield dg.LocalFileCodeReference(file_path=file, line_number=int(line), label=f"{stage.name} in the pipeline")
    if isinstance(stage.operator, Sequential):  # twenty links to its parts would hide everything else
        return
    cls = type(stage.operator)
    try:
        file = inspect.getsourcefile(cls) or ""
    except TypeError:
        return
    # `inspect.getsourcelines` parses the whole file, for each of a hundred stages
    number = next((place for place, text in enumerate(linecache.getlines(file), 1) if text.startswith(f"class {cls.__name__}(")), None)
    if number is not None:
        yield dg.LocalFileCodeReference(file_path=file, line_number=number, label=cls.__name__)
