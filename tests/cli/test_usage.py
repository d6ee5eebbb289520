"""dataflow usage: what language models cost, counted once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.running.stages import load_source, run_stage
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.storage import MemoryStorage
from operators.text.duplicates.semantic import SemanticDedup
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.llm import LLMSettings, open_serving
from resources.warehouse import Warehouse
from tests.cli.conftest import Dataflow
from tests.dataflow_assets.small_pipelines import Rated
from tests.resources.embeddings.embedding_server import running as running_embeddings
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


def test_answers_lie_in_the_warehouse_that_a_run_is_given(dataflow: Dataflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "gpt-4o-mini")
        for _ in range(2):
            Rated().run(documents=TEXTS, warehouse=tmp_path / "trial")
        assert server.counts.requests == len(TEXTS), "the second run found the answers of the first"
        assert (tmp_path / "trial" / ".llm" / "answers.sqlite").is_file()
        (tmp_path / "texts.jsonl").write_text("".join(f'{{"text": "{text}"}}\n' for text in TEXTS))
        dataflow("run", "tests.dataflow_assets.small_pipelines:Rated", "-i", "texts.jsonl", "-o", "kept.jsonl", "--warehouse", "trial")
        assert server.counts.requests == len(TEXTS), "the command line did not look there"
    [row] = dataflow("usage", "--warehouse", "trial", "--json").json
    assert row["calls"] == len(TEXTS)


def test_a_warehouse_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    with running() as server:
        rate(tmp_path, server.address, model="gpt-4o-mini")
    given = shutil.copytree(tmp_path / "warehouse", tmp_path / "given", ignore=shutil.ignore_patterns(".llm"))
    (given / ".llm").mkdir()
    with closing(sqlite3.connect(tmp_path / "warehouse" / ".llm" / "answers.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(tmp_path / "warehouse" / ".llm" / "answers.sqlite", given / ".llm")
    places = [given, *given.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        read = without_privileges(tmp_path, "usage", "--warehouse", "given", "--json")
        columns = ("--column", "instruction=text", "--column", "output=text")
        exported = without_privileges(tmp_path, "export", "rated.rate", "--format", "alpaca", "-o", "out", *columns, "--warehouse", "given")
    finally:
        for place in places:
            place.chmod(0o755)
    assert (read.returncode, json.loads(read.stdout)[0]["calls"]) == (0, 12), read.stderr
    assert exported.returncode == 0, exported.stderr
    assert "the warehouse given may only be read: lineage will not know" in " ".join(exported.stderr.split())
    assert len(json.loads((tmp_path / "out" / "train.json").read_text())) == 12


def without_privileges(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """The command as a user for whom permissions hold, also where root runs the tests."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv, and for root no place is read-only")
    alone = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    main = "import sys; from dataflow_assets.cli import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*alone, sys.executable, "-c", main, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


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


class CloseTexts(Pipeline):
    """Keep one of texts that mean the same."""

    expects = {"text": str}

    def __init__(self) -> None:
        self.near = SemanticDedup()

    def forward(self, documents: Handle) -> Handle:
        return self.near(documents)


def embed(folder: Path, address: str, texts: list[str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Run the stage twice with one serving; the facts of both runs."""
    import pyarrow as pa

    warehouse, plan = Warehouse(folder / "warehouse"), CloseTexts().compile()
    cache = folder / "warehouse" / ".llm" / "vectors.sqlite"
    serving = open_embeddings(EmbeddingSettings(base_url=address, model="small", texts_per_request=2, cache_path=cache))
    load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": texts})))
    facts = [run_stage(warehouse, plan, "near", {"embedding": serving}).table.run_facts() for _ in range(2)]
    return facts[0], facts[1]


def test_embedding_calls_are_on_the_asset_and_in_the_same_ledger_and_cached_ones_are_not(dataflow: Dataflow, tmp_path: Path) -> None:
    with running_embeddings() as server:
        first, again = embed(tmp_path, server.address, ["a", "bb", "ccc", "dddd", "eeeee"])
    used = first["usage"]["embedding"]
    assert (used["calls"], used["texts"], used["cached"], used["failed"]) == (3, 5, 0, 0)
    assert used["prompt_tokens"] == 15
    assert used["seconds"] > 0
    used = again["usage"]["embedding"]
    assert (used["calls"], used["texts"], used["cached"]) == (0, None, 5), "each run of a stage counts its own"
    assert first["llm_calls"] == 0
    with running() as server:
        rate(tmp_path, server.address, model="mock")
    rows = dataflow("usage", "--warehouse", "warehouse", "--json").json
    counted = {(row["pipeline"], row["stage"]): (row["calls"], row["texts"], row["prompt_tokens"]) for row in rows}
    assert counted == {("close_texts", "near"): (3, 5, 15), ("rated", "rate"): (12, 0, 240)}
    assert "texts" in dataflow("usage", "--warehouse", "warehouse").output


def test_a_ledger_of_an_earlier_version_is_shown_and_goes_on(dataflow: Dataflow, tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    with closing(sqlite3.connect(file)) as old, old:
        old.execute(
            "CREATE TABLE usage (day TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL, "
            "prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, unpriced_calls INTEGER NOT NULL, "
            "seconds REAL NOT NULL, PRIMARY KEY (day, pipeline, stage, model)) WITHOUT ROWID"
        )
        old.execute("INSERT INTO usage VALUES ('2025-01-01', 'p', 's', 'mock', 2, 40, 20, 0, 2, 1.5)")
        old.execute("PRAGMA user_version=2")
    [row] = dataflow("usage", "--file", file, "--json").json
    assert (row["calls"], row["texts"]) == (2, 0)
    with running() as server:
        open_serving(LLMSettings(base_url=server.address, model="mock", cache_path=file)).generate_from_input(["a", "b"])
    assert sum(row["calls"] for row in dataflow("usage", "--file", file, "--json").json) == 4


def test_before_any_call_it_says_where_it_looked(dataflow: Dataflow) -> None:
    said = dataflow("usage", "--warehouse", "nowhere")
    assert said.status == 1
    assert "no language model was asked yet" in said.messages


def test_answers_that_the_environment_keeps_elsewhere_are_named(dataflow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_CACHE", "all_answers.sqlite")
    said = dataflow("usage", "--warehouse", "nowhere")
    assert said.status == 1
    assert "DATAFLOW_LLM_CACHE names all_answers.sqlite" in said.messages


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
from operators.asking.usage_label import usage_label
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
