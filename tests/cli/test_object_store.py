"""Commands, pipelines and assets on a warehouse of an object store: they say and make the same as in a folder. On real servers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from operators.core.resources import open_table
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.plain_text import NormalizeSpaces
from operators.text.rules.whole_text import WordCountFilter
from resources.llm.answers.paths import answers_beside, answers_file
from resources.warehouse import Warehouse, open_location
from tests.cli.conftest import Dataflow
from tests.cli.test_shards import pages  # noqa: F401 (a fixture)
from tests.dataflow_assets.sharded_pipelines import definitions, write_shard
from tests.resources.objects.conftest import _ended_sessions, address, any_address, azure_endpoint, endpoint, google_endpoint  # noqa: F401 (fixtures)

VARIES = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}|[0-9.]+ (?:ms|s|m?s)\b|\d{4}-\d\d-\d\d[ T][0-9:.]+|[0-9,.]+ [kMG]?B")

VARYING = ("made", "made_by_run", "versions", "bytes")
"""Bytes: of Arrow, where a column without nulls may have a bitmap that says so, or none."""


class Greet(Pipeline):
    """Trim, and drop the short ones."""

    def __init__(self) -> None:
        self.trim = NormalizeSpaces()
        self.long = WordCountFilter(min_words=3)

    def forward(self, greetings: Any) -> Any:
        return self.long(self.trim(greetings))


def rows(path: Path) -> Path:
    texts = [f"good  morning to number {number}" if number % 3 else "hi" for number in range(12)]
    path.write_text("".join(json.dumps({"row_id": f"g{number}", "text": text}) + "\n" for number, text in enumerate(texts)))
    return path


def without_what_varies(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_what_varies(inner) for key, inner in value.items() if "second" not in key and key not in VARYING}
    if isinstance(value, list):
        return [without_what_varies(inner) for inner in value]
    return VARIES.sub("...", value) if isinstance(value, str) else None if isinstance(value, float) else value


def test_every_command_says_the_same_as_of_a_folder(dataflow: Dataflow, greetings_file: Path, tmp_path: Path, any_address: str) -> None:  # noqa: F811
    source = rows(tmp_path / "rows.jsonl")
    said: dict[str, list[Any]] = {}
    for root in ("folder-of-tables", any_address):
        for minimum in (3, 30):
            done = dataflow(
                *("run", f"{greetings_file}:Greetings", "-i", source, "-o", "out.jsonl", "--warehouse", root),
                *("--set", f"min_characters={minimum}", "--rejected", "rejected.jsonl", "--json"),
            )
            assert done.status == 0, done.messages
        kept = [(tmp_path / name).read_text() for name in ("out.jsonl", "rejected.jsonl")]
        asked = [
            ("tables", "--json"),
            ("tables", "--versions", "--json"),
            ("report", "greetings", "--json"),
            ("sql", "select text, length from greetings.measure order by row_id", "--json"),
            ("sql", "select rejected_by, count(*) n from greetings.long__rejected group by all order by all", "--json"),
            ("trace", "g3", "--json"),
            ("diff", "greetings.long", "--json"),
            ("lineage", "greetings.measure.length", "--json"),
            ("export", "greetings.long", "--format", "hugging_face", "--output", "set", "--json"),
            ("gc", "--keep", "1", "--json"),
        ]
        answers = [dataflow(*command, "--warehouse", root) for command in asked]
        said[root] = [kept, *[(answer.status, _json(answer.output)) for answer in answers[:-1]]]
        gone = answers[-1].json
        counts = {kind: len(gone[kind]) for kind in ("removed", "young", "in_use")}
        assert counts["removed" if root == "folder-of-tables" else "young"] == 4, gone
    here, there = (without_what_varies(json.loads(json.dumps(said[root]).replace(root, "ROOT"))) for root in said)
    for one, other in zip(here, there, strict=True):
        assert one == other
    assert [(command, status) for command, (status, _) in zip(asked, said[any_address][1:], strict=False) if status] == []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def test_shards_are_run_asked_and_dropped(dataflow: Dataflow, pages: Path, any_address: str) -> None:  # noqa: F811
    done = dataflow("run", "pages.py:Pages", "-i", "pages", "-o", "out.jsonl", "--shards", "documents", "--warehouse", any_address, "--json")
    assert [report["rows_out"] for report in done.json] == [9, 9, 6, 4]
    kept = dataflow("sql", "select shard, count(*) as n from pages.quality group by all order by 1", "--warehouse", any_address, "--json").json
    assert kept == [{"shard": f"pages-{number}", "n": 2} for number in range(3)]
    Warehouse(any_address).table("pages", "clean", "pages-0").drop()
    assert dataflow("sql", "select distinct shard from pages.clean order by 1", "--warehouse", any_address, "--json").json[0] == {"shard": "pages-1"}


def test_a_pipeline_keeps_its_tables_there_and_another_reads_them_by_name(
    any_address: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = Greet().run(rows(tmp_path / "rows.jsonl"), warehouse=any_address, progress=False)
    assert result.table.num_rows == 8
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", any_address)
    again = WordCountFilter(min_words=2).run("greet.long")
    assert again.table.num_rows == 8
    table = open_table("greet.long")
    assert open_location(table.location() or {}).read().equals(table.read())


def test_assets_shards_and_peoples_own_assets(
    any_address: str,  # noqa: F811
    tmp_path: Path,
    dataflow: Dataflow,
) -> None:
    for name in ("a", "b"):
        write_shard(tmp_path / "in", name, f"a longer  text of {name}", "on every page")

    @dg.asset(key=["sharded_text", "own"], ins={"table": dg.AssetIn(key=["mine", "first"])})
    def own(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(double=table.n * 2)

    @dg.asset(key=["mine", "first"])
    def first() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2, 3]})

    defined = definitions(str(tmp_path / "in"), any_address)
    resources = defined.resources or {}
    assert dg.materialize([first, own], resources=dict(resources)).success
    assert Warehouse(any_address).table("sharded_text", "own").read_pandas().double.tolist() == [2, 4, 6]
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("sharded_text_documents", ["a", "b"])
        job = next(job for job in defined.resolve_all_job_defs() if job.name == "sharded_text")
        for name in ("a", "b"):
            assert job.execute_in_process(instance=instance, partition_key=name).success
    assert Warehouse(any_address).gathered("sharded_text", "documents").count_rows() == 4


def test_the_answers_of_models_stay_on_this_machine(any_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("DATAFLOW_LOCAL", str(tmp_path / "local"))
    monkeypatch.delenv("DATAFLOW_LLM_CACHE", raising=False)
    with answers_beside(any_address):
        assert answers_file().is_relative_to(tmp_path / "local")


@pytest.mark.parametrize("command", [("tables",), ("sql", "select 1"), ("report", "web"), ("gc",)])
def test_a_mistake_in_the_address_is_a_sentence(dataflow: Dataflow, command: tuple[str, ...]) -> None:
    said = dataflow(*command, "--warehouse", "s3://key:secret@bucket/x")
    assert said.status == 1
    assert "Traceback" not in said.messages
    assert "environment variables" in said.messages
    assert "secret@" not in said.messages


def test_doctor_looks_at_the_store(dataflow: Dataflow, any_address: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from dataflow_assets.cli.health import warehouse

    monkeypatch.setenv("DATAFLOW_WAREHOUSE", any_address)
    (finding,) = warehouse()
    assert (finding.state, finding.subject) == ("ok", "warehouse")
    for variable in ("AWS_ENDPOINT_URL", "AZURE_ENDPOINT", "GOOGLE_BASE_URL"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    (finding,) = warehouse()
    assert finding.state == "broken"
