"""dataflow usage: what language models cost, counted once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.stages import load_source, run_stage
from operators.core.storage import MemoryStorage
from resources.llm import LLMSettings, open_serving
from resources.warehouse import Warehouse
from tests.cli.conftest import Dataflow
from tests.dataflow_assets.small_pipelines import Rated
from tests.resources.llm.fault_server import running

ROOT = Path(__file__).parents[2]
TEXTS = [f"text number {number}" for number in range(12)]


def rate(folder: Path, address: str, texts: list[str] = TEXTS, **settings: Any) -> Mapping[str, Any]:
    """Rate texts in a warehouse; the facts that the stage's run recorded."""
    import pyarrow as pa

    warehouse, plan = Warehouse(folder / "warehouse"), Rated().compile()
    serving = open_serving(LLMSettings(base_url=address, cache_path=folder / "warehouse" / ".llm" / "answers.sqlite", **settings))
    load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": texts})))
    for stage in ("clean", "long_enough", "rate"):
        run_stage(warehouse, plan, stage, {"llm": serving})
    return warehouse.table(plan.name, "rate").current().run_facts()


def test_paid_calls_are_counted_by_pipeline_stage_and_model_and_cached_ones_never_again(dataflow: Dataflow, tmp_path: Path) -> None:
    with running() as server:
        for _ in range(2):
            facts = rate(tmp_path, server.address, model="gpt-4o-mini")
        rate(tmp_path, server.address, model="mock", texts=TEXTS[:3])
    assert (facts["llm_calls"], facts["llm_cached"]) == (0, 12)
    [row] = dataflow("usage", "--warehouse", "warehouse", "--json").json
    assert (row["pipeline"], row["stage"], row["calls"], row["unpriced_calls"]) == ("rated", "rate", 15, 3)
    by_model = {row["model"]: row for row in dataflow("usage", "--by", "model", "--warehouse", "warehouse", "--json").json}
    assert by_model["gpt-4o-mini"]["cost_usd"] == pytest.approx(12 * (20 * 0.15 + 10 * 0.60) / 1e6)
    assert (by_model["gpt-4o-mini"]["prompt_tokens"], by_model["gpt-4o-mini"]["completion_tokens"]) == (240, 120)
    assert (by_model["mock"]["calls"], by_model["mock"]["cost_usd"]) == (3, None)
    [day] = dataflow("usage", "--by", "day", "--warehouse", "warehouse", "--json").json
    assert day["day"] == time.strftime("%Y-%m-%d", time.gmtime())
    shown = dataflow("usage", "--warehouse", "warehouse").output
    assert "3 calls unknown" in shown
    assert "15 paid calls, $0.0001 at list prices; 3 calls of unknown price" in shown
    assert dataflow("usage", "--since", "2999-01-01", "--warehouse", "warehouse", "--json").json == []


def test_without_the_cache_calls_are_counted_all_the_same(dataflow: Dataflow, tmp_path: Path) -> None:
    with running() as server:
        for _ in range(2):
            rate(tmp_path, server.address, model="mock", cache=False)
        assert server.counts.requests == 24
    [row] = dataflow("usage", "--warehouse", "warehouse", "--json").json
    assert row["calls"] == 24


def test_the_asset_tells_latency_and_tokens_per_second(tmp_path: Path) -> None:
    with running() as server:
        usage = rate(tmp_path, server.address, model="mock")["usage"]["llm"]
    assert usage["latency_p95"] >= usage["latency_p50"] > 0
    assert usage["tokens_per_second"] > 0


def test_before_any_call_it_says_where_it_looked(dataflow: Dataflow) -> None:
    said = dataflow("usage", "--warehouse", "nowhere")
    assert said.status == 1
    assert "no language model was asked yet" in said.messages


def test_what_is_no_day_or_no_file_of_answers_is_said(dataflow: Dataflow, tmp_path: Path) -> None:
    assert dataflow("usage", "--since", "yesterday").status == 2
    (tmp_path / "notes.txt").write_text("no database" * 100)
    said = dataflow("usage", "--file", "notes.txt")
    assert said.status == 1
    assert "notes.txt does not hold the answers" in said.messages


CODE = """
import sys
from pathlib import Path
from resources.llm import LLMSettings, open_serving
from resources.llm.usage_label import usage_label
with usage_label("demo", "ask"):
    open_serving(LLMSettings(base_url=sys.argv[1], model="mock", cache_path=Path(sys.argv[2]), max_in_flight=8)).generate_from_input(
        [f"question {i}" for i in range(150)])
"""


def test_after_kills_the_ledger_holds_each_kept_answer_once(dataflow: Dataflow, tmp_path: Path) -> None:
    cache, draw = tmp_path / "answers.sqlite", random.Random(3)
    with running() as server:
        server.faults.latency = 0.02

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen([sys.executable, "-c", CODE, server.address, str(cache)], cwd=ROOT, start_new_session=True)

        for _ in range(2):
            process, target = start(), server.counts.requests + draw.randrange(15, 60)
            while server.counts.requests < target and process.poll() is None:
                time.sleep(0.002)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert start().wait(60) == 0
    [row] = dataflow("usage", "--file", cache, "--json").json
    assert (row["pipeline"], row["stage"], row["calls"], row["prompt_tokens"]) == ("demo", "ask", 150, 150 * 20)
