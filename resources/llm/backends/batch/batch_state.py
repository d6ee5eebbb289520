"""A batch as its server describes it, whoever copied OpenAI's protocol, and with whatever they changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson

from resources.llm.answers.reply import BackendError

Phase: TypeAlias = Literal["under way", "completed", "failed", "expired", "cancelled", "unknown"]
_WORDS: dict[Phase, str] = {
    "under way": "validating in_progress finalizing cancelling canceling cancellation_requested queued pending running processing created submitted "
    "started not_started preparing scheduled waiting in_queue enqueued accepted paused",
    "completed": "completed complete succeeded success done finished ended partially_succeeded completed_with_errors partially_completed",
    "failed": "failed failure error errored invalid rejected",
    "expired": "expired timeout timed_out timeout_exceeded",
    "cancelled": "cancelled canceled aborted stopped deleted user_cancelled user_canceled",
}
_PHASE_OF: dict[str, Phase] = {word: phase for phase, words in _WORDS.items() for word in words.split()}
_PREFIX = re.compile(r"^(?:batch_job_state|job_state|batch_state|batch_status|state|status|batch|job)_")
_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BatchState:
    """What we need of it."""

    id: str
    status: str
    """In the server's words."""
    input_file_id: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    created_at: Any = None
    completed_at: Any = None
    metadata: dict[str, Any] | None = None
    faults: tuple[tuple[str, str], ...] = ()
    """Codes and messages of what is wrong with all of it."""

    @property
    def phase(self) -> Phase:
        return phase_of(self.status)

    @property
    def files(self) -> list[str]:
        return [file for file in (self.output_file_id, self.error_file_id) if file]


def phase_of(status: str) -> Phase:
    """In any spelling: `COMPLETED`, `JOB_STATE_SUCCEEDED`, `timedOut` and `canceled` are known words."""
    word = re.sub(r"[^a-z0-9]+", "_", _CAMEL_CASE.sub("_", status.strip()).lower()).strip("_")
    return _PHASE_OF.get(word) or _PHASE_OF.get(_PREFIX.sub("", word), "unknown")


def state_in(content: bytes, server: str) -> BatchState:
    """Of an answer that describes one batch, also within a field (`{"job": {...}}`). Raises BackendError of kind "malformed" for anything else."""
    described = next(_described(_json(content, server)), None)
    if described is None:
        raise BackendError("malformed", f"{server} answered the question for a batch with something else ({len(content)} bytes)", retryable=True)
    return _state(described)


def states_in(content: bytes, server: str) -> tuple[list[BatchState], bool]:
    """Of an answer that lists batches, as `{"data": [...]}` or as a plain list; and whether there are more."""
    listed = _json(content, server)
    more = isinstance(listed, dict) and listed.get("has_more") is True
    if isinstance(listed, dict):
        listed = next((value for value in listed.values() if isinstance(value, list)), None)
    if not isinstance(listed, list):
        raise BackendError("malformed", f"{server} answered the question for its batches with something else ({len(content)} bytes)")
    return [_state(batch) for item in listed if (batch := next(_described(item), None)) is not None], more


def id_in(content: bytes, server: str) -> str:
    """Of a file. Raises BackendError."""
    described = next(_described(_json(content, server)), None)
    if described is None:
        raise BackendError("malformed", f"{server} took a file and gave it no id ({len(content)} bytes)")
    return str(described["id"])


def _json(content: bytes, server: str) -> Any:
    try:
        return orjson.loads(content.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise BackendError("malformed", f"{server} sent what is no JSON ({error}; {len(content)} bytes)", retryable=True) from None


def _described(content: Any) -> Iterator[dict[str, Any]]:
    """The object with an id: the answer itself, or what one of its fields holds."""
    if isinstance(content, dict):
        if isinstance(content.get("id"), str | int) and str(content["id"]):
            yield content
        for value in content.values():
            if isinstance(value, dict) and isinstance(value.get("id"), str | int) and str(value["id"]):
                yield value


def _state(described: dict[str, Any]) -> BatchState:
    def text(name: str) -> str | None:
        value = described.get(name)
        return value if isinstance(value, str) and value else None

    metadata = described.get("metadata")
    times = (described.get("created_at"), described.get("completed_at"))
    files = (text("input_file_id"), text("output_file_id"), text("error_file_id"))
    faults = tuple(_faults(described.get("errors") or described.get("error")))
    return BatchState(str(described["id"]), text("status") or "", *files, *times, metadata if isinstance(metadata, dict) else None, faults)


def _faults(errors: Any) -> Iterator[tuple[str, str]]:
    if isinstance(errors, dict):
        errors = errors.get("data") if isinstance(errors.get("data"), list) else [errors]
    for fault in errors if isinstance(errors, list) else [errors]:
        if isinstance(fault, dict):
            yield str(fault.get("code") or ""), str(fault.get("message") or fault.get("code") or "no reason given")
        elif isinstance(fault, str) and fault:
            yield "", fault
