"""A converter for tests of what stands above it: it reads the bytes it is given as Markdown, and knows the files that it was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from operators.document_model.conversion import Conversion, NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from operators.document_model.pictures import Picture, PictureForm, PictureResult


class ScriptedDocuments:
    """Keeps `operators.document_model.serving.DocumentServing` for Markdown in UTF-8. `asked` are the sources that it was given, in order."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.asked: list[Source] = []

    def convert(self, source: Source) -> Conversion:
        self.asked.append(source)
        content = self.files.get(source.path) if source.content is None else source.content
        if content is None:
            return NotConverted("not found", f"there is no file {source.path[:80]!r}")
        try:
            document = Document.of(blocks_of(content.decode("utf-8")), kind="markdown", converter="scripted 1")
        except UnicodeDecodeError:
            return NotConverted("unknown format", "it is not UTF-8")
        return document if document.blocks else NotConverted("empty", "it holds no text")

    def convert_all(self, sources: Iterable[Source]) -> Iterator[Conversion]:
        yield from map(self.convert, sources)

    def pictures(self, source: Source, targets: Sequence[str], form: PictureForm) -> list[PictureResult]:
        """The files of these names; a document that is not known has none."""
        known = {**self.files, source.path: source.content} if source.content is not None else self.files
        if source.path not in known:
            return [NotConverted("not found", f"there is no file {source.path[:80]!r}")] * len(targets)
        return [
            Picture(self.files[target]) if target in self.files else NotConverted("not found", f"there is no file {target[:80]!r}")
            for target in targets
        ]
