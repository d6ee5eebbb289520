"""Markdown: its title is in the front matter, or its first heading. HTML between its lines becomes text."""

from __future__ import annotations

import re
from typing import Final

from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from operators.text.cleaning.html_text import html_to_text
from resources.documents.encodings import decode
from resources.documents.options import Options

_FRONT: Final = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE: Final = re.compile(r"^title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    text = decode(content)
    title = ""
    if front := _FRONT.match(text):
        found = _TITLE.search(front[1])
        title = found[1] if found else ""
        text = text[front.end() :]
    return Document.of(blocks_of(html_to_text(text) if "<" in text else text), title=title)
