"""Processes of one machine that ask one server divide its rate among them, and whoever is killed takes no part."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resources.llm.engine.rate_limits import RateLimits
from resources.llm.engine.rate_share import RateShare
from tests.resources.llm.conftest import MakeServing, StartServer

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from resources.llm.engine.rate_share import RateShare
with RateShare(Path(sys.argv[1])).held():
    print("holds", flush=True)
    time.sleep(60)
"""


def test_who_holds_is_counted_and_who_was_killed_is_not(tmp_path: Path) -> None:
    with RateShare(tmp_path).held():
        process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        assert RateShare(tmp_path).count() == 2
        process.kill()
        process.wait()
        assert RateShare(tmp_path).count() == 1
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())
    assert RateShare(tmp_path).count() == 1


def test_sessions_of_one_process_take_one_part(tmp_path: Path) -> None:
    share = RateShare(tmp_path)
    with share.held():
        with share.held():
            assert RateShare(tmp_path).count() == 1
        assert RateShare(tmp_path).count() == 1
    assert not list(tmp_path.iterdir())


def test_with_two_who_hold_each_waits_twice_as_long(tmp_path: Path) -> None:
    def waited(limits: RateLimits) -> float:
        return max(limits.reserve(400)[0] for _ in range(300))

    alone, shared = RateLimits(rpm=600, tpm=None), RateLimits(rpm=600, tpm=None)
    shared.share = RateShare(tmp_path)
    with RateShare(tmp_path).held(), shared.share.held():
        assert 1.8 < waited(shared) / waited(alone) < 2.2


def test_two_servings_with_the_same_answers_keep_one_rate(start_server: StartServer, make_serving: MakeServing) -> None:
    """100 questions at 20 a second, of which 40 may go at once, take some 3 seconds, and longer on a slow machine; each with the rate alone 1.5."""
    server = start_server()
    servings = [make_serving(server.address, rpm=1200, max_in_flight=1) for _ in range(2)]
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: servings[each].generate_from_input([f"{each} asks {index}" for index in range(50)]), range(2)))
    assert time.monotonic() - began >= 2.4
    assert server.counts.requests == 100
