"""The main text of a web page: the article without menus, teasers, comments and footers."""

from __future__ import annotations

import importlib
from typing import Any, Literal

from pydantic import Field

from operators.bases.html.tags import is_document
from operators.core.kinds import Refine
from operators.tables.columns import Input
from operators.text.cleaning.html_text import html_to_text


class MainText(Refine):
    """Turn a web page into its main text, without the boilerplate around it: menus, teasers, comments, footers.

    Only whole HTML documents are treated; other texts, and fragments of HTML, stay as they are (`HtmlToText` reads those). A page in which no main
    text is found becomes its full text without navigation and forms. `favour` says what is worse: to lose a paragraph of the article, or to keep one
    of the boilerplate.
    """

    asks = (
        "take only the article out of web pages",
        "drop menus, cookie notices and footers of web pages",
        "extract the body of a crawled page",
        "readability or boilerplate removal like trafilatura",
    )
    source = "trafilatura (Barbaresi 2021)"
    packages = ("trafilatura",)
    extra = "html"

    input_text = Input(str)

    favour: Literal["balanced", "precision", "recall"] = "balanced"
    with_tables: bool = Field(True, description="Keep tables of the article.")
    with_comments: bool = Field(False, description="Keep what readers commented.")

    def refine(self, text: str) -> str:
        if not is_document(text):
            return text
        trafilatura: Any = importlib.import_module("trafilatura")
        found = trafilatura.extract(
            text,
            output_format="txt",
            include_comments=self.with_comments,
            include_tables=self.with_tables,
            favor_precision=self.favour == "precision",
            favor_recall=self.favour == "recall",
        )
        return str(found) if found and found.strip() else html_to_text(text, boilerplate=False)
