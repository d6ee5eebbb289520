"""Worker processes: equal tables, and what becomes of a run when one of its processes fails, is killed, or knows other code."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.running.stages import StageResult, load_source, run_stage
from dataflow_assets.running.workers import Workers, read_setting, workers_of_process
from operators.core.kinds import Filter
from operators.core.operator import Operator
from operators.core.sequential import Sequential
from operators.engine.processes import Processes
from operators.engine.runner import run_operator
from operators.generic.selection.sample import RandomSample
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.columns import Input
from operators.tables.errors import ParameterError, StageFailed
from operators.tables.storage import DEFAULT_BATCH_ROWS, MemoryStorage
from operators.tables.threads import usable_cores, usable_threads
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.raters.educational_value import EducationalValueEvaluator
from operators.text.rules.whole_text import WordCountFilter
from resources.warehouse import Warehouse, open_location
from tests.dataflow_assets.worker_operators import Copies, FailsTheStage, KillsItsProcess, ProcessOf, known_here

with known_here():
    """Imported, and unknown again until a test begins."""

ROWS = 4 * DEFAULT_BATCH_ROWS
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _operators() -> Iterator[None]:
    with known_here():
        yield


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2) as started:
        yield started


class OneStage(Pipeline):
    """One operator on one source."""

    name = "one_stage"
    expects = {"text": str}

    def __init__(self, operator: Operator) -> None:
        self.done = operator

    def forward(self, documents: Handle) -> Handle:
        return self.done(documents)


def texts(*special: str) -> list[str | None]:
    """Texts of which every fifth is short, some are equal, one is null, and the last are `special`."""
    made: list[str | None] = [
        f"row {row % 3000} says " + "something of its own " * (row % 5) + f"{row % 3000}" for row in range(ROWS - len(special) - 1)
    ]
    return [*made, None, *special]


def run_one(folder: Path, operator: Operator, rows: list[str | None], workers: Workers | None) -> StageResult:
    warehouse = Warehouse(folder)
    plan = OneStage(operator).compile()
    load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": pa.array(rows, pa.string())})))
    return run_stage(warehouse, plan, "done", {}, workers=workers)


def told(result: StageResult) -> dict[str, Any]:
    return {**result.report.as_dict(), "seconds": None}


@pytest.mark.parametrize(
    "operator",
    [Sequential(WordCountFilter(min_words=8), WordCountFilter(max_words=15)), ExactDedup(keep="last"), MinHashDedup(), Copies(carry="none")],
    ids=lambda operator: operator.name,
)
def test_workers_write_the_table_that_one_process_writes(tmp_path: Path, workers: Workers, operator: Operator) -> None:
    alone = run_one(tmp_path / "alone", operator, texts(), None)
    helped = run_one(tmp_path / "helped", operator, texts(), workers)
    assert helped.content_hash == alone.content_hash
    assert helped.table.rejected().read().equals(alone.table.rejected().read())
    assert told(helped) == told(alone)


def test_several_processes_work_with_one_thread_each_and_serve_stage_after_stage(tmp_path: Path, workers: Workers) -> None:
    seen = [run_one(tmp_path, ProcessOf(), texts(), workers).table.read() for _ in range(2)]
    processes = [{process for process in table.column("process").to_pylist() if process is not None} for table in seen]
    assert os.getpid() not in processes[0] | processes[1]
    assert len(processes[0] | processes[1]) <= 2, "new processes were started for the second stage"
    assert set(seen[0].column("threads").drop_null().to_pylist()) == {1}


def test_shards_gathered_are_read_by_workers_where_they_are(tmp_path: Path, workers: Workers) -> None:
    warehouse, operator = Warehouse(tmp_path), WordCountFilter(min_words=8)
    for shard, rows in {"a": texts()[:3000], "b": [], "c": texts()[3000:]}.items():
        load_source(warehouse, "p", "documents", MemoryStorage(pa.table({"text": pa.array(rows, pa.string())})), shard=shard)
    gathered = warehouse.gathered("p", "documents", ["a", "b", "c"])
    again = open_location(gathered.location() or {})
    assert again.read().equals(gathered.read())
    parts = workers.at(tmp_path).cut(gathered)
    assert pa.Table.from_batches([batch for part in parts for batch in again.rows_from(part.first, part.rows)]).equals(gathered.read())
    assert {part.first for part in parts} >= {0, 3000}, "parts end where shards end"
    kept, aside = [MemoryStorage(), MemoryStorage()], [MemoryStorage(), MemoryStorage()]
    for place, executor in enumerate((None, workers.at(tmp_path))):
        schema = gathered.schema
        with kept[place].writer(operator.schema_out(schema)) as rows_out, aside[place].writer(operator.schema_aside(schema)) as rejected:
            run_operator(operator, [gathered], rows_out, rejected, resources={}, executor=executor)
    assert kept[0].read().equals(kept[1].read())
    assert aside[0].read().equals(aside[1].read())


def test_the_part_of_a_killed_worker_is_done_again(tmp_path: Path, workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kills").write_text("once")
    result = run_one(tmp_path, KillsItsProcess(kills=str(tmp_path / "kills")), texts("kill"), workers)
    assert result.report.rows_in == ROWS == result.report.rows_out + 1
    assert "SIGKILL" in caplog.text
    assert "which is done again: process KillsItsProcess on rows 6,145 to 8,192" in caplog.text


def test_a_part_that_kills_every_worker_fails_the_stage_by_name(tmp_path: Path, workers: Workers) -> None:
    (tmp_path / "kills").write_text("1\n2\n3")
    with pytest.raises(StageFailed, match=r"ended twice \(signal SIGKILL\).*process KillsItsProcess on rows 6,145 to 8,192"):
        run_one(tmp_path, KillsItsProcess(kills=str(tmp_path / "kills")), texts("kill"), workers)
    assert run_one(tmp_path, WordCountFilter(min_words=1), texts(), workers).report.rows_in == ROWS, "the next stage has workers again"


def test_what_a_worker_raises_arrives_as_in_one_process(tmp_path: Path, workers: Workers) -> None:
    messages = []
    for helping in (None, workers):
        with pytest.raises(StageFailed) as raised:
            run_one(tmp_path, FailsTheStage(), texts("fatal"), helping)
        messages.append(str(raised.value))
    assert messages == ["one_stage.done: the text is fatal"] * 2


def test_too_many_failed_rows_are_judged_over_all_parts(tmp_path: Path, workers: Workers) -> None:
    bad = ["bad"] * (ROWS // 20)  # 5 % of all rows, 20 % of the part that they are in
    result = run_one(tmp_path, FailsTheStage(), texts(*bad), workers)
    assert result.report.failures == {"ValueError: the text is bad": len(bad)}
    messages = []
    for helping in (None, workers):
        with pytest.raises(StageFailed) as raised:
            run_one(tmp_path, FailsTheStage(), texts(*bad, "bad", "bad"), helping)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


def test_a_worker_with_other_code_is_refused(workers: Workers) -> None:
    asked = {"operator": ExactDedup().as_dict(), "modules": [ExactDedup.__module__], "fingerprint": "of other code"}
    (answer,) = workers.processes.answers(iter([asked]), str)
    assert "ExactDedup has the fingerprint" in answer["differs"]
    assert "Run again" in answer["differs"]


def test_an_operator_that_workers_cannot_import_is_run_here_and_that_is_said_once(
    tmp_path: Path, workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    class Local(Filter):
        """Keep every text."""

        input_text = Input(str)

        def keep(self, text: str) -> bool:
            return True

    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert run_one(tmp_path, Local(), texts(), workers).report.rows_out == ROWS - 1
    said = [record.getMessage() for record in caplog.records if "Local" in record.getMessage()]
    assert said == [
        "Local is run in this process alone, for a worker process cannot build it: Local is defined inside a function: "
        "move it to the top of a module."
    ]


def test_small_tables_and_operators_with_resources_are_not_for_workers() -> None:
    rows = MemoryStorage(pa.table({"row_id": ["1"], "text": ["a text"]}))
    assert not Workers("auto").take(WordCountFilter(), [rows])
    assert not Workers(1).take(WordCountFilter(), [rows])
    assert not Workers(2).take(EducationalValueEvaluator(), [rows])


@pytest.mark.parametrize("said", ["0", "-1", "many", 0, "1.5", "1025", 10**9, "9" * 5000])
def test_a_number_of_workers_that_is_none_is_refused(said: str | int) -> None:
    with pytest.raises(ParameterError, match="number of processes"):
        read_setting(said)


def test_the_environment_says_how_many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_setting(None) == "auto"
    monkeypatch.setenv("DATAFLOW_WORKERS", "3")
    assert (read_setting(None), read_setting("2"), read_setting("auto")) == (3, 2, "auto")
    monkeypatch.setenv("DATAFLOW_THREADS", "5")
    assert Workers("auto").count == 5
    monkeypatch.setenv("DATAFLOW_WORKERS", "some")
    with pytest.raises(ParameterError, match=r'DATAFLOW_WORKERS is "some"'):
        read_setting(None)


@pytest.mark.parametrize("said", ["0", "many", "1025", "9" * 5000])
def test_a_number_of_threads_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_THREADS", said)
    with pytest.raises(ParameterError, match="number of threads"):
        usable_threads()


def test_no_more_processes_start_than_there_is_work_for() -> None:
    asked = {"operator": ExactDedup().as_dict(), "modules": [ExactDedup.__module__], "fingerprint": ExactDedup().fingerprint()}
    processes = Processes(1000, "dataflow_assets.running.worker")
    assert list(processes.answers(itertools.repeat(asked, 3), str)) == [{"ready": True}] * 3
    assert len(processes.started) <= max(usable_cores(), 3)
    processes.close()


def test_stages_of_one_process_share_their_workers() -> None:
    assert workers_of_process(3) is workers_of_process(3)


def test_workers_whose_answers_nobody_waits_for_are_ended(tmp_path: Path, workers: Workers) -> None:
    """As after an error, or an interrupt from the keyboard, in the middle of a stage."""
    asked = {"operator": ExactDedup().as_dict(), "modules": [ExactDedup.__module__], "fingerprint": ExactDedup().fingerprint()}
    processes = Processes(2, "dataflow_assets.running.worker")
    answers = processes.answers(itertools.repeat(asked, 100), str)
    assert next(answers) == {"ready": True}
    numbers = [process.number for process in processes.started]
    processes.close()
    answers.close()
    assert len(numbers) == 2
    assert eventually(lambda: not any(is_running(number) for number in numbers))


PARENT = """
import sys
from pathlib import Path
from dataflow_assets.running.workers import Workers
from tests.dataflow_assets.test_workers import run_one, texts
from tests.dataflow_assets.worker_operators import Sleeps, known_here
with known_here(), Workers(2) as workers:
    run_one(Path(sys.argv[1]), Sleeps(seen=sys.argv[2]), texts(), workers)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them(tmp_path: Path, end: signal.Signals) -> None:
    (tmp_path / "seen").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "warehouse"), str(tmp_path / "seen")], env=environment, cwd=ROOT)
    assert eventually(lambda: len(list((tmp_path / "seen").iterdir())) == 2), "two workers are in the middle of a part"
    at_work = [int(file.name) for file in (tmp_path / "seen").iterdir()]
    parent.send_signal(end)
    parent.wait(timeout=60)
    assert eventually(lambda: not any(is_running(process) for process in at_work))


def eventually(true: Any) -> bool:
    until = time.monotonic() + 120
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_rank_filters_are_combined_here_and_applied_by_workers(tmp_path: Path, workers: Workers) -> None:
    assert not RandomSample(share=0.5).sketches
    alone = run_one(tmp_path / "alone", RandomSample(share=0.5), texts(), None)
    assert run_one(tmp_path / "helped", RandomSample(share=0.5), texts(), workers).content_hash == alone.content_hash
