"""Nothing hostile changes or reads what it must not; each ends within its limit, with the true reason. On all four engines."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.databases.execution import Execution, NotExecuted, Rows
from operators.databases.schema import Schema
from resources.databases.limits import Limits
from resources.databases.serving import Databases
from resources.databases.settings import DatabaseSettings
from resources.databases.statement_check import why_not
from resources.databases.target import Target
from resources.databases.workers.messages import Task
from resources.databases.workers.pool import Pool
from tests.resources.databases import hostile

LIMITED = ("time limit", "row limit", "byte limit", "memory limit")
LIMITS = Limits(seconds=1, rows=1000, answer_megabytes=8, memory_megabytes=400, temporary_megabytes=64)
PATIENT = Limits(seconds=60)
"""For what has to be answered, on a machine however busy."""
LONGEST = 25
"""Seconds. What is ended has to be ended long before it would end by itself, also on a busy machine; how well is measured by the benchmark."""
CONTENT = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders), (SELECT min(name) FROM customers)"


def unchanged(databases: Databases) -> None:
    answer = databases.execute("shop", CONTENT)
    assert isinstance(answer, Rows), answer
    assert answer.rows == ((3, 3, "Ada"),)


def test_there_are_as_many_as_were_asked_for() -> None:
    for engine, statements in hostile.REFUSED.items():
        assert len({*hostile.REFUSED_BY_ALL, *statements, *hostile.STOPPED_BY_ALL, *hostile.STOPPED[engine]}) >= 100


def test_what_does_more_than_read_is_not_run(shop: Databases, target: Target) -> None:
    for statement in (*hostile.REFUSED_BY_ALL, *hostile.REFUSED[target.engine]):
        answer = shop.execute("shop", statement)
        assert isinstance(answer, NotExecuted), statement
        assert answer.cause == "refused", f"{statement}: {answer}"
        assert answer.message, statement
    unchanged(shop)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    workers = Pool(2)
    yield workers
    workers.close()


def run(pool: Pool, target: Target, sql: str, limits: Limits = LIMITS) -> tuple[Execution, float]:
    """A statement as the engine sees it, without the check before."""
    began = time.monotonic()
    answer = pool.do(Task("execute", target, limits, sql))
    assert isinstance(answer, Rows | NotExecuted)
    return answer, time.monotonic() - began


def test_the_engine_itself_changes_nothing_and_tells_nothing(pool: Pool, shop: Databases, target: Target) -> None:
    """The check before the engine might have a gap: what stands behind it holds alone."""
    evil = [Path("/tmp/evil"), *Path("/tmp").glob("evil*")]
    assert not any(path.exists() for path in evil), "remove /tmp/evil* first"
    before = hashlib.sha256(Path(target.path).read_bytes()).hexdigest() if target.path else ""
    for statement in hostile.UNCHECKED[target.engine]:
        answer, seconds = run(pool, target, statement)
        assert seconds < 30, statement
        if isinstance(answer, Rows):
            assert "root:" not in str(answer.rows), statement
        followed, _ = run(pool, target, CONTENT, PATIENT)
        assert isinstance(followed, Rows), f"{statement} left {followed}"
        assert followed.rows == ((3, 3, "Ada"),), statement
    unchanged(shop)
    schema = pool.do(Task("schema", target, PATIENT))
    assert isinstance(schema, Schema)
    assert {table.name for table in schema.tables} == {"customers", "orders", "visits"}
    assert not list(Path("/tmp").glob("evil*"))
    assert not target.path or hashlib.sha256(Path(target.path).read_bytes()).hexdigest() == before


def test_what_never_ends_is_ended_and_told_by_which_limit(pool: Pool, shop: Databases, target: Target) -> None:
    for statement in (*hostile.STOPPED_BY_ALL, *hostile.STOPPED[target.engine]):
        assert not why_not(statement, target.engine), f"{statement}: {why_not(statement, target.engine)}"
        answer, _ = run(pool, target, statement)
        assert isinstance(answer, NotExecuted) or not answer.rows or answer.rows[0][0] is None, f"{statement}: {str(answer)[:200]}"
        if isinstance(answer, NotExecuted):
            assert answer.cause in LIMITED, f"{statement}: {answer}"
            assert answer.seconds < LONGEST, f"{statement}: {answer.seconds:.1f} s, {answer}"
            if answer.cause == "time limit":
                assert answer.seconds >= 0.9 * LIMITS.seconds
    unchanged(shop)


def test_a_user_that_can_write_is_refused(target: Target) -> None:
    if target.path:
        pytest.skip("files are opened read-only, whoever asks")
    powerful = Target("shop", target.engine, host=target.host, port=target.port, user="owner", database="shop", password="secret words")
    with Databases({"shop": powerful}, DatabaseSettings()) as databases:
        answer = databases.execute("shop", "SELECT 1")
    assert isinstance(answer, NotExecuted)
    assert answer.cause == "refused"
    assert "only read" in answer.message
    assert "secret words" not in str(answer)


def test_a_wrong_password_is_not_in_the_message(target: Target) -> None:
    if target.path:
        pytest.skip("files have no password")
    wrong = Target("shop", target.engine, host=target.host, port=target.port, user="nobody-there", database="shop", password="hush hush")
    with Databases({"shop": wrong}, DatabaseSettings()) as databases:
        answer = databases.execute("shop", "SELECT 1")
    assert isinstance(answer, NotExecuted)
    assert answer.cause in ("unreachable", "refused")
    assert "hush" not in str(answer)
    assert "hush" not in repr(wrong)


@pytest.mark.parametrize("text", ["checkpoint", "hello there", "```sql\nSELECT 1\n```", "1 + 1"])
def test_what_begins_like_no_statement_is_no_query(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert why_not(text, "sqlite").startswith("it is no query")
    assert why_not("EXPLAIN SELECT 1", "sqlite").startswith("EXPLAIN is not allowed")
    assert caplog.text == ""
