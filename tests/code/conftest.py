"""Running one operator on a few rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from operators import MemoryStorage
from operators.sandboxes import SandboxUnavailable

Rows: TypeAlias = list[dict[str, Any]]
Run: TypeAlias = Callable[..., tuple[Rows, Rows]]


@pytest.fixture(scope="session")
def ran() -> Run:
    """ran(operator, rows) -> the rows that go on, and those set aside. Any share of them may fail."""

    def ran(operator: Any, rows: Rows, **resources: Any) -> tuple[Rows, Rows]:
        kept, aside = MemoryStorage(), MemoryStorage()
        operator.changed(max_failed=1.0).run(rows, into=kept, rejected=aside, resources=resources)
        return kept.read().to_pylist(), aside.read().to_pylist()

    return ran


@pytest.fixture(scope="session")
def sandbox() -> Any:
    """The real one; where there is none, the test is skipped with what is missing."""
    from resources.sandbox import open_sandbox

    try:
        opened = open_sandbox()
        opened.run([])
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))
    return opened
