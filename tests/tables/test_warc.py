"""WARC and WET files: a row a page, a bad row for each record that cannot be read."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from operators.tables.files import FileFormatError, FileStorage


def record(
    kind: str, content: bytes, *, url: str = "http://example.org/", content_type: str = "application/http; msgtype=response", **more: str
) -> bytes:
    headers = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": "2024-01-02T03:04:05Z",
        "WARC-Record-ID": f"<urn:uuid:{zlib.crc32(content):08x}>",
        "Content-Type": content_type,
        "Content-Length": str(len(content)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return b"WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n" + content + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\n".encode() + "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + body


def archive(folder: Path, *records: bytes, name: str = "pages.warc") -> FileStorage:
    content = b"".join(map(gzip.compress, records)) if name.lower().endswith(".gz") else b"".join(records)
    (folder / name).write_bytes(content)
    return FileStorage(folder / name)


def test_a_response_is_a_row_and_requests_and_metadata_are_none(tmp_path: Path) -> None:
    page = answer("<p>Grüße</p>".encode(), "Content-Type: text/html; charset=UTF-8")
    others = [record(kind, b"x: y", content_type="application/warc-fields") for kind in ("warcinfo", "request", "metadata")]
    for name in ("a.warc", "b.warc.gz", "c.WARC.GZ"):
        storage = archive(tmp_path, *others, record("response", page), name=name)
        assert storage.read().to_pylist() == [
            {
                "url": "http://example.org/",
                "date": "2024-01-02T03:04:05Z",
                "text": "<p>Grüße</p>",
                "status": 200,
                "content_type": "text/html",
                "charset": "UTF-8",
                "language": None,
                "kind": "response",
                "record_id": f"<urn:uuid:{zlib.crc32(page):08x}>",
            }
        ]
        assert (storage.bad_row_count, storage.count_rows()) == (0, 1)


def test_the_text_of_a_wet_file_is_a_row(tmp_path: Path) -> None:
    storage = archive(
        tmp_path,
        record("warcinfo", b"software: x", content_type="application/warc-fields"),
        record("conversion", b"Ein Text", content_type="text/plain", WARC_Identified_Content_Language="deu"),
        name="pages.warc.wet.gz",
    )
    assert storage.read(["text", "language", "status"]).to_pylist() == [{"text": "Ein Text", "language": "deu", "status": None}]


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        ("naïve “quotes”".encode("cp1252"), ["Content-Type: text/html; charset=iso-8859-1"], "naïve “quotes”"),
        ("日本".encode("shift_jis"), ["Content-Type: text/html; charset=Shift_JIS"], "日本"),
        ('<meta charset="koi8-r">Привет'.encode("koi8-r"), ["Content-Type: text/html"], '<meta charset="koi8-r">Привет'),
        ("\ufeffmark".encode("utf-16"), ["Content-Type: text/html; charset=utf-8"], "\ufeffmark"),
        (gzip.compress(b"packed", mtime=0), ["Content-Type: text/plain", "Content-Encoding: gzip"], "packed"),
        (b"plain", ["Content-Type: text/plain", "Content-Encoding: gzip"], "plain"),
        (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", ["Content-Type: text/plain", "Transfer-Encoding: chunked"], "abcde"),
        (b"already joined", ["Content-Type: text/plain", "Transfer-Encoding: chunked"], "already joined"),
        (b"\x89PNG\xff", ["Content-Type: image/png"], None),
    ],
)
def test_bodies_are_decoded_as_they_declare(tmp_path: Path, body: bytes, headers: list[str], text: str | None) -> None:
    assert archive(tmp_path, record("response", answer(body, *headers))).read().column("text").to_pylist() == [text]


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (record("response", b"no http"), "holds no HTTP response"),
        (record("response", answer(b"\xc3(", "Content-Type: text/html; charset=utf-8")), "are not utf-8"),
        (record("response", answer(b"x", "Content-Type: text/html; charset=made-up")), "not known"),
        (record("response", answer(b"x", "Content-Type: text/html"), WARC_Truncated="length"), "was cut when it was fetched"),
        (record("response", answer(b"x", "Content-Type: text/html")).replace(b"Content-Length: 4", b"Content-Length: 2"), "not as long"),
        (record("response", answer(b"x", "Content-Type: text/html")).replace(b"Content-Length", b"Content-Lengte"), "has no Content-Length"),
        (record("response", answer(gzip.compress(b"x" * 99, mtime=0)[:-9], "Content-Type: text/html", "Content-Encoding: gzip")), "cut off"),
        (record("response", answer(b"2\r\nab\r\n5\r\nab", "Content-Type: text/html", "Transfer-Encoding: chunked")), "chunks"),
        (b"garbage\r\n" * 3, "no WARC record"),
        (record("odd", b"x"), 'kind "odd"'),
    ],
)
def test_a_damaged_record_is_counted_and_those_around_it_are_read(tmp_path: Path, damaged: bytes, said: str) -> None:
    good = [record("response", answer(text, "Content-Type: text/html"), url=f"http://{text.decode()}/") for text in (b"one", b"two", b"three")]
    storage = archive(tmp_path, good[0], damaged, *good[1:])
    found = storage.read().column("text").to_pylist()
    assert len(found) + storage.bad_row_count >= 4
    assert found[-2:] == ["two", "three"]
    assert any(re.search(said, bad.error) for bad in storage.bad_rows)


def test_a_cut_file_says_so(tmp_path: Path) -> None:
    whole = record("response", answer(b"one", "Content-Type: text/html")) + record("response", answer(b"two" * 50, "Content-Type: text/html"))
    storage = archive(tmp_path, whole[:-60])
    assert storage.read().column("text").to_pylist() == ["one"]
    assert "ends in the middle" in storage.bad_rows[0].error
    with pytest.raises(FileFormatError, match="none of its 1 records"):
        archive(tmp_path, b"not an archive\n").read()
    with pytest.raises(FileFormatError, match="read, not written"):
        FileStorage(tmp_path / "new.warc").write(pa.table({"a": [1]}))
