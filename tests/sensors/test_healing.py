"""Which failed runs are asked for again: those that Dagster's daemon said it would run again and passed over."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon

from sensors.healing import ASKED_TAG, left_alone


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def work() -> None:
    """A job."""
    nothing()


@pytest.fixture
def instance(tmp_path: Path) -> dg.DagsterInstance:
    overrides = {"run_retries": {"enabled": True, "max_retries": 1}}
    return dg.DagsterInstance.local_temp(str(tmp_path), overrides)


LAUNCHED = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("project"), "repository"), "work")


def started(instance: dg.DagsterInstance, origin: RemoteJobOrigin | None = LAUNCHED) -> dg.DagsterRun:
    return instance.create_run_for_job(work, status=dg.DagsterRunStatus.STARTED, remote_job_origin=origin)


def passed_over(instance: dg.DagsterInstance, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterRun:
    """The run fails, and the daemon reads of it between the event and the mark."""
    marked = instance.run_storage.handle_run_event

    def as_between_the_two(run_id: str, event: dg.DagsterEvent, *more: object) -> None:
        daemon_reads(instance)
        marked(run_id, event, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as between:
        between.setattr(instance.run_storage, "handle_run_event", as_between_the_two)
        instance.report_run_failed(run)
    failed = instance.get_run_by_id(run.run_id)
    assert failed is not None
    assert (failed.status, failed.tags.get(WILL_RETRY_TAG)) == (dg.DagsterRunStatus.FAILURE, "true")
    return failed


def daemon_reads(instance: dg.DagsterInstance) -> None:
    """An iteration of Dagster's own daemon, which has no jobs to look up: runs that it may run again, it fails to."""

    class Context:
        def __init__(self) -> None:
            self.instance = instance

    list(EventLogConsumerDaemon().run_iteration(Context()))  # type: ignore[arg-type]


def ids(instance: dg.DagsterInstance) -> list[str]:
    return [run.run_id for run in left_alone(instance)]


def test_a_run_whose_failure_the_daemon_read_before_it_was_marked_is_run_again(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.report_run_failed(started(instance))
    assert ids(instance) == [], "no daemon reads"
    daemon_reads(instance)  # begins behind what is there
    run = passed_over(instance, started(instance), monkeypatch)
    daemon_reads(instance)
    assert AUTO_RETRY_RUN_ID_TAG not in run.tags
    assert run.run_id in ids(instance)
    instance.add_run_tags(run.run_id, {ASKED_TAG: "true"})
    assert run.run_id not in ids(instance), "asked for once"


def test_a_run_by_hand_is_nobodys_to_start_again(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon_reads(instance)
    passed_over(instance, started(instance, origin=None), monkeypatch)
    assert ids(instance) == []


def test_a_failure_that_the_daemon_has_not_read_yet_is_its_own(instance: dg.DagsterInstance) -> None:
    daemon_reads(instance)
    instance.report_run_failed(started(instance))
    assert ids(instance) == []


def test_what_runs_again_already_is_left_as_it_is(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon_reads(instance)
    run = passed_over(instance, started(instance), monkeypatch)
    assert ids(instance) == [run.run_id]
    instance.add_run_tags(run.run_id, {AUTO_RETRY_RUN_ID_TAG: "another"})
    assert ids(instance) == []
