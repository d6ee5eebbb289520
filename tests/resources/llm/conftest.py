from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from resources.llm import LLMSettings
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.engine.serving import Serving
from tests.resources.llm.fault_server import Faults, FaultServer, running

MakeServing: TypeAlias = Callable[..., Serving]
StartServer: TypeAlias = Callable[..., FaultServer]


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    with ExitStack() as stack:

        def start(**faults: Any) -> FaultServer:
            return stack.enter_context(running(Faults(**faults)))

        yield start


@pytest.fixture
def make_serving(tmp_path: Path) -> MakeServing:
    """A serving with quick retries and a cache that all servings of the test share."""

    def make(address: str, *, cache: bool = True, **settings: Any) -> Serving:
        chosen = LLMSettings(**{"base_url": address, "model": "mock", "retry_seconds": 0.01, "timeout": 5.0, **settings})
        return Serving(OpenAICompatibleBackend(chosen), chosen, tmp_path / "answers.sqlite" if cache else None)

    return make
