"""Which converter reads which format, and what each needs. Modules of converters are imported in worker processes only."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operators.document_model.conversion import NotConverted
from operators.tables.errors import closest


@dataclass(frozen=True, slots=True)
class ConverterEntry:
    """A converter by name. Its module, in `resources.documents.converters`, defines `convert(content, kind, name, options) -> Document`."""

    name: str
    kinds: tuple[str, ...]
    module: str
    version: int
    """Raised when the same file gives another document: what was kept is then converted again."""
    packages: tuple[str, ...] = ()
    """Importable packages outside the default installation."""
    install: str = ""
    """What pip installs for them."""

    @property
    def identity(self) -> str:
        return f"{self.name} {self.version}"


ENTRIES: Final = (
    ConverterEntry("text", ("text",), "plain_text", 2),
    ConverterEntry("markdown", ("markdown",), "markdown", 2),
    ConverterEntry("rst", ("rst",), "rst", 2),
    ConverterEntry("csv", ("csv",), "delimited", 2),
    ConverterEntry("html", ("html",), "html", 2),
    ConverterEntry("xml", ("xml",), "xml", 1),
    ConverterEntry("epub", ("epub",), "epub", 3),
    ConverterEntry("docx", ("docx",), "docx", 2),
    ConverterEntry("pptx", ("pptx",), "pptx", 2),
    ConverterEntry("xlsx", ("xlsx",), "xlsx", 2, ("openpyxl",), "'dataflow-dagster[documents]'"),
    ConverterEntry("pdfium", ("pdf",), "pdf", 3, ("pypdfium2", "pdfplumber"), "'dataflow-dagster[documents]'"),
    ConverterEntry("ocr", ("image",), "picture", 1, ("rapidocr_onnxruntime",), "'dataflow-dagster[ocr]'"),
    ConverterEntry("pymupdf4llm", ("pdf",), "pymupdf", 1, ("pymupdf4llm",), "pymupdf4llm (its licence is AGPL)"),
    ConverterEntry(
        "docling",
        ("pdf", "docx", "pptx", "xlsx", "html", "epub", "markdown", "csv"),
        "docling",
        1,
        ("docling",),
        "'dataflow-dagster[docling]'",
    ),
    ConverterEntry(
        "mineru",
        ("pdf", "docx", "pptx", "xlsx", "html", "epub", "csv"),
        "mineru",
        1,
        ("mineru",),
        "'mineru>=4,<5' (free below 100 million monthly users and 20 million dollars of monthly revenue; services online must name it)",
    ),
)
"""The first that reads a format is its default."""

KINDS: Final = tuple(dict.fromkeys(kind for entry in ENTRIES for kind in entry.kinds))


def check_names(converters: Mapping[str, str]) -> None:
    """Raises ValueError: a format that nobody reads, or a converter that does not read it."""
    for kind, name in converters.items():
        if kind not in KINDS:
            raise ValueError(f'converters: there is no format "{kind}", only {", ".join(KINDS)}. {closest(kind, KINDS)}')
        names = [entry.name for entry in ENTRIES if kind in entry.kinds]
        if name not in names:
            raise ValueError(f'converters: no converter of {kind} is named "{name}", only {", ".join(names)}. {closest(name, names)}')


def entry_for(kind: str, converters: Mapping[str, str]) -> ConverterEntry:
    """The converter of a format, which is one of KINDS."""
    wanted = converters.get(kind)
    return next(entry for entry in ENTRIES if kind in entry.kinds and wanted in (None, entry.name))


def what_is_missing(entry: ConverterEntry) -> NotConverted | None:
    """The packages that a converter lacks here, with the command that installs them."""
    missing = [package for package in entry.packages if importlib.util.find_spec(package) is None]
    if not missing:
        return None
    return NotConverted("not installed", f"the converter {entry.name} needs {', '.join(missing)}: pip install {entry.install}")
