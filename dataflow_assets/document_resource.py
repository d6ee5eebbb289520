"""The Dagster resource of documents: a thin, configurable door to `resources/documents`."""

from __future__ import annotations

from pydantic import BaseModel, Field, PrivateAttr

from dataflow_assets.checked_resource import CheckedResource
from operators.document_model.serving import DocumentServing
from resources.documents import DocumentSettings, open_documents


class DocumentResource(CheckedResource):
    """What converts files to text.

    What is left empty comes from DATAFLOW_DOCUMENTS (the folders), _OCR, _CONVERTERS, _MODELS and _MINERU. docs/documents.md explains every setting.
    """

    folders: list[str] = Field(default=[], description="Files below these are read, and no others.")
    seconds: float | None = Field(default=None, description="Wall-clock time of one conversion.")
    memory_megabytes: int | None = Field(default=None, description="Memory that the process of a conversion may take.")
    megabytes: float | None = Field(default=None, description="Size of the largest file that is read.")
    pages: int | None = Field(default=None, description="Most pages, slides or sheets of one file.")
    parallel: int | None = Field(default=None, description="Conversions under way at once; by default one for each processor.")
    web: bool | None = Field(default=None, description="Fetch the files behind addresses (on unless set to false).")
    ocr: bool | None = Field(default=None, description="Read pages that are pictures.")
    html: str = Field(default="", description="main: web pages without menus, teasers and footers. whole: everything that a reader sees.")
    converters: dict[str, str] = Field(default={}, description="Format -> converter, instead of the default.")
    models: str = Field(default="", description="Folder of the models of docling and MinerU.")
    mineru: str = Field(default="", description="How MinerU reads PDFs: flash, basic, standard or advanced.")
    cache: bool | None = Field(default=None, description="Keep documents while file, converter and settings stay the same (on unless set to false).")
    cache_path: str = Field(default="", description="SQLite file of them, instead of .documents/conversions.sqlite in the warehouse.")

    _documents: DocumentServing | None = PrivateAttr(default=None)

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        return DocumentSettings

    def open(self) -> DocumentServing:
        """The converter, made once for the run. Raises ParameterError where a setting is not valid."""
        if self._documents is None:
            settings = {name: value for name, value in self if name in DocumentSettings.model_fields and value not in (None, "", [], {})}
            self._documents = open_documents(DocumentSettings.from_environment(**settings))
        return self._documents
