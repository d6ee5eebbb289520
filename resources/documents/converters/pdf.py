"""PDF by PDFium: its characters, laid out anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pypdfium2

from operators.document_model.blocks import Block
from operators.document_model.document import Document
from resources.documents.options import Options
from resources.documents.pdf.page_blocks import PageBlocks
from resources.documents.pdf.page_layout import PageLayout, layout_of
from resources.documents.pdf.paragraphs_over_pages import with_paragraphs_joined
from resources.documents.pdf.repeated import without_repeated_lines
from resources.documents.pdf.styles import styles_of
from resources.documents.pdf.words import words_of
from resources.documents.stopped import Stopped

_FILES = (".doc", ".docx", ".pdf", ".tex", ".dvi", ".indd", ".xls", ".xlsx", ".ppt", ".pptx")
_NO_TITLES = ("anonymous", "powerpoint presentation", "slide 1", "title", "document")
FEWEST_CHARACTERS = 8
"""A page that is a picture and has fewer has no text layer."""


_NO_VALUE: Final = 2
"""Bytes of an empty text: its end in UTF-16."""


def prepare(kind: str, options: Options) -> None:
    if options.ocr:
        from resources.documents.ocr import read_nothing

        read_nothing()


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    pdf = open_pdf(content, options)
    try:
        _write_forms(pdf)
        pages = [layout_of(pdf[number], number + 1) for number in range(len(pdf))]
        scanned = [page.number for page in pages if page.characters < FEWEST_CHARACTERS and page.is_picture]
        blocks = blocks_of_pages(pages)
        notes: tuple[str, ...] = ()
        if scanned and options.ocr:
            blocks = _with_ocr(pdf, scanned, blocks)
        elif scanned and len(scanned) == len(pages):
            raise Stopped("no text layer", "its pages are pictures: set ocr: true (DATAFLOW_DOCUMENTS_OCR=1) to read them")
        elif scanned:
            notes = (f"pages that are pictures, without a text layer: {', '.join(map(str, scanned[:20]))}",)
        if all(block.kind == "figure" for block in blocks) and (blocks or any(page.is_picture for page in pages)):
            raise Stopped("no text layer", "its pages hold pictures and no text: set ocr: true (DATAFLOW_DOCUMENTS_OCR=1) to read them")
        title = (pdf.get_metadata_dict(skip_empty=True).get("Title") or "").strip()
        return Document.of(blocks, title=title if _is_a_title(title) else "", pages=len(pdf), notes=notes)
    finally:
        pdf.close()


def open_pdf(content: bytes, options: Options) -> Any:
    """A pypdfium2 document. Raises Stopped: it has a password, is damaged, or has too many pages."""
    try:
        pdf = pypdfium2.PdfDocument(content)
        count = len(pdf)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Stopped("encrypted", "the PDF has a password") from None
        raise Stopped("damaged", f"the PDF cannot be opened: {error}") from None
    if count > options.pages:
        pdf.close()
        raise Stopped("page limit", f"it has {count:,} pages, and {options.pages:,} are allowed")
    if not count:
        raise Stopped("damaged", "the PDF has no pages")
    return pdf


def _write_forms(pdf: Any) -> None:
    """What is filled into a form becomes text of its page; fields are no text of a page by themselves."""
    if pdf.get_formtype() == pypdfium2.raw.FORMTYPE_NONE:
        return
    pdf.init_forms()
    for page in pdf:
        if _is_filled_in(page, pdf.formenv):
            page.flatten()
        page.close()


def _is_filled_in(page: Any, form: Any) -> bool:
    """Whether a text field of the page, or one with a choice, has a value."""
    raw = pypdfium2.raw
    written = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        field = raw.FPDFPage_GetAnnot(page, number)
        try:
            kind = raw.FPDFAnnot_GetFormFieldType(form, field)
            if kind in written and raw.FPDFAnnot_GetFormFieldValue(form, field, None, 0) > _NO_VALUE:
                return True
        finally:
            raw.FPDFPage_CloseAnnot(field)
    return False


def blocks_of_pages(pages: Sequence[PageLayout]) -> list[Block]:
    without_repeated_lines(pages)
    styles = styles_of(pages)
    words = words_of([line.text for page in pages for region in page.regions for line in region if line.is_text])
    making = PageBlocks(styles, words)
    return with_paragraphs_joined([region for page in pages for region in making.of(page)], words)


def _is_a_title(text: str) -> bool:
    """Programs leave names of files and of themselves where the title should stand."""
    lower = text.lower().strip("() ")
    return len(lower) > 3 and not lower.endswith(_FILES) and "untitled" not in lower and lower not in _NO_TITLES


def _with_ocr(pdf: Any, numbers: Sequence[int], blocks: Sequence[Block]) -> list[Block]:
    """The blocks with those of pages that are pictures, in the order of the pages."""
    from resources.documents.ocr import blocks_of_page

    read = [block for number in numbers for block in blocks_of_page(pdf[number - 1], number)]
    return sorted([*blocks, *read], key=lambda block: block.place.page or 0)
