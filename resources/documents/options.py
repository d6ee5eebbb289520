"""What a conversion may use, and how it is done. Plain data, which goes to worker processes as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, TypeAlias

HtmlText: TypeAlias = Literal["main", "whole"]
MineruTier: TypeAlias = Literal["flash", "basic", "standard", "advanced"]


@dataclass(frozen=True, slots=True)
class Options:
    """Whatever is here may change a document: it is part of the key under which a conversion is kept, but for the limits of time and memory."""

    seconds: float = 60.0
    """Wall-clock time of one conversion."""
    memory_megabytes: int = 1500
    """Memory of the process that converts, above what it has at the start."""
    pages: int = 2000
    """Most pages, slides or sheets of one file."""
    unpacked_megabytes: int = 500
    """Size of all parts of an archive (DOCX, PPTX, XLSX, EPUB) together."""
    ocr: bool = False
    """Read pages that are pictures."""
    html: HtmlText = "main"
    """main: without menus, teasers and footers. whole: everything that a reader sees."""
    converters: dict[str, str] = field(default_factory=dict)
    """Format -> name of the converter to use instead of the default: {"pdf": "docling"}."""
    models: str = ""
    """Folder of the models of docling and MinerU; "": where their own commands put them."""
    mineru: MineruTier = "flash"
    """How MinerU reads PDFs. flash: by rules, without models."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, known: dict[str, Any]) -> Self:
        return cls(**known)

    def matters(self) -> dict[str, Any]:
        """What changes a document that is converted within the limits."""
        without = ["seconds", "memory_megabytes", "pages", "unpacked_megabytes", "models"]
        if "mineru" not in self.converters.values():
            without.append("mineru")
        return {name: value for name, value in asdict(self).items() if name not in without}
