"""Where bubblewrap does not work the tests are skipped, but never where DATAFLOW_REQUIRE_SANDBOX is set, as it is in continuous integration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from operators.sandboxes import Program, Verdict
from resources.sandbox import SandboxSettings
from resources.sandbox.bubblewrap import why_not
from resources.sandbox.pool import Launchers

Judge = Callable[[Program], Verdict]


@pytest.fixture(autouse=True)
def isolation() -> None:
    if why := why_not():
        if os.environ.get("DATAFLOW_REQUIRE_SANDBOX"):
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One sandbox for all programs of a module, so that what one leaves behind would be met by the next."""
    with Launchers(SandboxSettings(programs_at_once=1)) as launchers:
        yield lambda program: launchers.map([program])[0]
