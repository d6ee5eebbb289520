"""From settings to a retriever."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from operators.tables.errors import ParameterError, Problem
from resources.retriever.settings import PLACE_VARIABLE, RetrieverSettings

if TYPE_CHECKING:
    from operators.retrieval.retriever import Retriever

HOW = f"set {PLACE_VARIABLE} to the folder of an index, to a file of passages, or to the address of a server (http://host:8000/retrieve)"


def open_retriever(settings: RetrieverSettings | None = None) -> Retriever:
    """The retriever that the settings (by default: the environment) name. Nothing is read or sent yet.

    Raises:
        ParameterError: none is named, or the place is not there.
    """
    settings = settings or RetrieverSettings.from_environment()
    if problem := _problem(settings):
        raise ParameterError([problem])
    if settings.is_server:
        from resources.retriever.http_client import HttpRetriever

        return HttpRetriever(settings)
    from resources.retriever.indexed import IndexRetriever

    return IndexRetriever(settings)


def why_not() -> str:
    """Why the retriever that the environment names cannot be opened, with what to do; "" where nothing speaks against it. No server is asked."""
    problem = _problem(RetrieverSettings.from_environment())
    return f"{problem.message}: {problem.suggestion}" if problem else ""


def _problem(settings: RetrieverSettings) -> Problem | None:
    if not settings.place:
        return Problem("no retriever is named", "retriever", suggestion=HOW)
    if not settings.is_server and not Path(settings.place).expanduser().exists():
        return Problem(f"{settings.place} is not there", "retriever", suggestion=HOW)
    return None
