"""The promises of the four kinds, for every registered operator, on tables of any content."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operators.core import registry
from operators.core.operator import Operator
from operators.testing import check_operator

ROOT = Path(__file__).parents[2]
PRINT_FINGERPRINTS = """
from operators.core import registry
for operator in registry.examples():
    print(operator.name, operator.fingerprint())
"""


@pytest.mark.parametrize("operator", list(registry.examples()), ids=lambda operator: operator.name)
def test_every_operator_keeps_its_promises(operator: Operator, times_drawn: int) -> None:
    assert registry.find(operator.name) is type(operator)
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    if "model" in operator.needs:
        pytest.skip("its weights are not part of the project; tests/text tests it on tiny models")
    check_operator(operator, examples=5 * times_drawn)


def test_fingerprints_are_the_same_in_every_process() -> None:
    """Python orders sets by a seed of the process: what depends on that would run every stage again in each process."""
    printed = {
        subprocess.run(
            [sys.executable, "-c", PRINT_FINGERPRINTS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    names = {line.split()[0] for line in printed.pop().splitlines()}
    assert names == {cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith("operators.")}
