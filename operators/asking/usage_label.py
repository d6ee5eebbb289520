"""For whom a language model works: the pipeline, stage and run that the usage ledger names.

A context variable, so that an operator, which knows nothing of pipelines, need not pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class UsageLabel(NamedTuple):
    pipeline: str = ""
    stage: str = ""
    run: str = ""
    """Empty: the settings of the model say which, see LLMSettings.run."""


_current: ContextVar[UsageLabel] = ContextVar("usage_label")


@contextmanager
def usage_label(pipeline: str, stage: str, run: str = "") -> Iterator[None]:
    """Sessions opened inside, also in event loops started inside, count for this stage."""
    token = _current.set(UsageLabel(pipeline, stage, run))
    try:
        yield
    finally:
        _current.reset(token)


def current_label() -> UsageLabel:
    return _current.get(UsageLabel())
