"""Web pages, fetched for the addresses of a column."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from operators.core.kinds import Generate
from operators.core.operator import Need
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tables.files.errors import BadLine
from operators.tables.files.warc.pages import charset_of, decoded
from operators.web.fetching import WebSession
from operators.web.page import NotFetched, Page

_TEXTS = ("text/", "application/xhtml+xml", "application/xml", "application/json")


class FetchPages(Generate):
    """Fetch the page of each address: its text where it is text (HTML too), else its bytes (PDF and other documents).

    robots.txt is respected, and nothing is fetched from addresses that are not public: docs/retrieval.md. A page that is not fetched sets its row
    aside with the reason. Dead links are ordinary, so that half of the rows may fail before the stage does.
    """

    asks = ("download the pages behind a list of links", "crawl these URLs into a table", "get HTML and PDF files from web addresses")
    needs: ClassVar[tuple[Need, ...]] = ("web",)

    input_url = Input(str, "url")
    output_text = Output(str, "page_text", description="null for what is no text")
    output_content = Output(bytes, "page_content", description="null for what is text")
    output_content_type = Output(str, "content_type")
    output_final_url = Output(str, "final_url", description="after all redirects")

    web: str = Field("web", description="Name of the resource that fetches.")
    max_failed: float = Field(0.5, ge=0, le=1, description="Share of rows that may fail (and are set aside) before the stage fails.", repr=False)

    async def generate(self, web: WebSession, url: str) -> dict[str, Any]:
        page = await web.fetch(url)
        if isinstance(page, NotFetched):
            raise RowFailed(page.reason)
        is_text = page.content_type.startswith(_TEXTS)
        return {
            "text": _text_of(page) if is_text else None,
            "content": None if is_text else page.content,
            "content_type": page.content_type,
            "final_url": page.final_url,
        }


def _text_of(page: Page) -> str:
    """Raises RowFailed: its bytes are not of the charset that it declares."""
    try:
        return decoded(page.content, charset_of(f"charset={page.charset}" if page.charset else "", page.content))
    except BadLine as error:
        raise RowFailed(str(error)) from None
