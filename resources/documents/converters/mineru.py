"""PDF, office files, books, web pages and CSV by MinerU 4. PDF by rules (the tier flash) or by its models, all else by rules.

Nothing is fetched here.
"""

from __future__ import annotations

import importlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from operators.document_model.document import Document
from resources.documents.converters.mineru_blocks import MineruBlocks
from resources.documents.converters.refusals import refuse
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_TEXTS: Final = {"html": "utf-8-sig", "csv": "utf-8"}
"""Texts may be of any encoding, and are given to MinerU in this one."""
_OFFICE: Final = ("docx", "pptx", "xlsx")
_ANALYSES: Final = {"pdf": "pdf.pipeline", **dict.fromkeys(_OFFICE, "office")}
"""What MinerU would import only while it reads the first file of a format, within the time of that file."""
_MOST_BYTES: Final = 1_000_000
"""Size of a file: MinerU draws figures in processes of its own, and their locks are small files in shared memory."""


def prepare(kind: str, options: Options) -> None:
    os.environ["MINERU_MODEL_SOURCE"] = "local"
    os.environ["DOCVORTEX_PDF_RENDER_BACKEND"] = "legacy"  # gives the PDF to these processes by a pipe; else a copy stays on disk after a kill
    if options.models:
        os.environ["MINERU_MODEL_BASE_DIR"] = options.models
    with _small_files():
        for module in ("analyze", "postprocess.document", f"analysis.{_ANALYSES.get(kind, kind)}"):
            importlib.import_module(f"mineru.backend.{module}")


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    from mineru.backend.analyze import doc_analyze
    from mineru.parser.tier import effort_for_tier

    refuse(content, kind, options)
    if kind in _TEXTS:
        content = decode(content).encode(_TEXTS[kind])
    effort = effort_for_tier(options.mineru if kind == "pdf" else "flash")
    try:
        with _small_files():
            read, _ = doc_analyze(content, effort=effort, parse_mode="auto" if options.ocr else "txt", file_suffix=kind)
    except FileNotFoundError as error:
        raise Stopped("not installed", _missing(options, error)) from None
    found = MineruBlocks(read.to_dict(exclude_block_fields={"image_base64"}), kind)
    if found.pages is not None and found.pages > options.pages:
        raise Stopped("page limit", f"it has {found.pages:,} pages, and {options.pages:,} are allowed")
    document = Document.of(found.blocks(), title=found.title, pages=found.pages)
    if kind == "pdf" and all(block.kind == "figure" for block in document.blocks):
        raise Stopped("no text layer", "its pages hold no text: set ocr: true (DATAFLOW_DOCUMENTS_OCR=1) to read them")
    return document


def _missing(options: Options, error: FileNotFoundError) -> str:
    flash = options.mineru == "flash"
    what = "MinerU reads pages that are pictures with models" if flash else f"the tier {options.mineru} of MinerU needs models"
    tier = "basic" if flash else "standard" if options.mineru == "advanced" else options.mineru
    command = f"`mineru-kit models download --tier {tier}` (with MINERU_MODEL_BASE_DIR=FOLDER, DATAFLOW_DOCUMENTS_MODELS=FOLDER)"
    return f"{what} that are not here ({error}): fetch them where there is a network: {command}"


@contextmanager
def _small_files() -> Iterator[None]:
    """Within it small files may be written, which converters otherwise may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    allowed = _MOST_BYTES if hard == resource.RLIM_INFINITY else min(_MOST_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
