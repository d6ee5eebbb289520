"""Why a request of a batch has no answer, and what that means for the run."""

from __future__ import annotations

from operators.asking.answers import FailureKind
from resources.llm.answers.reply import BackendError
from resources.llm.backends.batch.batch_state import BatchState


def goes_on(error: BackendError) -> BackendError:
    """Sending the requests of a batch again because its answers cannot be had just now would pay for them twice."""
    message = f"{error.message}. The batch goes on at the server: run again, and it is found."
    return BackendError(error.kind, message, fatal=True)


def unanswered(batch: BatchState, server: str) -> BackendError:
    """Why a request of a batch that is over has no line in its files."""
    if batch.phase == "failed":
        said = "; ".join(message for _, message in batch.faults) or "no reason given"
        # too many tokens wait in other batches: this one can be sent once they are done
        crowded = any("token_limit_exceeded" in code for code, _ in batch.faults)
        kind: FailureKind = "rate_limited" if crowded else "bad_request"
        return BackendError(kind, f"{server} refused the batch {batch.id}: {said}", retryable=crowded, overload=crowded)
    if batch.phase == "cancelled":
        return BackendError("unavailable", f"the batch {batch.id} was cancelled at {server}. Run again to send what it left open.", fatal=True)
    if batch.phase == "expired":
        return BackendError("unavailable", f"the batch {batch.id} expired at {server} before this request had its turn", retryable=True)
    message = f"the batch {batch.id} of {server} is completed, but not every request is in its files, also when they are downloaded again"
    return BackendError("malformed", f"{message}. Run again to send those that are missing, which the provider may charge for anew.", fatal=True)
