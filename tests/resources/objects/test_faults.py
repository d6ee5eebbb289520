"""A store or a network that fails: nothing is torn, nothing goes on for ever, and the error says what to do. With a real S3 server."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterator

import pyarrow as pa
import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from resources.warehouse import Warehouse, WarehouseError
from resources.warehouse.objects.bucket import Patience
from resources.warehouse.objects.opening import open_bucket
from tests.resources.objects.hostile_proxy import Deed, HostileProxy, hostile_proxy
from tests.resources.objects.memory import IMPATIENT, in_bucket, numbers, publish
from tests.resources.objects.server import KEYS


@pytest.fixture
def proxy(endpoint: str) -> Iterator[HostileProxy]:
    with hostile_proxy(endpoint) as started:
        yield started


@pytest.fixture
def warehouse(address: str, proxy: HostileProxy, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Behind the proxy."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
    return in_bucket(open_bucket(address, IMPATIENT))


def straight(address: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return in_bucket(open_bucket(address))


def test_a_store_that_ignores_conditions_is_refused_before_anything_is_written(warehouse: Warehouse, proxy: HostileProxy) -> None:
    proxy.decide = lambda method, path: "forget conditions"
    with pytest.raises(WarehouseError, match=r"cannot hold a warehouse: .*If-None-Match.*overwrite each other"):
        publish(warehouse.table("web", "rate"), 1)
    assert not [path for method, path, _ in proxy.requests if method == "PUT" and "/probes/" not in path]


def test_a_store_that_keeps_one_condition_of_two_is_refused(warehouse: Warehouse, proxy: HostileProxy) -> None:
    puts = itertools.count()
    proxy.decide = lambda method, path: "forget conditions" if method == "PUT" and next(puts) >= 2 else "pass"
    with pytest.raises(WarehouseError, match="If-Match forbids it"):
        publish(warehouse.table("web", "rate"), 1)


@pytest.mark.parametrize("deed", ["500", "cut", "swallow", "spoil"])
def test_faults_that_pass_are_not_noticed(deed: Deed, warehouse: Warehouse, proxy: HostileProxy) -> None:
    """The first request for each object fails, whatever it is: 500, a body that ends in the middle, an answer that never comes, a wrong byte."""
    table = warehouse.table("web", "rate")
    seen: set[tuple[str, str]] = set()

    def first(method: str, path: str) -> Deed:
        if (method, path) in seen or (deed in ("cut", "spoil") and (method != "GET" or "parquet" not in path)):
            return "pass"
        seen.add((method, path))
        return deed

    proxy.decide = first
    versions = [publish(table, 1, 2), publish(table, 3)]
    assert numbers(table.read()) == [3]
    assert table.versions() == versions, "each was published once"
    assert deed in {done for _, _, done in proxy.requests}


def test_a_store_that_is_down_is_an_error_after_a_bounded_number_of_tries(
    warehouse: Warehouse, proxy: HostileProxy, address: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = warehouse.table("web", "rate")
    publish(table, 1)
    for forbidden in ("manifest.json", "CURRENT", "rows-00000"):
        proxy.requests.clear()
        proxy.decide = lambda method, path, forbidden=forbidden: "503" if method == "PUT" and forbidden in path else "pass"  # type: ignore[misc]
        with pytest.raises(WarehouseError, match=r"cannot write .*503.*try again later"):
            publish(table, 2)
        assert 1 < sum(deed == "503" for _, _, deed in proxy.requests) <= 20
    whole = straight(address, endpoint, monkeypatch).table("web", "rate")
    assert [numbers(whole.at(version).read()) for version in whole.versions()] == [[1]]
    proxy.decide = lambda method, path: "pass"
    publish(table, 3)
    assert numbers(whole.read()) == [3]


def test_a_full_store_says_so_and_nothing_of_the_version_is_left(warehouse: Warehouse, proxy: HostileProxy) -> None:
    publish(warehouse.table("web", "rate"), 1)
    proxy.decide = lambda method, path: "full" if method == "PUT" and "parquet" in path else "pass"
    with pytest.raises(WarehouseError, match=r"QuotaExceeded.*The store is full: free some space"):
        publish(warehouse.table("web", "rate"), 2)
    assert numbers(warehouse.table("web", "rate").read()) == [1]


def test_a_store_that_never_answers_is_an_error(address: str, proxy: HostileProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
    proxy.decide = lambda method, path: "hang"
    hurried = in_bucket(open_bucket(address, Patience(request_seconds=0.3, connect_seconds=0.3, retries=1, tries=2, most_seconds=2)))
    with pytest.raises(WarehouseError, match=r"s3://.*: cannot "):
        hurried.table("web", "rate").read()


def test_an_answer_that_is_lost_where_another_writer_comes_next_loses_no_version(
    warehouse: Warehouse, proxy: HostileProxy, address: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pointer is replaced, the answer does not come, and before the writer looks again somebody else replaces the pointer too."""
    other = straight(address, endpoint, monkeypatch).table("web", "rate")
    publish(other, 0)
    published: list[str] = []

    def swallow_once(method: str, path: str) -> Deed:
        if method == "PUT" and path.endswith("CURRENT"):
            if not published:
                published.append("")
                return "swallow"
            if published == [""]:
                published[0] = publish(other, 2)
        return "pass"

    proxy.decide = swallow_once
    mine = publish(warehouse.table("web", "rate"), 1)
    assert other.versions()[1:] == [mine, *published]
    assert [numbers(other.at(version).read()) for version in other.versions()] == [[0], [1], [2]]


def test_errors_tables_and_objects_show_no_key(
    warehouse: Warehouse, proxy: HostileProxy, address: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse.table("web", "rate"), 1)
    texts = [repr(warehouse), repr(warehouse.table("web", "rate")), str(warehouse.table("web", "rate").current().location())]
    for deed in ("500", "full", "swallow"):
        proxy.decide = lambda method, path, deed=deed: deed  # type: ignore[misc]
        with pytest.raises(WarehouseError) as failed:
            publish(warehouse.table("web", "rate"), 1)
        texts.append("".join(traceback.format_exception(failed.value)))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(WarehouseError) as failed:
        in_bucket(open_bucket(address, IMPATIENT)).tables()
    texts.append("".join(traceback.format_exception(failed.value)))
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    bucket = open_bucket(address)
    texts += [str((bucket.get(listed.key) or pytest.fail(listed.key)).body) for listed in bucket.list("")]
    for text in texts:
        assert not [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if KEYS[name] in text]


def test_a_bucket_that_is_not_there_is_named(address: str) -> None:
    elsewhere = in_bucket(open_bucket("s3://no-such-bucket/prefix", IMPATIENT))
    with pytest.raises(WarehouseError, match=r"s3://no-such-bucket/prefix: .*(NoSuchBucket|AccessDenied)"):
        publish(elsewhere.table("web", "rate"), 1)


def test_a_large_table_survives_a_body_that_is_cut(warehouse: Warehouse, proxy: HostileProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by columns, with requests for parts of a file."""
    monkeypatch.setattr("resources.warehouse.objects.parquet_version.READ_WHOLE_BYTES", 0)
    rows = pa.table({"n": range(60_000), "text": [str(n**3) for n in range(60_000)]})
    table = warehouse.table("web", "rate")
    table.write(rows)
    cut = itertools.cycle(["cut", "pass"])
    proxy.decide = lambda method, path: next(cut) if method == "GET" and "parquet" in path else "pass"  # type: ignore[return-value]
    assert table.read(["text"]).equals(rows.select(["text"]))
