"""Pages as columns; a page that is not fetched is a row set aside with the reason."""

from __future__ import annotations

import pytest

from operators.generic.web.fetch import FetchPages
from operators.tables.errors import StageFailed
from operators.testing import ScriptedWeb
from operators.web.page import Fetched, NotFetched, Page


def page(url: str) -> Fetched:
    pages = {
        "http://a.org/html": Page(url, "http://a.org/home", "text/html", "iso-8859-1", "<p>caf\xe9</p>".encode("latin-1")),
        "http://a.org/pdf": Page(url, url, "application/pdf", "", b"%PDF-1.7"),
        "http://a.org/wrong": Page(url, url, "text/plain", "utf-8", b"caf\xe9"),
        "http://a.org/own": Page(url, url, "text/html", "", b'<meta charset="shift_jis"><p>' + "日本".encode("shift_jis")),
    }
    return pages.get(url, NotFetched(url, "it answers 404"))


def test_text_is_decoded_documents_stay_bytes_and_failures_are_set_aside_with_the_reason() -> None:
    urls = ["http://a.org/html", "http://a.org/gone", "http://a.org/pdf", None, "http://a.org/own", "http://a.org/wrong"]
    result = FetchPages().run([{"url": url} for url in urls], resources={"web": ScriptedWeb(page)})
    rows = result.table.to_pylist()
    assert [row["url"] for row in rows] == ["http://a.org/html", "http://a.org/pdf", None, "http://a.org/own"]
    assert [row["page_text"] for row in rows] == ["<p>café</p>", None, None, '<meta charset="shift_jis"><p>日本']
    assert [row["page_content"] for row in rows] == [None, b"%PDF-1.7", None, None]
    assert (rows[0]["final_url"], rows[0]["content_type"]) == ("http://a.org/home", "text/html")
    reasons = result.rejected.column("rejected_reason").to_pylist()
    assert reasons == ["it answers 404", "its bytes are not utf-8: unexpected end of data at byte 4 of the body"]


def test_where_most_pages_fail_the_stage_does() -> None:
    with pytest.raises(StageFailed, match="it answers 404"):
        FetchPages().run([{"url": f"http://a.org/{number}"} for number in range(4)], resources={"web": ScriptedWeb(page)})
