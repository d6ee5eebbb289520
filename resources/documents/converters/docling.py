"""PDF, office files, books, web pages, Markdown and CSV by docling. PDF needs its models; nothing is fetched here."""

from __future__ import annotations

import functools
import io
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from operators.document_model.document import Document
from resources.documents.converters.docling_items import DoclingItems
from resources.documents.converters.refusals import refuse
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped
from resources.documents.workers.progress import PROGRESS

_SUFFIXES: Final = {"markdown": "md"}
"""By which docling tells a format, where it is not named as here."""
_TEXTS: Final = {"html": "utf-8-sig", "markdown": "utf-8", "csv": "utf-8"}
"""Texts may be of any encoding, and are given to docling in this one."""
_DOWNLOAD: Final = "fetch them where there is a network: `docling-tools models download` (with -o FOLDER, DATAFLOW_DOCUMENTS_MODELS=FOLDER)"


def prepare(kind: str, options: Options) -> None:
    """Import docling and, for PDF, load its models. Raises Stopped: they are not there."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    tempfile.tempdir = os.environ.get("TMPDIR", "/tmp")  # libraries ask for it when they are imported; finding it writes a file, which is not allowed
    converter, form = _converter(kind, options.ocr, options.html, options.models)
    if kind != "pdf":
        return
    try:
        converter.initialize_pipeline(form)
    except FileNotFoundError as error:
        raise Stopped("not installed", f"the converter docling reads PDF with models that are not here ({_first_line(error)}): {_DOWNLOAD}") from None


@functools.cache
def _converter(kind: str, ocr: bool, html: str, models: str) -> tuple[Any, Any]:
    """A converter of one format, and docling's name of the format."""
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.datamodel.backend_options import HTMLBackendOptions
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.pipeline_options import PdfPipelineOptions
    from docling.document_converter import DocumentConverter, HTMLFormatOption, PdfFormatOption

    form = InputFormat(_SUFFIXES.get(kind, kind))
    known: dict[Any, Any] = {}
    if kind == "pdf":
        pdf = PdfPipelineOptions(do_ocr=ocr, accelerator_options=AcceleratorOptions(num_threads=1))
        pdf.artifacts_path = _folder_of_models(models)
        known[form] = PdfFormatOption(pipeline_options=pdf)
    elif kind == "html":
        known[form] = HTMLFormatOption(backend_options=HTMLBackendOptions(infer_furniture=html == "main"))
    return DocumentConverter(allowed_formats=[form], format_options=known), form


def _folder_of_models(models: str) -> Path | None:
    """The folder that is named, or else the one where docling's own command puts them; None: the cache of Hugging Face."""
    from docling.datamodel.settings import settings

    folder = Path(models) if models else settings.cache_dir / "models"
    if models and not folder.is_dir():
        raise Stopped("not installed", f"there is no folder {folder}, where the models of docling should be: {_DOWNLOAD}")
    return folder if folder.is_dir() else None


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    from docling.datamodel.base_models import DocumentStream

    refuse(content, kind, options)
    if kind in _TEXTS:
        content = decode(content).encode(_TEXTS[kind])
    converter, form = _converter(kind, options.ocr, options.html, options.models)
    stream = DocumentStream(name=f"document.{form.value}", stream=io.BytesIO(content))
    result = converter.convert(stream, raises_on_error=False, progress_callback=_page_read)
    told = [error.error_message for error in result.errors]
    if result.status.value not in ("success", "partial_success"):
        if any("memory" in one.lower() or "bad_alloc" in one for one in told):
            raise MemoryError
        raise Stopped("damaged", f"docling cannot read it: {_first_line(*told, result.status.value)}")
    for picture in result.document.pictures:
        if picture.image is not None and str(picture.image.uri).startswith("data:"):
            picture.image = None  # would be written out; pictures are made from the file itself
    items = DoclingItems(result.document.export_to_dict(), kind)
    if items.pages is not None and items.pages > options.pages:
        raise Stopped("page limit", f"it has {items.pages:,} pages, and {options.pages:,} are allowed")
    document = Document.of(items.blocks(), title=items.title, pages=items.pages, notes=tuple(map(_first_line, told)))
    if kind == "pdf" and all(block.kind == "figure" for block in document.blocks):
        raise Stopped("no text layer", "its pages hold no text: set ocr: true (DATAFLOW_DOCUMENTS_OCR=1) to read them")
    return document


def _page_read(event: Any) -> None:
    if event.kind.value == "page_completed":
        PROGRESS.page_read()


def _first_line(*told: object) -> str:
    return next((line for one in told if (line := str(one).strip().partition("\n")[0])), "")
