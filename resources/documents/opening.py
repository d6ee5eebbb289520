"""From settings to a converter of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operators.tables.errors import ParameterError, Problem
from operators.web.fetching import Web
from resources.documents.registry import ENTRIES, entry_for, what_is_missing
from resources.documents.settings import DocumentSettings

if TYPE_CHECKING:
    from resources.documents.serving import Documents


def open_documents(settings: DocumentSettings | None = None, web: Web | None = None) -> Documents:
    """A converter as the settings (by default: the environment) say. Processes are started when something is converted.

    Args:
        web: gets the files behind addresses; by default opened as the environment says, when the first address is met.

    Raises:
        ParameterError: a setting is not valid, a folder is not there, or a converter that was asked for is not installed.
    """
    from resources.documents.serving import Documents

    if problem := why_not(settings):
        raise ParameterError([Problem(problem, "documents")])
    return Documents(settings or DocumentSettings.from_environment(), web)


def why_not(settings: DocumentSettings | None = None) -> str:
    """Why documents cannot be converted as the settings say, with what to do; "" where nothing speaks against it.

    That the package of one format is missing is told by the rows of that format: others can be converted.
    """
    try:
        settings = settings or DocumentSettings.from_environment()
        settings.roots()
    except ValueError as error:
        return str(error)
    wanted = [entry_for(kind, settings.converters) for kind in settings.converters]
    if settings.ocr and entry_for("pdf", settings.converters).name == "pdfium":  # docling and MinerU read pictures with models of their own
        wanted += [entry for entry in ENTRIES if entry.name == "ocr"]
    return "; ".join(str(missing) for entry in wanted if (missing := what_is_missing(entry)))
