"""vLLM itself, on a CPU: the offline engine and the server that `dataflow serve vllm` starts. Run by scripts/test-vllm, not by the default suite."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.asking.answers import Completion, Failure, TokenLogProbabilities, Usage, Weighed
from operators.asking.requests import GivenText, Request, Sampling
from operators.asking.serving import LLMServing
from resources.llm.engine.serving import Serving
from resources.llm.settings.language_model import LLMSettings

MODEL = os.environ.get("DATAFLOW_TEST_VLLM_MODEL", "")

pytestmark = pytest.mark.skipif(not MODEL, reason="needs vLLM and DATAFLOW_TEST_VLLM_MODEL: run scripts/test-vllm")

COLOUR = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green", "blue"]}, "shade": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["colour", "shade"],
    "additionalProperties": False,
}
REQUESTS = [Request.of(f"Name the colour of thing number {number}.", sampling=Sampling(max_tokens=40), json_schema=COLOUR) for number in range(20)]


def fits(text: str) -> bool:
    answer = json.loads(text)
    return answer.keys() == {"colour", "shade"} and answer["colour"] in ("red", "green", "blue") and 0 <= answer["shade"] <= 9


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    from resources.llm.backends.vllm_offline import open_vllm

    settings = LLMSettings(cache_path=tmp_path_factory.mktemp("offline") / "answers.sqlite")
    return open_vllm(MODEL, settings, max_model_len=1024, dtype="float32", enforce_eager=True, max_num_seqs=16)


COMPUTED_BY_TRANSFORMERS = {
    GivenText("The capital of France is Paris."): [-11.538, -0.338, -2.441, -0.452, -0.258, -0.380],
    GivenText(" is Paris.", "The capital of France"): [-0.452, -0.258, -0.380],
    GivenText(" 日本語", "x 🎉🎉"): [-9.137, -4.129, -2.015, -3.555, -1.864, -4.084, -1.942],
}


def weigh_all(serving: LLMServing) -> None:
    async def ask() -> list[Weighed]:
        async with serving.session() as session:
            return list(await asyncio.gather(*map(session.log_probabilities, COMPUTED_BY_TRANSFORMERS)))

    for weighed, computed in zip(asyncio.run(ask()), COMPUTED_BY_TRANSFORMERS.values(), strict=True):
        assert isinstance(weighed, TokenLogProbabilities), weighed
        assert weighed.values == pytest.approx(computed, abs=0.03)


def test_the_offline_engine_weighs_a_given_text_as_transformers_does(offline: Serving) -> None:
    weigh_all(offline)


def test_the_offline_engine_answers_a_whole_stage_in_one_batch_within_the_schema_and_never_twice(offline: Serving) -> None:
    from resources.llm.backends import vllm_offline

    serving = offline
    batches: list[int] = []
    compute = vllm_offline.VLLMConnection._answer

    def counted(connection: vllm_offline.VLLMConnection, requests: list[Request]) -> list[object]:
        batches.append(len(requests))
        return compute(connection, requests)  # type: ignore[return-value]

    vllm_offline.VLLMConnection._answer = counted  # type: ignore[method-assign, assignment]

    async def answers(requests: list[Request]) -> tuple[list[Completion | Failure], Usage]:
        async with serving.session() as session:
            return [answer async for answer in session.stream(requests)], session.usage

    try:
        first, usage = asyncio.run(answers(REQUESTS))
        assert all(isinstance(answer, Completion) and fits(answer.text) for answer in first), first
        assert batches == [20]
        assert usage.calls == 20
        assert usage.completion_tokens > 20
        again, usage = asyncio.run(answers(REQUESTS))
        assert [a.text for a in again if isinstance(a, Completion)] == [a.text for a in first if isinstance(a, Completion)]
        assert (usage.calls, usage.cached, len(batches)) == (0, 20, 1)

        words = "word " * 3000
        mixed, usage = asyncio.run(answers([Request.of(words), Request.of("What is the capital of France?")]))
        assert isinstance(mixed[0], Failure), mixed
        assert mixed[0].kind == "bad_request"
        assert isinstance(mixed[1], Completion), mixed
        assert "Paris" in mixed[1].text
    finally:
        vllm_offline.VLLMConnection._answer = compute  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("vllm") / "log").open("w+")
    command = [
        sys.executable,
        "-c",
        "from dataflow_assets.cli import main; main()",
        "serve",
        "vllm",
        MODEL,
        "--port",
        str(port),
        "--max-model-len",
        "1024",
    ]
    command += ["--name", "smollm2", "--", "--dtype", "float32", "--enforce-eager", "--max-num-seqs", "16"]
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 420
        while True:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)
                break
            except OSError:
                log.seek(0)
                assert process.poll() is None, log.read()[-3000:]
                assert time.monotonic() < deadline, log.read()[-3000:]
                time.sleep(1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        log.close()


def test_the_server_that_the_command_starts_answers_within_the_schema(server: str, tmp_path: Path) -> None:
    from resources.llm import open_serving

    serving = open_serving(LLMSettings(base_url=server, cache_path=tmp_path / "answers.sqlite"))
    answers = serving.generate_from_input(["Name a colour.", "Name another colour."], json_schema=COLOUR, max_tokens=40)
    assert all(isinstance(answer, Completion) and fits(answer.text) and answer.model == "smollm2" for answer in answers), answers


def test_the_server_weighs_a_given_text_as_transformers_does(server: str, tmp_path: Path) -> None:
    from resources.llm import open_serving

    weigh_all(open_serving(LLMSettings(provider="vllm", base_url=server, cache_path=tmp_path / "answers.sqlite")))
