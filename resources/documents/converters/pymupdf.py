"""PDF by pymupdf4llm, for who may use it: its licence is AGPL. Blocks have a page and no box."""

from __future__ import annotations

from operators.document_model.blocks import Place
from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from resources.documents.options import Options
from resources.documents.stopped import Stopped


def prepare(kind: str, options: Options) -> None:
    import pymupdf4llm  # noqa: F401


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    import pymupdf
    import pymupdf4llm

    try:
        file = pymupdf.open(stream=content, filetype="pdf")
    except (pymupdf.FileDataError, RuntimeError, ValueError) as error:
        raise Stopped("damaged", f"the PDF cannot be opened: {error}") from None
    with file:
        if file.needs_pass:
            raise Stopped("encrypted", "the PDF has a password")
        if file.page_count > options.pages:
            raise Stopped("page limit", f"it has {file.page_count:,} pages, and {options.pages:,} are allowed")
        if not any(page.get_text().strip() for page in file):
            raise Stopped("no text layer", "its pages are pictures: the converter pdfium reads them with ocr: true")
        pages = pymupdf4llm.to_markdown(file, page_chunks=True, show_progress=False)
        title = (file.metadata or {}).get("title") or ""
        blocks = [block.at(Place(number)) for number, page in enumerate(pages, 1) for block in blocks_of(page["text"])]
        return Document.of(blocks, title=title.strip(), pages=file.page_count)
