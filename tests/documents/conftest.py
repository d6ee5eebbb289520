"""One converter for the tests of a process: starting its processes takes longer than most conversions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from operators.document_model.conversion import NotConverted, Source
from operators.document_model.document import Document
from resources.documents import DocumentSettings, open_documents
from resources.documents.serving import Documents

Convert = Callable[..., Document]


@pytest.fixture(scope="session")
def whole_pages() -> Iterator[Documents]:
    """Converts bytes, without a cache, and web pages as a whole."""
    made = open_documents(DocumentSettings(cache=False, parallel=1, html="whole", memory_megabytes=700))
    yield made
    made.close()


@pytest.fixture
def convert(whole_pages: Documents) -> Convert:
    """The document of bytes that can be converted."""

    def converted(content: bytes | str, name: str = "") -> Document:
        made = whole_pages.convert(Source(name, content.encode() if isinstance(content, str) else content))
        assert not isinstance(made, NotConverted), str(made)
        return made

    return converted
