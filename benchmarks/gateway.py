"""What the gateway costs: answers a second of several worker processes that ask a server themselves, and through `dataflow serve`; in turns.

    python -m benchmarks.gateway [--requests 4000] [--workers 2] [--in-flight 128] [--latency 0.05] [--repeat 3]

The server is tests/resources/llm/fault_server.py without faults. Each of server, gateway and workers is a process of its own, and all share this
machine's cores: with few of them the ratio is a lower bound. The last line asks everything again, which the gateway then has in its cache.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.llm_client import server
from resources.llm import LLMSettings, open_serving

_GATEWAY = "import sys; from dataflow_assets.cli import main; raise SystemExit(main(['serve', *sys.argv[1:]]))"


@contextmanager
def gateway(address: str, cache: Path, in_flight: int, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address and process, once it listens. Port 0: a free one."""
    environment = {**os.environ, "DATAFLOW_LLM_BASE_URL": address, "DATAFLOW_LLM_CACHE": str(cache)}
    command = [sys.executable, "-c", _GATEWAY, "--port", str(port), "--max-in-flight", str(in_flight)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[0], process
    finally:
        process.terminate()
        process.wait()


def work(address: str, cache: str, name: str, count: int, in_flight: int) -> None:
    """A worker: waits for a line of standard input, asks, and prints the seconds that it took."""
    serving = open_serving(LLMSettings(base_url=address, model="mock", cache_path=Path(cache), max_in_flight=in_flight))
    serving.generate_from_input([f"{name} warms up"])
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    answers = serving.generate_from_input([f"{name} asks {index}" for index in range(count)])
    assert len(answers) == count
    print(time.perf_counter() - began, flush=True)


def measured(address: str, folder: Path, name: str, options: argparse.Namespace) -> float:
    """Answers a second of all workers together, from the first question to the last answer."""
    count, in_flight = options.requests // options.workers, options.in_flight // options.workers
    workers = []
    for number in range(options.workers):
        cache = folder / f"{name}-{number}-{time.monotonic_ns()}.sqlite"
        command = [sys.executable, "-m", "benchmarks.gateway", "--work", address, str(cache), f"{name} {number}", str(count), str(in_flight)]
        workers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    seconds = [float(worker.communicate()[0]) for worker in workers]
    return count * options.workers / max(seconds)


def processor_seconds(process: subprocess.Popen[str]) -> float:
    """Of the process until now, as Linux counts them."""
    after_the_name = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_the_name[11]) + int(after_the_name[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--in-flight", type=int, default=128, help="of all workers together")
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        address, cache, name, count, in_flight = options.work
        work(address, cache, name, int(count), int(in_flight))
        return
    direct, behind, spent = [], [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(server(options.latency))
        door, process = stack.enter_context(gateway(address, folder / "answers.sqlite", options.in_flight))
        for turn in range(options.repeat):
            direct.append(measured(address, folder, f"direct {turn}", options))
            before = processor_seconds(process)
            behind.append(measured(door, folder, f"behind {turn}", options))
            spent.append((processor_seconds(process) - before) / options.requests * 1000)
        again = measured(door, folder, f"behind {options.repeat - 1}", options)
    print(f"{options.workers} workers, {options.in_flight} in flight, {options.latency:g} s an answer: medians of {options.repeat}")
    print(f"without a gateway    {statistics.median(direct):8,.0f} answers/s")
    print(f"through the gateway  {statistics.median(behind):8,.0f} answers/s   {statistics.median(spent):6.3f} CPU ms each in the gateway")
    print(f"ratio                {statistics.median(behind) / statistics.median(direct):8.0%}")
    print(f"from its cache       {again:8,.0f} answers/s")


if __name__ == "__main__":
    main()
