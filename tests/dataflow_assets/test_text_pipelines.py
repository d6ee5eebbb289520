"""The shipped text pipelines with a language model, deployed as in their defs.yaml: from the source to the exported file, with scripted answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from dataflow_assets.component import PipelineComponent
from dataflow_assets.resources import WarehouseResource
from operators.core.serving import Request
from tests.scripted_serving import ScriptedServing, smallest_answer

DEFS = Path(__file__).parents[2] / "dataflow_assets" / "defs"
SENTENCES = "It was found {} years ago by people who kept careful notes. They wrote what they saw in the {} valley, and others have read it since. "
NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()


def answer(request: Request) -> str:
    """Another text for each question; the judge likes what is long."""
    text = str(request.messages[-1].content)
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    fields = set((request.json_schema or {}).get("properties", ()))
    if "score" in fields:
        return json.dumps({"reason": "a reason", "score": 0 if "banana" in text else 4})
    if fields == {"easy", "medium", "hard"}:
        return json.dumps({level: f"What is {level} about {mark}?" for level in fields})
    if fields == {"instruction", "difficulty", "output"}:
        return json.dumps({"instruction": f"Explain the find {mark}.", "difficulty": "medium", "output": "It was found long ago by careful people."})
    if fields == {"pairs"}:
        return json.dumps({"pairs": [{"question": f"When was it found, {mark}?", "answer": "It was found many years ago."}]})
    return smallest_answer(request).replace("xxxxxxxx", "x")


class ScriptedLLM(dg.ConfigurableResource):  # type: ignore[type-arg]
    def open(self) -> ScriptedServing:
        return ScriptedServing(answer)


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The exported rows and the row count of each stage."""
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(folder / "warehouse"))
    attributes = yaml.safe_load((DEFS / name / "defs.yaml").read_text())["attributes"]
    component = PipelineComponent(**{**attributes, "export": [str(folder / "rows.jsonl")], **changed})
    resources = {"warehouse": WarehouseResource(), "llm": ScriptedLLM()}
    job = dg.Definitions.merge(component.definitions(), dg.Definitions(resources=resources, executor=dg.in_process_executor)).resolve_job_def(name)
    result = job.execute_in_process()
    assert result.success
    counts = {
        event.asset_key.path[-1]: event.materialization.metadata["dagster/row_count"].value for event in result.get_asset_materialization_events()
    }
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()], counts


@pytest.fixture
def documents(tmp_path: Path) -> str:
    path = tmp_path / "documents.jsonl"
    texts = [" ".join(SENTENCES.format(NUMBERS[(index + step) % 12], NUMBERS[(7 * step + index) % 12]) for step in range(4)) for index in range(12)]
    path.write_text("".join(json.dumps({"text": text, "url": f"https://example.org/{index}"}) + "\n" for index, text in enumerate([*texts, "short"])))
    return str(path)


def test_sft_filter_keeps_good_pairs_and_drops_the_blank_the_short_the_repeated_and_the_badly_rated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DEFS.parents[1])
    rows, counts = run("sft_filter", tmp_path, monkeypatch, parameters={"min_score": 3})
    kept = {row["instruction"] for row in rows}
    assert {"Explain why the sky is blue.", "What is 17 times 6?", "Translate 'good morning' into Spanish."} <= kept
    assert not kept & {"Describe the water cycle.", "hi", "what is the capital of france", "What is 12 times 12?"}
    assert counts["pairs"] > counts["answered"] > counts["exact"] > counts["good"] == len(rows)
    assert all(row["alpagasus_score"] == 4 and row["tag_count"] == 1 for row in rows)


def test_sft_synthesis_makes_chats_from_documents_and_from_themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: str) -> None:
    rows, counts = run("sft_synthesis", tmp_path, monkeypatch, source=documents, parameters={"documents": 3}, stages={})
    assert (counts["sample"], counts["from_documents"], counts["from_themes"], counts["all"]) == (3, 3, 9, 12)
    assert {row["difficulty"] for row in rows} == {"easy", "medium", "hard"}
    assert all([turn["role"] for turn in row["messages"]] == ["user", "assistant"] for row in rows)
    assert all(row["messages"][0]["content"] == row["instruction"] and row["parent_ids"] for row in rows)


def test_pretrain_to_chat_makes_chats_that_name_their_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: str) -> None:
    rows, counts = run("pretrain_to_chat", tmp_path, monkeypatch, source=documents)
    assert counts["quality"] == 12, "the short one is dropped"
    assert len(rows) == counts["sample"] == min(6, counts["near"])
    assert all(row["url"].startswith("https://example.org/") and len(row["parent_ids"]) == 1 for row in rows)
    assert rows[0]["messages"][1] == {"role": "assistant", "content": "It was found many years ago."}
