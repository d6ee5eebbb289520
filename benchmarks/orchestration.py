"""What Dagster costs a stage: CPU and wall seconds beyond the operator's own work, on the instance that this project ships.

    python benchmarks/orchestration.py                    10 and 100 stages in one process; the job and the definitions as a user starts them
    python benchmarks/orchestration.py --partitions 100   and a backfill of 100 partitions of 10 stages each

Times are those of a quiet machine: the smallest of three runs counts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = 20
RUNS = 3

CHAIN = '''
"""Stages that do next to nothing, one after the other."""

import os

from dataflow_assets.component import PipelineComponent
from dataflow_assets.definitions import with_shared_definitions
from operators.pipeline.pipeline import Pipeline
from operators.text.rules.whole_text import WordCountFilter

STAGES = int(os.environ["STAGES"])


class Chain(Pipeline):
    """Trivial stages."""

    expects = {"text": str}

    def __init__(self) -> None:
        for number in range(STAGES):
            setattr(self, f"stage{number}", WordCountFilter(min_words=1))

    def forward(self, documents):
        for number in range(STAGES):
            documents = getattr(self, f"stage{number}")(documents)
        return documents


partitions = {"partitions": {"source": "documents", "by": "file"}} if "PARTITIONS" in os.environ else {}
component = PipelineComponent(pipeline="chain_of_stages:Chain", source=os.environ["SOURCE"], **partitions)
defs = with_shared_definitions(component.definitions())
'''

IN_PROCESS = """
import json, time
import dagster as dg
from chain_of_stages import Chain, STAGES, defs
from operators.tables.storage import MemoryStorage
from operators.text.rules.whole_text import WordCountFilter

job, instance = defs.resolve_job_def("chain"), dg.DagsterInstance.get()
rows = [{"text": f"one two three {number}"} for number in range(%d)]


def measured(work):
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def run():
    assert job.execute_in_process(instance=instance).success


def operators():
    for _ in range(STAGES):
        WordCountFilter(min_words=1).run(rows)


run(), operators()
whole = min(measured(run) for _ in range(%d))
own = min(measured(operators) for _ in range(%d))
print(json.dumps([(whole[0] - own[0]) / (STAGES + 1), (whole[1] - own[1]) / (STAGES + 1)]))
"""

LOAD = """
import time
import dagster, dataflow_assets.component, dataflow_assets.definitions
started, cpu = time.perf_counter(), time.process_time()
from dataflow_assets.definitions import defs
loaded = defs()
print(time.process_time() - cpu, time.perf_counter() - started)
"""


def in_home(home: Path, stages: int, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    unset = ("DATAFLOW_WAREHOUSE", "DAGSTER_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {
        "DAGSTER_HOME": str(home),
        "DATAFLOW_WAREHOUSE": str(home / "warehouse"),
        "STAGES": str(stages),
        "SOURCE": str(home / "rows.jsonl"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{home}",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        **more,
    }
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def line(what: str, cpu: float, wall: float) -> str:
    return f"{what:<44}{cpu:>10.3f}{wall:>10.3f}"


def new_home(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "dagster.yaml", folder / "dagster.yaml")
    (folder / "chain_of_stages.py").write_text(CHAIN)
    (folder / "rows.jsonl").write_text("".join(json.dumps({"text": f"one two three {number}"}) + "\n" for number in range(ROWS)))
    return folder


def backfill(home: Path, partitions: int) -> float:
    """Seconds for all partitions of 10 stages, each partition a run of its own in one process, as a backfill by `dataflow partitions` does it."""
    shards = home / "shards"
    shards.mkdir()
    for number in range(partitions):
        (shards / f"shard{number:03d}.jsonl").write_text("".join(json.dumps({"text": f"one two {number} {row}"}) + "\n" for row in range(ROWS)))
    code = """
import os, time
import dagster as dg
from chain_of_stages import component, defs
instance = dg.DagsterInstance.get()
names = sorted(component.deployment().partitions.files())
instance.add_dynamic_partitions("chain_documents", names)
job = defs.resolve_job_def("chain")
started = time.perf_counter()
for name in names:
    assert job.execute_in_process(instance=instance, partition_key=name).success
print(time.perf_counter() - started)
"""
    done = in_home(home, 10, [sys.executable, "-c", code], PARTITIONS="1", SOURCE=str(shards))
    return float(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", type=int, nargs="*", default=[10, 100])
    parser.add_argument("--partitions", type=int, default=0)
    arguments = parser.parse_args()
    dagster = str(Path(sys.executable).with_name("dagster"))
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'':<44}{'CPU s':>10}{'wall s':>10}")
        for stages in arguments.stages:
            home = new_home(Path(folder) / f"stages{stages}")
            done = in_home(home, stages, [sys.executable, "-c", IN_PROCESS % (ROWS, RUNS, RUNS)])
            cpu, wall = json.loads(done.stdout.strip().splitlines()[-1])
            print(line(f"a stage of {stages}, beyond its own work", cpu, wall))
        home = new_home(Path(folder) / "job")
        runs = []
        for _ in range(RUNS):
            started, before = time.perf_counter(), cpu_of_children()
            in_home(home, 10, [dagster, "job", "execute", "-m", "chain_of_stages", "-j", "chain"])
            runs.append((cpu_of_children() - before, time.perf_counter() - started))
        print(line("dagster job execute of 10 stages", *min(runs)))
        loads = [in_home(home, 10, [sys.executable, "-c", LOAD]).stdout.split()[-2:] for _ in range(RUNS)]
        print(line("definitions of all shipped pipelines", *min((float(cpu), float(wall)) for cpu, wall in loads)))
        if arguments.partitions:
            home = new_home(Path(folder) / "partitions")
            print(f"{f'backfill of {arguments.partitions} partitions x 10 stages':<44}{'':>10}{backfill(home, arguments.partitions):>10.1f}")


if __name__ == "__main__":
    main()
