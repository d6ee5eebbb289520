"""What other programs make of documents: `PYTHON benchmarks/document_peers.py PATH...` prints a line of JSON for each program and file.

Run by `benchmarks.documents` with the Python of an environment that has pypdf, markitdown, pymupdf4llm, docling or MinerU; it imports nothing of this
project. MinerU reads by its rules (the tier flash). docling reads PDF where its models are.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_OFFICE = (".docx", ".pptx", ".xlsx", ".html")


def pypdf(path: str) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def markitdown(path: str) -> str:
    from markitdown import MarkItDown

    return MarkItDown().convert(path).text_content


def pymupdf4llm(path: str) -> str:
    import pymupdf4llm as program

    return program.to_markdown(path, show_progress=False)


@functools.cache
def _docling() -> Any:
    from docling.document_converter import DocumentConverter

    return DocumentConverter()


def docling(path: str) -> str:
    return _docling().convert(path).document.export_to_markdown()


@functools.cache
def _docling_reads_pdf() -> bool:
    from docling.datamodel.base_models import InputFormat

    try:
        _docling().initialize_pipeline(InputFormat.PDF)
    except (FileNotFoundError, OSError) as error:
        print(f"docling reads no PDF here: {error}", file=sys.stderr)
        return False
    return True


def mineru(path: str) -> str:
    from mineru import parse

    return parse(path, tier="flash", ocr_mode="txt").markdown()


PROGRAMS: dict[Callable[[str], str], tuple[str, ...]] = {
    pypdf: (".pdf",),
    markitdown: (".pdf", *_OFFICE),
    pymupdf4llm: (".pdf",),
    docling: (".pdf", *_OFFICE),
    mineru: (".pdf", *_OFFICE),
}


def main() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    for program, suffixes in PROGRAMS.items():
        name = program.__name__
        if importlib.util.find_spec(name) is None:
            continue
        importlib.import_module(name)
        if program is docling:
            suffixes = suffixes if _docling_reads_pdf() else _OFFICE
        for path in sys.argv[1:]:
            if Path(path).suffix not in suffixes:
                continue
            started = time.perf_counter()
            try:
                text = program(path)
            except Exception as error:  # of a peer, about this file: it is told, and the next one follows
                text = ""
                print(f"{name} {path}: {error}", file=sys.stderr)
            print(json.dumps({"program": name, "path": path, "text": text, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()
