"""Links from an asset to the code that it comes from."""

from __future__ import annotations

import inspect
from typing import Any

import dagster as dg

from operators.core.operator import Operator
from operators.pipeline.pipeline import Pipeline


def code_references(pipeline: type[Pipeline], operator: Operator) -> dict[str, Any]:
    """Metadata that lets the UI open the pipeline's and the operators' source; nothing for classes without a file."""
    parts = getattr(operator, "parts", (operator,))
    places = [_reference(cls) for cls in dict.fromkeys([pipeline, *map(type, parts)])]
    known = [place for place in places if place is not None]
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=known)} if known else {}


def _reference(cls: type) -> dg.LocalFileCodeReference | None:
    try:
        file, line = inspect.getsourcefile(cls), inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return None
    return dg.LocalFileCodeReference(file_path=file, line_number=line, label=cls.__name__) if file else None
