"""Running one operator on a few texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from operators import MemoryStorage

Run = Callable[..., Any]


def _run(operator: Any, texts: tuple[str | None, ...]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    table = pa.table({"row_id": [str(row) for row in range(len(texts))], "text": pa.array(texts, pa.string())})
    kept, rejected = MemoryStorage(), MemoryStorage()
    operator.run(MemoryStorage(table), into=kept, rejected=rejected)
    return kept.read().to_pylist(), rejected.read().to_pylist()


@pytest.fixture(scope="session")
def keeps() -> Run:
    """keeps(filter, *texts) -> for each text whether it stays; a bool for one text."""

    def keeps(operator: Any, *texts: str | None) -> bool | list[bool]:
        rows, _ = _run(operator, texts)
        stayed = {int(row["row_id"]) for row in rows}
        decisions = [row in stayed for row in range(len(texts))]
        return decisions[0] if len(texts) == 1 else decisions

    return keeps


@pytest.fixture(scope="session")
def reasons() -> Run:
    """reasons(filter, *texts) -> the reasons of the rows that were dropped, by row."""

    def reasons(operator: Any, *texts: str | None) -> dict[int, str]:
        _, rejected = _run(operator, texts)
        return {int(row["row_id"]): row["rejected_reason"] for row in rejected}

    return reasons


@pytest.fixture(scope="session")
def refined() -> Run:
    """refined(refiner, text) -> the text after it."""

    def refined(operator: Any, text: str | None) -> str | None:
        rows, _ = _run(operator, (text,))
        return rows[0]["text"]  # type: ignore[no-any-return]

    return refined
