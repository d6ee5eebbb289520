"""Servers that misbehave: each ends with a verdict, within the limits, and nothing is reached that should not be."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import re
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from operators.web.page import Fetched, NotFetched, Page
from resources.web import WebSettings
from resources.web.connecting import IsAllowed, nothing_more
from resources.web.fetcher import WebFetcher
from resources.web.public_addresses import IPAddress
from tests.resources.web.raw_server import RawServer, Send, raw_server, response, zipped

HERE = ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


async def here(host: str, port: int) -> list[IPAddress]:
    return [HERE]


def web(server: RawServer, is_allowed: IsAllowed | None = None, **settings: Any) -> WebFetcher:
    """Every name is this machine, and the port of the server is allowed, which no setting can say."""
    values = {"cache": False, "seconds": 5, "seconds_between": 0, "robots": False, "megabytes": 1, "tries": 1, **settings}
    return WebFetcher(WebSettings(**values), resolve=here, is_allowed=is_allowed or (lambda address, port: port == server.port))


def reason(answer: Fetched) -> str:
    assert isinstance(answer, NotFetched), answer
    return answer.reason


def forever(send: Send, piece: bytes, pause: float = 0.0) -> None:
    while True:
        send(piece)
        time.sleep(pause)


def begin(send: Send, **headers: str) -> None:
    send(response(b"", content_length="", **headers))


BEHAVIOURS: dict[str, tuple[Callable[[Send], None], str]] = {
    "an endless body": (lambda send: (begin(send), forever(send, b"x" * 65536)), "larger than 1 MB"),
    "an endless chunked body": (
        lambda send: (begin(send, transfer_encoding="chunked"), forever(send, b"10000\r\n" + b"x" * 65536 + b"\r\n")),
        "larger than 1 MB",
    ),
    "a body that drips": (lambda send: (begin(send), forever(send, b"x", 0.05)), "did not finish within 1 seconds"),
    "headers that drip": (lambda send: (send(b"HTTP/1.1 200 OK\r\n"), forever(send, b"a: b\r\n", 0.05)), "did not finish within 1 seconds"),
    "headers without end": (
        lambda send: (send(b"HTTP/1.1 200 OK\r\n"), forever(send, b"a: b\r\n" * 1000)),
        "no answer that can be read|did not finish",
    ),
    "one header without end": (lambda send: (send(b"HTTP/1.1 200 OK\r\na: "), forever(send, b"x" * 65536)), "no answer that can be read"),
    "a status line without end": (lambda send: forever(send, b"x" * 65536), "no answer that can be read"),
    "no answer at all": (lambda send: time.sleep(3), "did not finish within 1 seconds"),
    "a closed connection": (lambda send: None, "no answer that can be read"),
    "what is no HTTP": (lambda send: send(b"SSH-2.0-OpenSSH_9.6\r\n"), "no answer that can be read"),
    "a length that is too large": (lambda send: send(response(b"x", content_length="99999999999999999999")), "larger than 1 MB|no answer"),
    "a length that is a lie": (lambda send: send(response(b"short", content_length="5000")), "no answer that can be read"),
    "a negative length": (lambda send: send(response(b"x", content_length="-5")), "no answer that can be read"),
    "a bomb of gzip": (lambda send: send(response(zipped(16), content_encoding="gzip")), "larger than 1 MB"),
    "a bomb of deflate": (lambda send: send(response(zlib.compress(b"0" * (16 << 20)), content_encoding="deflate")), "larger than 1 MB"),
    "many small gzips": (lambda send: send(response(gzip.compress(b"0" * 100_000) * 20, content_encoding="gzip")), "larger than 1 MB"),
    "empty gzips without end": (
        lambda send: (begin(send, content_encoding="gzip"), forever(send, gzip.compress(b"") * 1000)),
        "larger than 1 MB",
    ),
    "gzip in gzip": (lambda send: send(response(zipped(1, 2), content_encoding="gzip, gzip")), "content is encoded as"),
    "an encoding that was not asked for": (lambda send: send(response(b"x", content_encoding="br")), "content is encoded as 'br'"),
    "gzip that is none": (lambda send: send(response(b"not zipped at all", content_encoding="gzip")), "damaged"),
    "gzip that breaks off": (lambda send: send(response(zipped(1)[:500], content_encoding="gzip")), "breaks off"),
    "a program": (lambda send: send(response(b"MZ", content_type="application/x-msdownload")), "content type is application/x-msdownload"),
    "a film": (lambda send: send(response(b"x", content_type="video/mp4; codecs=x")), "content type is video/mp4"),
    "no type, and no PDF": (lambda send: send(response(b"\x00\x01", content_type="")), "content type is not said"),
    "a type without end": (lambda send: send(response(b"x", content_type="a" * 5000)), "content type is aaaa"),
    "404": (lambda send: send(response(b"gone", "404 Not Found")), "it answers 404"),
    "401 with a question": (lambda send: send(response(b"", "401 Unauthorized", www_authenticate="Basic realm=x")), "it answers 401"),
    "206 of what nobody cut": (lambda send: send(response(b"x", "206 Partial Content")), "it answers 206"),
    "204": (lambda send: send(b"HTTP/1.1 204 No Content\r\n\r\n"), "it answers 204"),
    "an upgrade": (
        lambda send: send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        "101|no answer|did not finish",
    ),
}


@pytest.mark.parametrize("what", BEHAVIOURS)
def test_a_server_that_misbehaves_costs_its_page_and_no_more(server: RawServer, what: str) -> None:
    behaviour, expected = BEHAVIOURS[what]
    server.behaviours["/page"] = behaviour
    server.answers("/good")
    fetcher = web(server, seconds=1 if "did not finish" in expected else 30)
    assert re.search(expected, reason(fetcher.fetch(server.url("/page"))))
    assert isinstance(web(server, seconds=30).fetch(server.url("/good")), Page)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://127.0.0.2:{port}/secret", "127.0.0.2 is no public address"),
        ("http://0x7f000002:{port}/secret", "127.0.0.2 is no public address"),
        ("http://[::1]:{port}/secret", "::1 is no public address"),
        ("http://[::ffff:127.0.0.2]:{port}/secret", "no public address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is no public address"),
        ("//169.254.169.254/", "169.254.169.254 is no public address"),
        ("http://localhost:{port}/secret", "no name of the public web"),
        ("http://user:word@site.example.org:{port}/secret", "user name"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://127.0.0.1:{port}/_GET", "only http and https"),
        ("http://site.example.org:22/", "port 22"),
        ("http://[", "no web address"),
        ("", "does not say where to"),
    ],
)
def test_every_redirect_is_checked_like_an_address_of_its_own(server: RawServer, location: str, expected: str) -> None:
    server.answers("/secret")
    server.redirects("/page", location.format(port=server.port))
    only_by_name = web(server, lambda address, port: (address, port) == (HERE, server.port))
    assert expected in reason(only_by_name.fetch(server.url("/page")))
    assert server.asked == ["/page"]


def test_redirects_are_followed_so_far_and_no_further(server: RawServer) -> None:
    for number in range(9):
        server.redirects(f"/{number}", f"/{number + 1}")
    server.answers("/3")
    page = web(server, redirects=3).fetch(server.url("/0"))
    assert isinstance(page, Page)
    assert (page.url, page.final_url) == (server.url("/0"), server.url("/3"))
    server.redirects("/round", "/round")
    assert "more than 3 redirects" in reason(web(server, redirects=3).fetch(server.url("/round")))


def test_a_name_that_stands_for_a_private_address_is_refused_even_beside_a_public_one(server: RawServer) -> None:
    async def both(host: str, port: int) -> list[IPAddress]:
        return [ipaddress.ip_address("93.184.215.14"), ipaddress.ip_address("10.0.0.8")]

    fetcher = WebFetcher(WebSettings(cache=False, robots=False, seconds_between=0), resolve=both)
    assert reason(fetcher.fetch("http://inside.example.org/")) == "inside.example.org stands for 10.0.0.8, which is no public address"


def test_a_name_that_changes_its_address_after_the_check_is_connected_to_as_it_was_checked(server: RawServer) -> None:
    """DNS rebinding: the first answer is checked and used, and nobody asks again."""
    server.answers("/page")
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[IPAddress]:
        asked.append(host)
        return [HERE if len(asked) == 1 else ipaddress.ip_address("127.0.0.3")]

    fetcher = WebFetcher(
        WebSettings(cache=False, robots=False, seconds_between=0),
        resolve=rebinding,
        is_allowed=lambda address, port: (address, port) == (HERE, server.port),
    )
    assert isinstance(fetcher.fetch(server.url("/page")), Page)
    assert asked == ["site.example.org"]
    assert "no public address" in reason(fetcher.fetch(server.url("/page")))


def test_the_socket_itself_refuses_what_a_resolver_let_through(server: RawServer) -> None:
    """The last door: with the check of names out of the way, connecting is still checked."""
    checks: list[str] = []

    def only_names(address: IPAddress, port: int) -> bool:
        checks.append(str(address))
        return len(checks) == 1  # the check of the name; the next is that of the socket

    assert "127.0.0.1 is no public address" in reason(web(server, only_names).fetch(server.url("/page")))
    assert server.asked == []


def test_no_setting_opens_private_addresses() -> None:
    assert not {name for name in WebSettings.model_fields if any(word in name for word in ("allow", "private", "loopback", "resolve", "proxy"))}
    assert not nothing_more(HERE, 80)


def test_no_proxy_of_the_environment_connects_for_us(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers("/page")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(web(server).fetch(server.url("/page")), Page)


def test_nothing_of_ours_is_sent_but_who_asks(server: RawServer) -> None:
    server.behaviours["/first"] = lambda send: send(response(b"", "302 Found", location="/second", set_cookie="session=1"))
    server.answers("/second")
    web(server, agent="reader/1.0 (mail@example.org)").fetch(server.url("/first"))
    names = [{line.split(":")[0].lower() for line in head.splitlines()[1:] if line} for head in server.heads]
    assert [sorted(name) for name in names] == [["accept", "accept-encoding", "host", "user-agent"]] * 2


def test_pages_come_whole_in_any_encoding_that_was_asked_for(server: RawServer) -> None:
    text = b"<p>" + b"a long page " * 2000 + b"</p>"
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    bodies = {"gzip": gzip.compress(text), "deflate": zlib.compress(text), "x-gzip": gzip.compress(text[:100]) + gzip.compress(text[100:])}
    for name, body in {**bodies, "raw": raw.compress(text) + raw.flush()}.items():
        server.answers(f"/{name}", body, content_encoding="deflate" if name == "raw" else name)
    server.answers("/plain", text, content_type="Text/HTML; Charset='UTF-8'")
    pages = [web(server).fetch(server.url(path)) for path in ("/plain", "/gzip", "/deflate", "/x-gzip", "/raw")]
    assert [page.content == text for page in pages if isinstance(page, Page)] == [True] * 5
    assert isinstance(pages[0], Page)
    assert (pages[0].content_type, pages[0].charset) == ("text/html", "utf-8")


def test_a_pdf_whose_server_names_no_type_is_one(server: RawServer) -> None:
    server.answers("/file", b"%PDF-1.7 ...", content_type="application/octet-stream")
    page = web(server).fetch(server.url("/file"))
    assert isinstance(page, Page)
    assert page.content_type == "application/pdf"


def test_an_overloaded_server_is_asked_again_after_the_pause_that_it_names(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    answers = iter([response(b"", "503 Slow Down", retry_after="7"), response(b"<p>here</p>")])
    server.behaviours["/page"] = lambda send: send(next(answers))
    monkeypatch.setattr("resources.web.session.asyncio.sleep", noted)
    assert isinstance(web(server, tries=2).fetch(server.url("/page")), Page)
    assert 7.0 in slept
    server.answers("/never", b"", "429 Too Many Requests", retry_after="99999999999")
    assert reason(web(server, tries=2).fetch(server.url("/never"))) == "it answers 429"
    assert max(slept) == 60.0
