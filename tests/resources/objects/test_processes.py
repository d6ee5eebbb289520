"""Real processes on real servers of S3's and Azure's protocols: writers at once, and kills among them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from tests.resources.objects.writers import seed_of, table_at

ROOT = Path(__file__).parents[3]
WRITERS, VERSIONS, KILLS = 8, 4, 3


def test_eight_writers_and_kills_lose_no_version_and_tear_none(any_address: str) -> None:
    draw = random.Random(7)
    command = [sys.executable, "-m", "tests.resources.objects.writers", any_address, str(WRITERS), str(VERSIONS)]
    told: list[tuple[int, str]] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])},
    ) as writers:
        assert writers.stdout is not None
        left: dict[int, int] = {}  # pid -> versions that it has not yet told of: only who has some can be killed
        killed = 0
        for line in writers.stdout:
            pid, *words = line.split()
            if words == ["start"]:
                left[int(pid)] = VERSIONS
                continue
            told.append((int(words[0]), words[1]))
            left[int(pid)] -= 1
            alive = [writer for writer, versions in left.items() if versions > 1]
            if killed < KILLS and alive and draw.random() < 0.4:
                os.kill(chosen := draw.choice(alive), signal.SIGKILL)
                left[chosen] = 0
                killed += 1
    assert writers.returncode == 0, "who was not killed had no error"
    assert killed == KILLS
    table = table_at(any_address)
    versions = table.versions()
    assert {version for _, version in told} <= set(versions), "what was told as published counts"
    seeds = {version: seed_of(table.at(version).read()) for version in versions}
    assert {version: seeds[version] for _, version in told} == {version: seed for seed, version in told}
    assert len(versions) - len(told) <= KILLS, "a kill between publication and telling leaves at most one each"
    assert versions == sorted(versions)
