"""robots.txt as RFC 9309 says, one request a pause to a host, and each page fetched once."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.web.page import NotFetched, Page
from resources.web.pace import Pace
from resources.web.robots import EVERYTHING, LONGEST_DELAY_SECONDS, read_robots
from tests.resources.web.raw_server import RawServer, raw_server
from tests.resources.web.test_hostile_servers import reason, web

ROBOTS = """
# about us
User-agent: dataflow-dagster
User-agent: other
Disallow: /private/
Allow: /private/open
Disallow: /*.cgi$
Crawl-delay: 2

User-agent: *
Disallow: /
"""


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/", True), ("/private/a", False), ("/private/open/a", True), ("/a/run.cgi", False), ("/a/run.cgi?x=1", True), ("/privat", True)],
)
def test_the_longest_rule_of_our_own_group_counts(path: str, allowed: bool) -> None:
    assert read_robots(ROBOTS, "dataflow-dagster (mail@example.org)").allows(path) == allowed
    assert not read_robots(ROBOTS, "someone").allows(path)


def test_a_delay_is_kept_within_a_minute_and_nonsense_is_none() -> None:
    assert read_robots(ROBOTS, "other/2.0").delay == 2.0
    for value, seconds in (("9999", LONGEST_DELAY_SECONDS), ("-3", 0.0), ("soon", 0.0), ("nan", 0.0), ("inf", LONGEST_DELAY_SECONDS)):
        assert read_robots(f"User-agent: *\nCrawl-delay: {value}", "me").delay == seconds


def test_an_empty_file_or_rule_allows_everything() -> None:
    assert read_robots("", "me") == EVERYTHING
    assert read_robots("User-agent: *\nDisallow:", "me").allows("/anything")


@settings(deadline=None)
@given(st.text(alphabet="/a*$", max_size=12), st.text(alphabet="/ab", max_size=12))
def test_wildcards_match_what_a_regular_expression_matches(pattern: str, path: str) -> None:
    body, end = (pattern[:-1], r"\Z") if pattern.endswith("$") else (pattern, "")
    expected = re.match(".*".join(map(re.escape, body.split("*"))) + end, path) is not None
    robots = read_robots(f"User-agent: me\nDisallow: {pattern}", "me")
    assert robots.allows(path) == (not expected or not pattern.strip())


def test_a_page_that_robots_txt_forbids_is_not_asked_for_and_the_others_ask_for_it_once(server: RawServer) -> None:
    server.answers("/robots.txt", b"User-agent: *\nDisallow: /no", content_type="text/plain")
    server.answers("/yes")
    fetcher = web(server, robots=True)

    async def several() -> list[object]:
        async with fetcher.session() as session:
            return await asyncio.gather(*(session.fetch(server.url(path)) for path in ("/yes", "/no", "/no/more", "/yes?again")))

    answers = asyncio.run(several())
    assert [type(answer) for answer in answers] == [Page, NotFetched, NotFetched, NotFetched]
    assert answers[1] == NotFetched(server.url("/no"), "robots.txt of site.example.org does not allow it")
    assert sorted(server.asked) == ["/robots.txt", "/yes", "/yes?again"]


@pytest.mark.parametrize(("status", "is_fetched"), [("404 Not Found", True), ("403 Forbidden", True), ("500 Oh No", False), ("429 Slow", False)])
def test_a_robots_txt_that_is_not_there_allows_all_and_one_that_cannot_be_read_nothing(server: RawServer, status: str, is_fetched: bool) -> None:
    server.answers("/robots.txt", b"", status)
    server.answers("/page")
    assert isinstance(web(server, robots=True).fetch(server.url("/page")), Page) == is_fetched


def test_a_robots_txt_of_any_size_counts_as_far_as_it_is_read(server: RawServer) -> None:
    server.answers("/robots.txt", b"User-agent: *\nDisallow: /no\n" + b"# filler\n" * 200_000, content_type="text/plain")
    server.answers("/yes")
    assert isinstance(web(server, robots=True).fetch(server.url("/yes")), Page)
    assert "robots.txt" in reason(web(server, robots=True).fetch(server.url("/no")))


def test_a_redirect_asks_the_robots_txt_of_where_it_leads(server: RawServer) -> None:
    server.answers("/robots.txt", b"User-agent: *\nDisallow: /no", content_type="text/plain")
    server.redirects("/page", f"http://other.example.org:{server.port}/no")
    assert reason(web(server, robots=True).fetch(server.url("/page"))) == "robots.txt of other.example.org does not allow it"


def test_requests_to_one_host_stand_in_a_queue_and_other_hosts_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resources.web.pace.time", SimpleNamespace(monotonic=lambda: 100.0))
    pace = Pace(2.0)
    assert [pace.seconds_to_wait("a.org") for _ in range(3)] == [0.0, 2.0, 4.0]
    assert pace.seconds_to_wait("b.org") == 0.0
    assert pace.seconds_to_wait("b.org", delay=30.0) == 2.0
    assert pace.seconds_to_wait("b.org") == 32.0


def test_a_page_is_fetched_once_and_a_failure_is_not_kept(server: RawServer, tmp_path: Path) -> None:
    server.redirects("/old", "/page")
    server.answers("/page", b"<p>kept</p>")
    kept = {"cache": True, "cache_path": tmp_path / "pages.sqlite"}
    first, again = (web(server, **kept).fetch(server.url("/old")) for _ in range(2))
    assert first == again
    assert isinstance(again, Page)
    assert (again.final_url, again.content) == (server.url("/page"), b"<p>kept</p>")
    assert server.asked == ["/old", "/page"]
    assert isinstance(web(server, **kept).fetch(server.url("/gone")), NotFetched)
    server.answers("/gone")
    assert isinstance(web(server, **kept).fetch(server.url("/gone")), Page)
    assert isinstance(web(server, cache=True, cache_path=tmp_path / "pages.sqlite", cache_days=1e-9).fetch(server.url("/old")), Page)
    assert server.asked.count("/old") == 2


def test_a_page_that_is_damaged_in_the_cache_is_fetched_anew(server: RawServer, tmp_path: Path) -> None:
    server.answers("/page", b"<p>kept</p>")
    file = tmp_path / "pages.sqlite"
    first = web(server, cache=True, cache_path=file).fetch(server.url("/page"))
    with closing(sqlite3.connect(file)) as cached, cached:
        cached.execute("UPDATE pages SET content = ?", (b"damaged",))
    assert [web(server, cache=True, cache_path=file).fetch(server.url("/page")) for _ in range(2)] == [first, first]
    assert server.asked == ["/page", "/page"]
