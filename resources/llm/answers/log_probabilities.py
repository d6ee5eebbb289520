"""The log-probabilities of a given text as a reply, so that they pass through the cache, the limits and the ledger as any answer does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson

from operators.asking.answers import TokenLogProbabilities
from resources.llm.answers.reply import BackendError, Reply


def reply_with(values: Sequence[float], model: str, prompt_tokens: int, seconds: float) -> Reply:
    return Reply(orjson.dumps(values).decode(), model, prompt_tokens, 0, "stop", seconds)


def weighed_of(reply: Reply, cached: bool) -> TokenLogProbabilities:
    return TokenLogProbabilities(tuple(map(float, orjson.loads(reply.text))), reply.model, reply.prompt_tokens, cached, reply.seconds)


def none_given(server: str, why: str = "") -> BackendError:
    """No other text would fare better."""
    reason = f" ({why})" if why else ""
    remedy = "The embedded model, llama.cpp (provider: llama-cpp), vLLM and SGLang give them: see docs/serving.md"
    return BackendError("bad_request", f"{server} gives no log-probabilities of a given text{reason}. {remedy}.", fatal=True)


@contextmanager
def read_from(server: str, what: str) -> Iterator[None]:
    """Inside, an answer is taken apart as the protocol promises it. Raises BackendError of kind "malformed" where it is something else."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        fault = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise BackendError("malformed", f"{server} sent no {what} ({fault[:200]})", retryable=True) from None
