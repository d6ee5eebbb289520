"""kill -9 of a process of a run whose tables are in a bucket and whose model is behind the gateway: nothing is lost, doubled or left behind.

Workers are processes here (test_workers kills them); `python -m benchmarks.kill_cluster` does the same on Ray nodes, at many moments.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from tests.dataflow_assets.cluster_kills import Victim, killed
from tests.dataflow_assets.killed_cluster import Made, Run, World, undisturbed, world

SHARES: dict[Victim, float] = {"driver": 0.6, "gateway": 0.4, "publisher": 0.55}
"""Of the time, the questions or the puts of a run that was not killed."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Run, Made]]:
    with world(tmp_path_factory.mktemp("killed"), on_ray=False) as within:
        made, run = undisturbed(within, "whole", within.workers)
        yield within, run, made


@pytest.mark.timeout(600)
@pytest.mark.parametrize("victim", SHARES)
def test_a_run_of_which_a_process_is_killed_ends_as_one_that_was_not(whole: tuple[World, Run, Made], victim: Victim) -> None:
    within, run, made = whole
    assert killed(within, victim, victim, SHARES[victim], random.Random(1), run, made).faults == ()
