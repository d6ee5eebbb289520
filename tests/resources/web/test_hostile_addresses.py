"""Addresses that would reach what is not public, in every spelling: none does, and each says why not."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from operators.web.page import NotFetched
from resources.web import WebSettings
from resources.web.addresses import read_web_address
from resources.web.errors import Refused
from resources.web.fetcher import WebFetcher
from resources.web.public_addresses import is_public
from tests.resources.web.raw_server import raw_server

THIS_MACHINE = (
    "http://127.0.0.1",
    "http://127.0.0.1.",
    "http://127.1",
    "http://127.0.1",
    "http://2130706433",
    "http://017700000001",
    "http://0177.0.0.1",
    "http://0x7f.0.0.1",
    "http://0x7f000001",
    "http://0X7F.1",
    "http://0x7f.0x0.0x0.0x1.",
    "http://127.0.0.1%2e",
    "http://%31%32%37.0.0.1",
    "http://127。0。0。1",
    "http://１２７.０.０.１",
    "http://①②⑦.⓪.⓪.①",
    "http://0",
    "http://0.0.0.0",
    "http://[::1]",
    "http://[::]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::127.0.0.1]",
    "http://[64:ff9b::127.0.0.1]",
    "http://[64:ff9b::7f00:1]",
    "http://[64:ff9b:1::1]",
    "http://[2002:7f00:1::]",
    "http://[2001:0:7f00:1::]",
    "http://[2606:4700::5efe:7f00:1]",
    "http://localhost",
    "http://LOCALHOST.",
    "http://ⓛocalhost",
    "http://any.localhost",
    "http://localhost.localdomain",
)
"""Each with the port of a server that runs there put behind it."""

ELSEWHERE = (
    "http://10.0.0.1/",
    "http://172.16.5.5/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://metadata.google.internal/",
    "http://router/",
    "http://printer.local/",
    "http://user@example.org/",
    "http://example.org:80@169.254.169.254/",
    "http://example.org\\@169.254.169.254/",
    "http://example.org%00.evil.org/",
    "http://exa mple.org/",
    "http://example.org\r\nHost: other/",
    "http://example.org:22/",
    "http://example.org:6379x/",
    "http://example.org:70000/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://0x/",
    "http://08.8.8.8/",
    "http://1.2.3.0x1ffffffff/",
    "http://-bad-.example.org/",
    "http://example..org/",
    "http:///path",
    "http://",
    "http://[::1",
    "//example.org/",
    "example.org/page",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "ftp://example.org/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "dict://127.0.0.1:11211/stat",
    "http://example.org/" + "a" * 9000,
)


def test_no_spelling_of_this_machine_reaches_the_server_that_runs_on_it() -> None:
    with raw_server() as server:
        server.answers("/secret")
        web = WebFetcher(WebSettings(cache=False, seconds=5, seconds_between=0, robots=False))
        answers = {url: web.fetch(f"{url}:{server.port}/secret") for url in THIS_MACHINE}
        assert {url: answer for url, answer in answers.items() if not isinstance(answer, NotFetched)} == {}
        assert server.asked == []
        assert all(answer.reason for answer in answers.values() if isinstance(answer, NotFetched))


@pytest.mark.parametrize("url", ELSEWHERE)
def test_what_is_no_public_address_of_the_web_is_refused_before_anything_is_sent(url: str) -> None:
    async def nobody_may_ask(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
        raise AssertionError(f"{host} was looked up")

    answer = WebFetcher(WebSettings(cache=False, seconds_between=0, robots=False), resolve=nobody_may_ask).fetch(url)
    assert isinstance(answer, NotFetched)
    assert len(answer.reason) > 10


@given(st.integers(0, 2**32 - 1))
@example(int(ipaddress.IPv4Address("127.0.0.1")))
@example(int(ipaddress.IPv4Address("8.8.8.8")))
def test_all_spellings_of_a_network_address_are_that_address(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    a, b, c, d = address.packed
    spellings = (str(address), str(number), hex(number), f"0{number:o}", f"0x{a:x}.0{b:o}.{(c << 8) | d}", f"{a}.{(b << 16) | (c << 8) | d}")
    assert {read_web_address(f"http://{spelling}/").number for spelling in spellings} == {address}


@given(st.integers(0, 2**32 - 1))
def test_an_address_inside_another_is_as_public_as_itself(number: int) -> None:
    inner = ipaddress.IPv4Address(number)
    assert is_public(ipaddress.IPv6Address(f"::ffff:{inner}")) == is_public(ipaddress.IPv6Address(f"64:ff9b::{inner}")) == is_public(inner)
    assert is_public(inner) <= (inner.is_global and not inner.is_multicast)


@given(st.integers(0, 2**128 - 1))
def test_nothing_is_public_that_python_calls_private(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    assert is_public(address) <= address.is_global


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("HTTP://Example.ORG:80/a b".replace(" ", "%20"), "http://example.org/a%20b"),
        ("https://例え.jp/パス?q=é#part", "https://xn--r8jz45g.jp/%E3%83%91%E3%82%B9?q=%C3%A9"),
        ("http://8.8.8.8", "http://8.8.8.8/"),
        ("http://[2606:4700:4700::1111]:8080/", "http://[2606:4700:4700::1111]:8080/"),
        ("https://a_b.example.org./x?y=1&z=%2F", "https://a_b.example.org/x?y=1&z=%2F"),
    ],
)
def test_an_ordinary_address_is_kept_in_its_usual_form(url: str, written: str) -> None:
    assert str(read_web_address(url)) == written


ANY_TEXT = st.text(max_size=30)
NEARLY_ADDRESSES = st.text("0123456789abcdefx.:[]%@/", max_size=30).map(lambda text: f"http://{text}")


@settings(max_examples=150)
@given(st.one_of(ANY_TEXT, ANY_TEXT.map(lambda text: f"http://{text}"), NEARLY_ADDRESSES))
def test_text_of_any_kind_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = read_web_address(text)
    except Refused:
        return
    assert read_web_address(str(address)) == address
