"""What the LLM engine costs: requests a second against the bare HTTP client in the same run, with cache and accounting on; then the warm cache.

    python -m benchmarks.llm_client [--requests 5000] [--in-flight 256] [--latency 0.1] [--repeat 3]

The server is tests/resources/llm/fault_server.py without faults, in a process of its own; floor and engine take turns, medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from operators.asking.answers import Completion
from operators.asking.requests import Request
from resources.llm import LLMSettings
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.engine.serving import Serving


@contextmanager
def server(latency: float) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.resources.llm.fault_server", "--latency", str(latency)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


async def floor(address: str, count: int, in_flight: int) -> None:
    """Bare aiohttp behind a semaphore: no cache, no accounting, no retries."""
    places = asyncio.Semaphore(in_flight)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def one(index: int) -> str:
            body = {"model": "m", "messages": [{"role": "user", "content": f"q {index}"}]}
            async with places, session.post(f"{address}/v1/chat/completions", json=body) as response:
                return str((await response.json())["choices"][0]["message"]["content"])

        await asyncio.gather(*[one(index) for index in range(count)])


async def engine(serving: Serving, count: int) -> None:
    answered = 0
    async with serving.session() as session:
        async for answer in session.stream(Request.of(f"q {index}") for index in range(count)):
            answered += isinstance(answer, Completion)
    assert answered == count, f"{answered} of {count} answered"


def measured(run: Callable[[], Awaitable[None]], count: int) -> tuple[float, float]:
    """Requests a second, and milliseconds of processor time in this process a request."""

    async def main() -> None:
        await run()

    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(main())
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    count, results = options.requests, dict[str, list[tuple[float, float]]]()
    with server(options.latency) as address, tempfile.TemporaryDirectory() as folder:
        for turn in range(options.repeat):
            settings = LLMSettings(base_url=address, model="m", max_in_flight=options.in_flight)
            serving = Serving(OpenAICompatibleBackend(settings), settings, Path(folder) / f"answers-{turn}.sqlite")
            for name, run in (
                ("floor: bare aiohttp", lambda: floor(address, count, options.in_flight)),
                ("engine", lambda: engine(serving, count)),  # noqa: B023 - called at once
                ("engine, warm cache", lambda: engine(serving, count)),  # noqa: B023
            ):
                results.setdefault(name, []).append(measured(run, count))
    medians = {name: tuple(statistics.median(values) for values in zip(*runs, strict=True)) for name, runs in results.items()}
    for name, (rate, cpu) in medians.items():
        print(f"{name:22} {rate:8,.0f} answers/s   {cpu:6.3f} CPU ms each")
    print(f"engine / floor         {medians['engine'][0] / medians['floor: bare aiohttp'][0]:8.0%}")


if __name__ == "__main__":
    main()
