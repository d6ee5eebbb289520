"""What a user may set about documents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources.documents.options import HtmlText, MineruTier, Options

FOLDERS_VARIABLE = "DATAFLOW_DOCUMENTS"
OCR_VARIABLE = "DATAFLOW_DOCUMENTS_OCR"
CONVERTERS_VARIABLE = "DATAFLOW_DOCUMENTS_CONVERTERS"
MODELS_VARIABLE = "DATAFLOW_DOCUMENTS_MODELS"
MINERU_VARIABLE = "DATAFLOW_DOCUMENTS_MINERU"


class DocumentSettings(BaseModel):
    """Which files may be read, what one conversion may use, and how it is done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folders: tuple[str, ...] = Field((), description="Files below these are read, and no others. Relative paths are looked for in them, in order.")
    seconds: float = Field(60.0, gt=0, le=3600, description="Wall-clock time of one conversion (with ocr, of one page); its process is then killed.")
    memory_megabytes: int = Field(1500, ge=256, description="Memory that the process of a conversion may take.")
    megabytes: float = Field(100.0, gt=0, le=2000, description="Size of the largest file that is read.")
    unpacked_megabytes: int = Field(500, ge=1, description="Size of the largest archive (DOCX, PPTX, XLSX, EPUB) when unpacked.")
    answer_megabytes: float = Field(64.0, gt=0, le=1000, description="Size of the largest document that is taken.")
    pages: int = Field(2000, ge=1, description="Most pages, slides or sheets of one file.")
    parallel: int = Field(0, ge=0, le=256, description="Conversions under way at once, each in a process of its own; 0: one for each processor.")

    web: bool = Field(True, description="Fetch the files behind addresses, within the settings of the web.")
    ocr: bool = Field(False, description="Read pages that are pictures (needs the extra [ocr]).")
    html: HtmlText = Field("main", description="main: web pages without menus, teasers and footers. whole: everything that a reader sees.")
    converters: dict[str, str] = Field({}, description="Format -> converter, instead of the default: {pdf: docling}.")
    models: str = Field("", description="Folder of the models of docling and MinerU, instead of where their own commands put them.")
    mineru: MineruTier = Field("flash", description="How MinerU reads PDFs. flash: by rules; basic, standard, advanced: by models.")

    cache: bool = Field(True, description="Keep documents and use them again while file, converter and settings stay the same.")
    cache_path: str = Field("", description="SQLite file of the documents, instead of .documents/conversions.sqlite in the warehouse.")

    @model_validator(mode="after")
    def _known_converters(self) -> Self:
        from resources.documents.registry import check_names

        check_names(self.converters)
        return self

    @property
    def options(self) -> Options:
        return Options(
            self.seconds,
            self.memory_megabytes,
            self.pages,
            self.unpacked_megabytes,
            self.ocr,
            self.html,
            dict(self.converters),
            self.models_folder,
            self.mineru,
        )

    @property
    def models_folder(self) -> str:
        return str(Path(self.models).expanduser().resolve()) if self.models else ""

    @property
    def at_once(self) -> int:
        return self.parallel or max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

    def roots(self) -> list[Path]:
        """The folders as real paths. Raises ValueError: one of them is not there."""
        found = []
        for name in self.folders:
            folder = Path(name).expanduser()
            if not folder.is_dir():
                raise ValueError(f"{folder} is no folder: {FOLDERS_VARIABLE} (or the setting folders) names folders of documents")
            found.append(folder.resolve())
        return found

    @classmethod
    def from_environment(cls, **settings: Any) -> Self:
        """What is not given comes from DATAFLOW_DOCUMENTS (folders, separated as in PATH), DATAFLOW_DOCUMENTS_OCR (1),
        DATAFLOW_DOCUMENTS_CONVERTERS (pdf=docling,...), DATAFLOW_DOCUMENTS_MODELS (a folder) and DATAFLOW_DOCUMENTS_MINERU (flash).

        Raises:
            ValueError: a setting is not valid.
        """
        if "folders" not in settings and (given := os.environ.get(FOLDERS_VARIABLE, "").strip()):
            settings["folders"] = tuple(part for part in given.split(os.pathsep) if part)
        if "ocr" not in settings and (given := os.environ.get(OCR_VARIABLE, "").strip()):
            settings["ocr"] = given
        if "converters" not in settings and (given := os.environ.get(CONVERTERS_VARIABLE, "").strip()):
            settings["converters"] = {kind.strip(): name.strip() for kind, _, name in (part.partition("=") for part in given.split(","))}
        for name, variable in (("models", MODELS_VARIABLE), ("mineru", MINERU_VARIABLE)):
            if name not in settings and (given := os.environ.get(variable, "").strip()):
                settings[name] = given
        return cls(**settings)
