"""For all tests: an interrupt interrupts, what takes long is begun first, and no drawn example fails because the machine is busy.

`pytest --draw 20` runs the property tests alone, with 20 times the examples.
"""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--draw", type=int, default=1, metavar="TIMES", help="only property tests, each with so many times its examples, in any time")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=place)
    if (times := config.getoption("--draw")) > 1:
        config.hook.pytest_deselected(items=[item for item in items if not _has_property(item)])
        items[:] = filter(_has_property, items)
        for test in {getattr(item.obj, "__func__", item.obj) for item in items if is_hypothesis_test(item.obj)}:  # type: ignore[attr-defined]
            drawn = test._hypothesis_internal_use_settings
            test._hypothesis_internal_use_settings = settings(drawn, max_examples=times * drawn.max_examples)
        for item in items:
            item.add_marker(pytest.mark.timeout(0))


def _has_property(item: pytest.Item) -> bool:
    return is_hypothesis_test(getattr(item, "obj", None)) or "times_drawn" in getattr(item, "fixturenames", ())


@pytest.fixture
def times_drawn(request: pytest.FixtureRequest) -> int:
    """For tests that draw their examples by other means: by how much more of them `--draw` asks for."""
    return int(request.config.getoption("--draw"))
