"""docs/warehouse.md, followed by a new user on a real S3 server: every command, in order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

import shlex

from obstore.store import MemoryStore

from dataflow_assets.cli import main
from resources.warehouse.addresses import SCHEMES
from resources.warehouse.objects.bucket import Patience
from resources.warehouse.objects.parquet_draft import PART_BYTES
from resources.warehouse.objects.session import Times
from tests.resources.objects.conftest import _ended_sessions, address, endpoint  # noqa: F401 (fixtures)
from tests.resources.objects.memory import ADDRESS, WatchedBucket, connection_of, in_bucket, publish
from tests.test_reading_docs import PIPELINE

PAGE = (Path(__file__).parents[1] / "docs" / "warehouse.md").read_text(encoding="utf-8")
PLAIN = " ".join(PAGE.split())
IN_THE_PAGE = "s3://my-bucket/tables"


def test_every_command_of_the_page_works_as_it_stands(
    address: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calm.py").write_text(PIPELINE)
    texts = [f"text  number {number}, which says {'more ' * number}than the one before" for number in range(8)] + ["too short"]
    (tmp_path / "my.jsonl").write_text("".join(json.dumps({"row_id": f"u{number}", "text": text}) + "\n" for number, text in enumerate(texts)))
    (block,) = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    commands = [line.removeprefix("$ dataflow ") for line in block.splitlines() if line.startswith("$ dataflow ")]
    assert len(commands) == 8
    said = {}
    for command in commands:
        capsys.readouterr()
        status = main(shlex.split(command.replace(IN_THE_PAGE, address)))
        printed = capsys.readouterr()
        assert status == 0, (command, printed.err)
        said[command.split()[0]] = printed.out
    assert "younger than the grace period" not in said["gc"], "two versions, of which three stay"
    assert "more more" in said["sql"]
    assert not list(tmp_path.glob("s3*")), "no folder was made of the address"


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    times, patience = Times(), Patience()
    assert (times.renewed_every, times.valid, times.grace) == (30, 600, 3600)
    for said in (
        "every 30 seconds",
        "Ten minutes after the last renewal",
        "younger than an hour",
        "three minutes at most",
        "A file has 32 MB",
        "two minutes",
    ):
        assert said in PLAIN
    assert (patience.most_seconds, patience.request_seconds, PART_BYTES) == (180, 120, 32 << 20)
    assert {f"`{scheme}://" for scheme in SCHEMES[:3]} == set(re.findall(r"`(?:s3|gs|az)://", PAGE))


def test_the_requests_of_the_page_are_what_operations_cost() -> None:
    bucket = WatchedBucket(ADDRESS, MemoryStore())
    warehouse = in_bucket(bucket)
    table = warehouse.table("web", "rate")
    publish(table, 1)

    def counted() -> int:
        made, bucket.requests = bucket.requests, 0
        return made

    counted()
    publish(table, 2)
    requests = {"publishing a version of one file": counted()}
    table.read()
    requests["reading a current table of one file"] = counted()
    connection_of(warehouse).session.settle()
    counted()
    warehouse.collect_table("web", "rate", keep=1)
    requests["collecting one table after a run"] = counted()
    told = {what: int(number) for what, number in re.findall(r"^\| ([^|]+) \| (\d+)(?: [^|]*)?\|$", PAGE, re.MULTILINE)}
    for what, number in requests.items():
        assert number <= told[what], what
        assert told[what] <= number + 3, what
