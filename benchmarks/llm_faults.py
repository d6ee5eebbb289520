"""The engine against a server with the faults of real ones, and whether its concurrency finds what the server can take.

    python -m benchmarks.llm_faults [--requests 3000] [--fixed 20,30,40,50,60]

The faults: 5 % 503, 2 % 429 with Retry-After, 1 % connection reset, 1 % malformed JSON, 0.5 % stalls of 60 s, and 503 above 40 requests at once
(a stalled one keeps its place at the server for the whole minute, so that the true capacity shrinks while the run lasts).
The engine may have 256 in flight and must find the 40; then the same with a fixed number, to see what the best one would have brought. A request
that stalls costs its timeout (2 s here) in each.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path

from operators.asking.answers import Failure
from operators.asking.requests import Request
from resources.llm import LLMSettings
from resources.llm.backends.openai_compatible import OpenAICompatibleBackend
from resources.llm.engine.serving import Serving
from tests.resources.llm.fault_server import Faults, running

CAPACITY = 40
FAULTS = {"unavailable": 0.05, "rate_limited": 0.02, "retry_after": "0.2", "reset": 0.01, "malformed": 0.01, "stalled": 0.005, "stall_seconds": 60.0}


def measure(count: int, max_in_flight: int, folder: Path, fixed: bool) -> str:
    """One run, with a fresh server and cache. `fixed`: the number in flight stays, whatever the server says."""
    with running(Faults(latency=0.1, capacity=CAPACITY, **FAULTS)) as server:  # type: ignore[arg-type]
        settings = LLMSettings(base_url=server.address, model="m", max_in_flight=max_in_flight, timeout=2.0)
        serving = Serving(OpenAICompatibleBackend(settings), settings, folder / f"answers-{time.monotonic_ns()}.sqlite")
        reasons: Counter[str] = Counter()
        limits: list[float] = []

        async def ask() -> int:
            async with serving.session() as session:
                limiter = session._caller._limiter
                if fixed:
                    limiter.limit = max_in_flight
                    limiter.report = lambda period, refused: False  # type: ignore[method-assign]
                async for answer in session.stream(Request.of(f"q {index}") for index in range(count)):
                    limits.append(limiter.limit)
                    if isinstance(answer, Failure):
                        reasons[answer.kind] += 1
                return session.usage.retried

        started = time.perf_counter()
        retried = asyncio.run(ask())
        seconds = time.perf_counter() - started
        settled = sorted(limits[len(limits) // 2 :])
        refused = server.counts.statuses[503]
    answered, median = count - sum(reasons.values()), settled[len(settled) // 2]
    return (
        f"{'fixed at' if fixed else 'adaptive, at most'} {max_in_flight}: {answered / seconds:.0f} answers/s, {answered}/{count} answered, "
        f"set aside: {dict(reasons) or 'none'}; {retried} retries, {refused} times 503"
        + ("" if fixed else f"; limit in the second half {settled[0]:.0f} to {settled[-1]:.0f}, median {median:.0f}")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--fixed", default="20,30,40,50,60")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(measure(options.requests, 256, Path(folder), fixed=False), flush=True)
        for most in options.fixed.split(","):
            print(measure(options.requests, int(most), Path(folder), fixed=True), flush=True)


if __name__ == "__main__":
    main()
