"""The databases of one deployment: those that its defs.yaml names, or those that its source is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflow_assets.database_resource import DatabaseResource
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError, Problem, first_line
from resources.databases.settings import PLACES
from resources.sources import SourceSettings


def deployed_databases(given: str | Mapping[str, Any], sources: Mapping[str, SourceSettings]) -> DatabaseResource | None:
    """The resource; None where the environment says which databases there are.

    Args:
        given: where they are in one line, or settings of DatabaseResource; those may be without a place, where a source is databases.

    Raises:
        ParameterError: settings that there are not, or two sources of other databases.
    """
    settings = {"place": given} if isinstance(given, str) and given else dict(given or {})
    of_sources = sorted({source.databases for source in sources.values() if source.databases})
    if not any(settings.get(name) for name in ("place", *PLACES)) and of_sources:
        if len(of_sources) > 1:
            raise ParameterError([Problem(f"database: the sources are of {' and of '.join(of_sources)}", suggestion="say which are asked")])
        settings["place"] = of_sources[0]
    try:
        return DatabaseResource(**settings) if settings else None
    except ParameterError as error:
        raise ParameterError([problem.at("database") for problem in error.problems]) from None
    except ValueError as error:
        raise ParameterError([Problem(f"database: {first_line(error)}")]) from None


def database_names(pipeline: Pipeline) -> list[str]:
    """The names by which the operators of a pipeline ask databases."""
    operators = [operator for operator in pipeline.operators().values() if not operator.is_stand_in]
    return sorted({operator.resource_names()["database"] for operator in operators if "database" in operator.resource_names()})
