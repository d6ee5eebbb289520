"""For all tests: an interrupt interrupts, what takes long is begun first, and no drawn example fails because the machine is busy."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# Where a shell starts the tests in the background, they ignore interrupts from the keyboard, and so would every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST_FIRST = (
    "tests/ui/",
    "tests/operators/test_linear_time.py",
    "tests/operators/",
    "tests/dataflow_assets/test_kill",
    "tests/dataflow_assets/",
    "tests/resources/databases/",
    "tests/resources/sandbox/",
    "tests/resources/",
    "tests/text/",
    "tests/cli/",
)
"""Of several processes each takes the next file when it is done with one (`--dist loadfile --no-loadscope-reorder`): they end together where the
short ones come last."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=place)
