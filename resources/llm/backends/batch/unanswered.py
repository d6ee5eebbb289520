"""Why a request of a batch has no answer, and what that means for the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operators.asking.answers import FailureKind
from resources.llm.answers.reply import BackendError

if TYPE_CHECKING:
    from openai.types import Batch


def goes_on(error: BackendError) -> BackendError:
    """Sending the requests of a batch again because its answers cannot be had just now would pay for them twice."""
    message = f"{error.message}. The batch goes on at the server: run again, and it is found."
    return BackendError(error.kind, message, fatal=True)


def unanswered(batch: Batch, server: str) -> BackendError:
    """Why a request of a batch that is over has no line in its files."""
    faults = (batch.errors.data or []) if batch.errors else []
    if batch.status == "failed":
        said = "; ".join(str(fault.message or fault.code) for fault in faults) or "no reason given"
        # too many tokens wait in other batches: this one can be sent once they are done
        crowded = any("token_limit_exceeded" in str(fault.code) for fault in faults)
        kind: FailureKind = "rate_limited" if crowded else "bad_request"
        return BackendError(kind, f"{server} refused the batch {batch.id}: {said}", retryable=crowded, overload=crowded)
    if batch.status == "cancelled":
        return BackendError("unavailable", f"the batch {batch.id} was cancelled at {server}. Run again to send what it left open.", fatal=True)
    if batch.status == "expired":
        return BackendError("unavailable", f"the batch {batch.id} expired at {server} before this request had its turn", retryable=True)
    return BackendError("malformed", f"the batch {batch.id} of {server} is completed, but this request is in neither of its files", retryable=True)
