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
        ("①㈱日本".encode("cp932"), ["Content-Type: text/html; charset=Shift_JIS"], "①㈱日本"),
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


CHUNKED = "Transfer-Encoding: chunked"
PLAIN = "Content-Type: text/plain"


@pytest.mark.parametrize(
    "body",
    [
        "0.5 mg tablets\nA leaflet follows.\n",
        "2024\nThe year in short\n",
        "3\nabc\n4\nlong lines here\n",
        "1\na\n0 items remain\nbut this does\n",
        "0\nis the score\n",
        "0\n",
        "0\r\nis the score\r\n",
        "10\r\nlines of a list that was taken out of its chunks\r\n",
        "Add the flour\r\nand stir\r\n",
        "a;b;c\r\n1;2;3\r\n",
        "faded\n",
        "",
        "<p>0</p>",
    ],
)
def test_a_body_that_was_taken_out_of_its_chunks_before_stays_as_it_is(tmp_path: Path, body: str) -> None:
    storage = archive(tmp_path, record("response", answer(body.encode(), PLAIN, CHUNKED)))
    assert (storage.read().column("text").to_pylist(), storage.bad_row_count) == ([body], 0)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"0\r\n\r\n", ""),
        (b"5\r\nhello\r\n0\r\n\r\n", "hello"),
        (b"0005  \r\nhello\r\n1;name=value\r\n!\r\n000\r\n", "hello!"),
        (b"5\r\nhello\r\n0\r\nExpires: never\r\nX-Sum: 1\r\n\r\n", "hello"),
        (b"5\nhello\n0\n\n", "hello"),
        (b"3\r\n0\r\n\r\n0\r\n\r\n", "0\r\n"),
        (b"A\r\n" + b"x" * 10 + b"\r\n0\r\n\r\n", "x" * 10),
    ],
)
def test_whole_chunks_are_joined(tmp_path: Path, body: bytes, text: str) -> None:
    assert archive(tmp_path, record("response", answer(body, PLAIN, CHUNKED))).read().column("text").to_pylist() == [text]


@pytest.mark.parametrize(
    "body",
    [
        b"1000\r\n<p>half a page",
        b"5\r\nhello\r\n1000\r\nhalf",
        b"5\r\nhello\r\n",
        b"5\r\nhello",
        b"4\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\nmore text",
        b"5\r\nhello\r\nno size\r\n0\r\n\r\n",
        b"5;name=value\r\nhel",
    ],
)
def test_chunks_that_are_cut_or_broken_are_a_bad_row(tmp_path: Path, body: bytes) -> None:
    storage = archive(tmp_path, record("response", answer(body, PLAIN, CHUNKED)), record("response", answer(b"good", PLAIN)))
    assert storage.read().column("text").to_pylist() == ["good"]
    assert "chunks" in storage.bad_rows[0].error


@pytest.mark.parametrize(
    ("body", "encoding", "text"),
    [
        (gzip.compress(b"one ", mtime=0) + gzip.compress(b"two ", mtime=0) + gzip.compress(b"three", mtime=0), "gzip", "one two three"),
        (gzip.compress(b"one", mtime=0) + b"\0" * 8, "x-gzip", "one"),
        (gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0), "gzip, gzip", "twice"),
        (zlib.compress(b"deflated"), "deflate", "deflated"),
        (b"x marks the place", "deflate", "x marks the place"),
        (b"plain", "gzip, br", "plain"),
    ],
)
def test_compressed_bodies_are_read_whole(tmp_path: Path, body: bytes, encoding: str, text: str) -> None:
    assert archive(tmp_path, record("response", answer(body, PLAIN, f"Content-Encoding: {encoding}"))).read().column("text").to_pylist() == [text]


def test_a_body_whose_second_member_is_cut_is_a_bad_row(tmp_path: Path) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two" * 90)[:-9]
    storage = archive(tmp_path, record("response", answer(body, PLAIN, "Content-Encoding: gzip")), record("response", answer(b"good", PLAIN)))
    assert storage.read().column("text").to_pylist() == ["good"]
    assert "cut off" in storage.bad_rows[0].error


@pytest.mark.parametrize(
    ("body", "headers", "text", "charset"),
    [
        (b'<meta charset="utf-16">plain', ["Content-Type: text/html"], None, "utf-8"),
        ('<meta charset="UTF-16LE">é'.encode(), ["Content-Type: text/html"], None, "utf-8"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=unicode">plain', ["Content-Type: text/html"], None, "utf-8"),
        ('<meta charset="x-user-defined">“q”'.encode("cp1252"), ["Content-Type: text/html"], '<meta charset="x-user-defined">“q”', "windows-1252"),
        (b"<p>nothing but ASCII", ["Content-Type: text/html; charset=utf-16"], None, "utf-8"),
        ("<p>é".encode("utf-16-le"), ["Content-Type: text/html; charset=utf-16le"], "<p>é", "utf-16le"),
        ("plain".encode("utf-16-be"), ["Content-Type: text/html; charset=utf-16be"], "plain", "utf-16be"),
        ('<meta charset="koi8-r">мир'.encode("koi8-r"), ["Content-Type: text/html"], '<meta charset="koi8-r">мир', "koi8-r"),
        ("ığş".encode("cp1254"), ["Content-Type: text/html; charset=ISO-8859-9"], "ığş", "ISO-8859-9"),
        ("똠방".encode("cp949"), ["Content-Type: text/html; charset=euc-kr"], "똠방", "euc-kr"),
    ],
)
def test_pages_are_decoded_as_browsers_do(tmp_path: Path, body: bytes, headers: list[str], text: str | None, charset: str) -> None:
    (row,) = archive(tmp_path, record("response", answer(body, *headers))).read().to_pylist()
    assert (row["text"], row["charset"]) == (body.decode() if text is None else text, charset)


@pytest.mark.parametrize("charset", ["utf-7", "idna", "punycode", "unicode_escape", "rot13", "hex"])
def test_what_only_python_knows_as_a_charset_changes_no_text(tmp_path: Path, charset: str) -> None:
    strange = record("response", answer(b"a+AGI-c \\u0041", f"Content-Type: text/html; charset={charset}"))
    storage = archive(tmp_path, strange, record("response", answer(b"good", PLAIN)))
    assert storage.read().column("text").to_pylist() == ["good"]
    assert "not known" in storage.bad_rows[0].error


def test_types_are_compared_without_their_case(tmp_path: Path) -> None:
    storage = archive(
        tmp_path,
        record("conversion", b"one", content_type="Text/Plain"),
        record("Response", answer(b"two", "content-type: TEXT/HTML"), content_type="Application/HTTP; msgtype=response"),
        record("resource", b"\x89PNG\xff", content_type="Image/PNG"),
    )
    assert storage.read(["text", "content_type"]).to_pylist() == [
        {"text": "one", "content_type": "text/plain"},
        {"text": "two", "content_type": "text/html"},
        {"text": None, "content_type": "image/png"},
    ]
