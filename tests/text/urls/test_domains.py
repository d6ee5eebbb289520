"""Filters by address: every published form of list, and what addresses look like."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tables.errors import ColumnError, ParameterError, StageFailed
from operators.text.urls.addresses import parents, read_address
from operators.text.urls.block_lists import load_block_list
from operators.text.urls.domains import DomainFilter
from operators.text.urls.words import UrlWordsFilter


def kept(operator: DomainFilter | UrlWordsFilter, *urls: str) -> list[str]:
    return [row["url"] for row in operator.run({"url": list(urls)}, progress=False).table.to_pylist()]


def reasons(operator: DomainFilter | UrlWordsFilter, *urls: str) -> list[str]:
    return [row["rejected_reason"] for row in operator.run({"url": list(urls)}, progress=False).rejected.to_pylist()]


# Addresses


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.ORG/a?b#c", "example.org"),
        ("http://user:secret@example.org:8080/", "example.org"),
        ("example.org", "example.org"),
        ("example.org:443/a", "example.org"),
        ("//example.org/a", "example.org"),
        ("https://example.org./", "example.org"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://BÜCHER.example/", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://例え。テスト/", "xn--r8jz45g.xn--zckzah"),
        ("https://ex%61mple.org/", "example.org"),
        ("https:\\\\example.org\\a", "example.org"),
        ("  https://example.org/ ", "example.org"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://192.0.2.7/a", "192.0.2.7"),
    ],
)
def test_a_host_is_read_from_any_way_to_write_it(url: str, host: str) -> None:
    address = read_address(url)
    assert address is not None
    assert address.host == host


@pytest.mark.parametrize(
    "url", ["", " ", "/a/b", "mailto:a@example.org", "javascript:void(0)", "not an address", "https://", "http://[::1", "a..b", "a." * 200 + "b"]
)
def test_what_has_no_host_is_no_address(url: str) -> None:
    assert read_address(url) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = read_address(text)
    assert address is None or (address.host.isascii() and address.host == address.host.lower() and parents(address.host)[0] == address.host)


# Domains


def test_a_domain_blocks_what_is_below_it_and_nothing_that_ends_alike() -> None:
    operator = DomainFilter(domains=("example.org", "co.example"))
    good = ["https://example.com/", "https://notexample.org/", "https://example.org.evil.net/", "https://other.net/example.org"]
    bad = ["https://example.org/", "http://www.EXAMPLE.org:8080/a", "https://a.b.example.org", "https://shop.co.example"]
    assert kept(operator, *good, *bad) == good
    assert reasons(operator, "https://a.b.example.org/x") == ["DomainFilter: a.b.example.org is listed: example.org"]


def test_a_listed_beginning_of_an_address_blocks_that_part_of_the_site() -> None:
    operator = DomainFilter(domains=("example.org/forum",))
    good = ["https://example.org/", "https://example.org/forums", "https://example.org/a/forum"]
    assert kept(operator, *good, "https://www.example.org/forum/3?x=1", "https://example.org/forum") == good


def test_only_listed_domains_can_be_kept() -> None:
    operator = DomainFilter(domains=("example.org",), listed="keep", exceptions=("bad.example.org",))
    assert kept(operator, "https://a.example.org", "https://bad.example.org", "https://example.com") == ["https://a.example.org"]
    assert reasons(operator, "https://example.com", "https://x.bad.example.org") == [
        "DomainFilter: example.com is not listed",
        "DomainFilter: x.bad.example.org is among the exceptions: bad.example.org",
    ]


def test_exceptions_count_as_not_listed() -> None:
    operator = DomainFilter(domains=("example.org",), exceptions=("docs.example.org",))
    assert kept(operator, "https://docs.example.org/a", "https://example.org") == ["https://docs.example.org/a"]


def test_what_cannot_be_read_goes_unless_wanted() -> None:
    assert reasons(DomainFilter(domains=("a.b",)), "mailto:x@y.z") == ["DomainFilter: 'mailto:x@y.z' is no web address"]
    assert kept(DomainFilter(domains=("a.b",), no_address="keep"), "mailto:x@y.z") == ["mailto:x@y.z"]


LISTS = {
    "plain": "# a comment\nexample.org\n\n  Example.NET  \nbücher.example # why\n*.example.com\n.example.edu\nhttps://example.info/\nexample.biz:8080\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost ip6-loopback\n0.0.0.0 example.org www.example.org # two\n127.0.0.1\texample.net\n"
    "0.0.0.0 bücher.example\n0.0.0.0 example.com\n:: example.edu\n0.0.0.0 example.info\n0.0.0.0 example.biz\n",
    "ad blocker": "[Adblock Plus]\n! comment\n||example.org^\n||example.net^|\n||bücher.example^\n||example.com\n||example.edu^\n||example.info^\n"
    "||example.biz^\n||third.test^$third-party\nother.test##.banner\n/banner/*/ad.gif\n||fine.example.org/ads/\n@@||spared.example.org^\n",
    "dnsmasq": "address=/example.org/0.0.0.0\nserver=/example.net/\naddress=/bücher.example/\naddress=/example.com/::\naddress=/example.edu/0.0.0.0\n"
    "address=/example.info/0.0.0.0\naddress=/example.biz/0.0.0.0\n",
    "carriage returns and a mark of the byte order": "\ufeffexample.org\r\nexample.net\r\nbücher.example\r\nexample.com\r\nexample.edu\r\n"
    "example.info\r\nexample.biz\r\n",
}
LISTED = ["example.org", "example.net", "xn--bcher-kva.example", "example.com", "example.edu", "example.info", "example.biz"]
NOT_LISTED = ["localhost", "other.test", "third.test", "example", "org"]


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_form_of_list_names_the_same_domains(form: str, zipped: bool, tmp_path: Path) -> None:
    file = tmp_path / ("list.gz" if zipped else "list.txt")
    data = LISTS[form].encode()
    file.write_bytes(gzip.compress(data) if zipped else data)
    urls = [f"https://{host}/" for host in (*LISTED, *NOT_LISTED)]
    assert kept(DomainFilter(lists=(str(file),)), *urls) == [f"https://{host}/" for host in NOT_LISTED]
    assert reasons(DomainFilter(lists=(str(file),)), "http://a.example.org") == ["DomainFilter: a.example.org is listed: example.org (list)"]


def test_exceptions_of_an_ad_blocker_are_kept(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(LISTS["ad blocker"])
    assert kept(DomainFilter(lists=(str(tmp_path / "list"),)), "https://a.spared.example.org/") == ["https://a.spared.example.org/"]


def ut1(folder: Path) -> str:
    for category, domains, urls in (("adult", "adult.example\n", "mixed.example/adult\n"), ("games", "games.example\n192.0.2.7\n", "")):
        (folder / category).mkdir(parents=True)
        (folder / category / "domains").write_text(domains)
        (folder / category / "urls").write_text(urls)
        (folder / category / "usage").write_text("black")
    return str(folder)


def test_a_folder_of_ut1_has_a_list_for_each_category(tmp_path: Path) -> None:
    folder = ut1(tmp_path / "blacklists")
    urls = ["https://adult.example", "https://games.example", "https://mixed.example/adult/7", "https://mixed.example/", "http://192.0.2.7/"]
    assert kept(DomainFilter(lists=(folder,)), *urls) == ["https://mixed.example/"]
    assert kept(DomainFilter(lists=(folder,), categories=("games",)), *urls) == [urls[0], urls[2], urls[3]]
    assert reasons(DomainFilter(lists=(folder,)), urls[2]) == ["DomainFilter: mixed.example is listed: mixed.example/adult (adult)"]
    with pytest.raises(ColumnError, match=r'no list is called "game"[\s\S]*did you mean "games"'):
        kept(DomainFilter(lists=(folder,), categories=("game",)), *urls)


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>\n<body class='a'>\n<p>Some text, which is long.</p>\n</body>\n</html>\n")
    with pytest.raises(StageFailed, match=r"page\.html is no list of domains: 0 of its 5 lines name one"):
        kept(DomainFilter(lists=(str(tmp_path / "page.html"),)), "https://a.b")
    with pytest.raises(ColumnError, match='there is no list "nowhere'):
        kept(DomainFilter(lists=("nowhere.txt",)), "https://a.b")
    with pytest.raises(ParameterError, match="domains, lists or both"):
        DomainFilter()


def test_a_list_that_was_changed_is_read_again(tmp_path: Path) -> None:
    import os

    file = tmp_path / "list"
    file.write_text("example.org\n")
    assert kept(DomainFilter(lists=(str(file),)), "https://example.net") == ["https://example.net"]
    file.write_text("example.net\n")
    os.utime(file, ns=(1, 1))
    assert kept(DomainFilter(lists=(str(file),)), "https://example.net") == []


def test_a_domain_of_a_large_list_takes_ten_bytes(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("".join(f"site-{number}.example\n" for number in range(50_000)))
    block_list = load_block_list((str(tmp_path / "list"),), (), ())
    assert len(block_list) == 50_000
    assert block_list.domains.bytes <= 10 * 50_000


labels = st.text("abc", min_size=1, max_size=3)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)


@settings(deadline=None)
@given(st.lists(hosts, min_size=1, max_size=5), st.lists(hosts, min_size=1, max_size=8))
def test_blocked_is_what_is_a_listed_domain_or_ends_with_a_dot_and_one(listed: list[str], asked: list[str]) -> None:
    expected = [host for host in asked if not any(host == domain or host.endswith(f".{domain}") for domain in listed)]
    assert kept(DomainFilter(domains=tuple(listed)), *(f"https://{host}/" for host in asked)) == [f"https://{host}/" for host in expected]


# Words


def test_words_of_addresses_and_what_only_looks_like_them() -> None:
    operator = UrlWordsFilter()
    good = [
        "https://www.sussex.ac.uk/adult-education",
        "https://example.org/scunthorpe-united",
        "https://example.org/poker",
        "https://pornic.fr/office-de-tourisme",
        "https://example.org/essex/analysis",
    ]
    bad = {
        "https://example.org/free-porn/1": 'its address has the word "porn"',
        "https://best-free-porn.example/": 'its address has the word "porn"',
        "https://bestfreeporn.example/": 'its address has "freeporn" in it',
        "https://example.org/casino/poker": "its address has 2 soft words, above most_soft = 1: casino, poker",
        "https://example.org/%70orn": 'its address has the word "porn"',
    }
    assert kept(operator, *good, *bad) == good
    assert reasons(operator, *bad) == list(bad.values())


def test_words_of_ones_own_in_any_script(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# mine\nbücher\nЛОТЕРЕЯ\n")
    operator = UrlWordsFilter(hard_words=str(tmp_path / "words.txt"))
    bad = ["https://xn--bcher-kva.example/", "https://example.org/лотерея", "https://example.org/%D0%BB%D0%BE%D1%82%D0%B5%D1%80%D0%B5%D1%8F"]
    assert kept(operator, "https://example.org/porn", *bad) == ["https://example.org/porn"]
    with pytest.raises(ColumnError, match='there is no file "nowhere"'):
        kept(UrlWordsFilter(soft_words="nowhere"), "https://a.b")


def test_letter_case_and_www_make_no_difference() -> None:
    urls = ["https://Example.org/Forum/Rules", "http://www.example.org/FORUM?page=2", "https://example.org/forums"]
    assert kept(DomainFilter(domains=("www.example.org/Forum",)), *urls) == urls[2:]
    hosts = ["https://example.org/a", "https://www.example.org", "https://m.example.org"]
    assert kept(DomainFilter(domains=("www.example.org",)), *hosts) == hosts[2:]


@pytest.mark.parametrize(
    "entry", ["example.*", "*", "", "exa mple.com", "# example.org", "https://", "https://user:pw@example.org/", "::1", "[a-z].org"]
)
def test_a_domain_that_would_name_nothing_is_refused(entry: str) -> None:
    with pytest.raises(ParameterError, match="is no domain"):
        DomainFilter(domains=("example.org", entry))
    with pytest.raises(ParameterError, match="is no domain"):
        DomainFilter(domains=("example.org",), exceptions=(entry,))
