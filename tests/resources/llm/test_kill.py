"""kill -9 at a random moment: no answer that came back is asked for again, and the end is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.resources.llm.conftest import StartServer

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("DATAFLOW_TEST_KILLS", "3"))
"""In a row. DATAFLOW_TEST_KILLS=20 is the long form of this test."""
QUESTIONS = 100 * KILLS
IN_FLIGHT = 16
CODE = f"""
import hashlib, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
from resources.llm import LLMSettings, open_serving
settings = LLMSettings(base_url=sys.argv[1], model="mock", cache_path=Path(sys.argv[2]), max_in_flight={IN_FLIGHT})
answers = open_serving(settings).generate_from_input([f"question {{i}}" for i in range({QUESTIONS})])
print(hashlib.sha256("".join(answer.text for answer in answers).encode()).hexdigest())
"""


def start(address: str, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", CODE, address, str(cache)], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_a_killed_run_pays_again_only_for_the_calls_in_flight(start_server: StartServer, tmp_path: Path) -> None:
    server, draw = start_server(latency=0.02), random.Random(0)
    for _ in range(KILLS):
        process = start(server.address, tmp_path / "answers.sqlite")
        target = server.counts.requests + draw.randrange(10, 70)
        while server.counts.requests < target and process.poll() is None:
            time.sleep(0.002)
        assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    finished, _ = start(server.address, tmp_path / "answers.sqlite").communicate(timeout=60)
    assert server.counts.requests <= QUESTIONS + KILLS * IN_FLIGHT
    assert len(server.counts.answered) == QUESTIONS
    uninterrupted, _ = start(server.address, tmp_path / "other.sqlite").communicate(timeout=60)
    assert finished == uninterrupted != ""


def test_ctrl_c_ends_a_run_promptly_and_keeps_its_answers(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(latency=0.2)
    process = start(server.address, tmp_path / "answers.sqlite")
    while server.counts.requests < 60 and process.poll() is None:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    start(server.address, tmp_path / "answers.sqlite").communicate(timeout=60)
    assert server.counts.requests <= QUESTIONS + IN_FLIGHT
