"""The shipped text pipelines with a language model, deployed as in their defs.yaml: from the source to the exported file, with scripted answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
import yaml

from dataflow_assets.component import PipelineComponent
from dataflow_assets.pipelines.pretrain_to_chat import PretrainToChat
from dataflow_assets.pipelines.sft_filter import SftFilter
from dataflow_assets.pipelines.sft_synthesis import SftSynthesis
from dataflow_assets.resources import WarehouseResource
from dataflow_assets.running.stages import load_source, run_stage
from operators import FileStorage, Pipeline
from operators.asking.requests import Request
from operators.testing.scripted_serving import ScriptedServing, smallest_answer
from resources.warehouse import Warehouse
from tests.text import labelled_texts

DEFS = Path(__file__).parents[2] / "dataflow_assets" / "defs"


def answer(request: Request) -> str:
    """Another text for each question; the judge likes what is long; each third review ends in a better answer, and one answer is a refusal."""
    text = str(request.messages[-1].content)
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    fields = set((request.json_schema or {}).get("properties", ()))
    if "score" in fields:
        return json.dumps({"reason": "a reason", "score": 0 if "banana" in text else min(5, len(text) / 60)})
    if fields == {"easy", "medium", "hard"}:
        return json.dumps({"easy": "What is easy about it?", "medium": f"What is medium about {mark}?", "hard": f"What is hard about {mark}?"})
    if fields == {"instruction", "difficulty", "output"}:
        return json.dumps({"instruction": f"Explain the find {mark}.", "difficulty": "medium", "output": "It was found long ago by careful people."})
    if fields == {"pairs"}:
        return json.dumps({"pairs": [{"question": f"When was it found, {mark}?", "answer": "It was found many years ago."}]})
    if "better" in fields:
        return json.dumps({"reason": "a reason", "better": ("first", "second", "equal")[int(mark, 16) % 3]})
    if not fields:
        return "As an AI language model, I cannot know." if "hard about" in text and int(mark, 16) % 4 == 0 else f"An answer, in words, of {mark}."
    return smallest_answer(request).replace("xxxxxxxx", "x")


class CharacterEmbedding:
    """Texts are alike that have the same letters."""

    dimensions = 26

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        counts = np.array([[text.lower().count(chr(97 + letter)) + 1e-6 for letter in range(26)] for text in texts], np.float32)
        vectors: np.ndarray[Any, np.dtype[np.float32]] = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return vectors


class Embedding(dg.ConfigurableResource):  # type: ignore[type-arg]
    def open(self) -> CharacterEmbedding:
        return CharacterEmbedding()


class ScriptedLLM(dg.ConfigurableResource):  # type: ignore[type-arg]
    def open(self) -> ScriptedServing:
        return ScriptedServing(answer)


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The exported rows and the row count of each stage."""
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(folder / "warehouse"))
    attributes = yaml.safe_load((DEFS / name / "defs.yaml").read_text())["attributes"]
    component = PipelineComponent(**{**attributes, "export": [str(folder / "rows.jsonl")], **changed})
    resources = {"warehouse": WarehouseResource(), "llm": ScriptedLLM(), "embedding": Embedding()}
    job = dg.Definitions.merge(component.definitions(), dg.Definitions(resources=resources, executor=dg.in_process_executor)).resolve_job_def(name)
    result = job.execute_in_process()
    assert result.success
    counts = {
        event.asset_key.path[-1]: event.materialization.metadata["dagster/row_count"].value for event in result.get_asset_materialization_events()
    }
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()], counts


def run_alone(pipeline: Pipeline, source: str, folder: Path) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The same without Dagster, which is quicker."""
    warehouse, plan = Warehouse(folder / "warehouse"), pipeline.compile()
    load_source(warehouse, plan.name, next(iter(plan.sources)), FileStorage(source))
    resources = {"llm": ScriptedServing(answer), "embedding": CharacterEmbedding()}
    results = {stage.name: run_stage(warehouse, plan, stage.name, resources) for stage in plan.stages}
    rows = results[plan.outputs[0]].table.read().to_pylist()
    return rows, {name: result.report.rows_out for name, result in results.items()}


@pytest.fixture
def documents(tmp_path: Path) -> str:
    path = tmp_path / "documents.jsonl"
    texts = [*labelled_texts.GOOD.values(), "short"]
    path.write_text("".join(json.dumps({"text": text, "url": f"https://example.org/{index}"}) + "\n" for index, text in enumerate(texts)))
    return str(path)


PAIRS = [
    ("What is a computer?", "A machine that carries out instructions on data, step by step, as a program says."),
    ("what is a computer", "You are using one of these right now, I think."),
    ("What is a computer?", "A machine that carries out instructions on data, step by step, as a program says."),
    ("Write bubble sort in Python.", "def sort(a):\n    for i in range(len(a)):\n        pass"),
    ("How far is the moon?", "About 384,000 km on average, a little more than a light second."),
    ("How far is the sun?", "it"),
    ("What is 12 times 12?", "banana banana banana banana"),
    ("Describe the water cycle.", ""),
    ("How do I boil an egg?", "As an AI language model, I cannot boil eggs."),
    ("hi", "Hello! What can I do for you today?"),
    ("Where is the cafÃ©?", "It is at the corner of the market, beside the old church."),
]


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"instruction": instruction, "output": output}) + "\n" for instruction, output in PAIRS))
    return str(path)


def test_sft_filter_keeps_of_several_answers_the_best_and_of_all_the_best_share(tmp_path: Path, pairs: str) -> None:
    rows, counts = run_alone(SftFilter(min_score=0, share=0.6), pairs, tmp_path)
    outputs = {row["instruction"]: row["output"] for row in rows}
    assert (counts["asked"], counts["answered"], counts["once"], counts["best_answer"]) == (10, 7, 6, 5)
    assert outputs.keys() == {"What is a computer?", "How far is the moon?", "Write bubble sort in Python."}
    assert outputs["What is a computer?"].startswith("A machine")
    assert all(row["alpagasus_score"] > 1 for row in rows)


def test_sft_filter_keeps_code_as_it_is_indented_and_repairs_encodings(tmp_path: Path, pairs: str) -> None:
    rows, _ = run_alone(SftFilter(min_score=0, share=1.0), pairs, tmp_path)
    assert dict(PAIRS)["Write bubble sort in Python."] in {row["output"] for row in rows}
    assert "Where is the café?" in {row["instruction"] for row in rows}


def test_sft_filter_has_a_floor_below_which_no_share_goes(tmp_path: Path, pairs: str) -> None:
    rows, _ = run_alone(SftFilter(min_score=1, share=1.0), pairs, tmp_path)
    assert not any("banana" in row["output"] for row in rows)


def test_sft_filter_selects_as_deita_does_where_variety_is_wanted(tmp_path: Path, pairs: str) -> None:
    rows, counts = run_alone(SftFilter(min_score=0, share=0.4, diverse=True), pairs, tmp_path)
    assert "top" not in counts
    assert len(rows) == 2
    assert all(row["tags"] and row["tag_count"] >= 1 for row in rows)


def test_sft_filter_deployed_drops_what_is_wrong_with_its_sample_before_a_model_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DEFS.parents[1])
    _, counts = run("sft_filter", tmp_path, monkeypatch)
    assert counts["pairs"] > 60
    assert counts["pairs"] - counts["once"] >= 8
    assert counts["once"] == counts["rate"] > counts["best_answer"] > counts["top"] > 15


def test_the_sample_of_pairs_is_our_own_and_has_good_and_bad_of_many_kinds() -> None:
    rows = json.loads((DEFS / "sft_filter" / "instructions.json").read_text(encoding="utf-8"))
    kinds = [row["kind"] for row in rows]
    assert {tuple(row) for row in rows} == {("instruction", "output", "kind")}
    assert len(rows) >= 60
    assert len(set(kinds)) >= 15
    assert 0.4 < sum(kind.startswith("good") for kind in kinds) / len(kinds) < 0.7
    assert "written for this project" in (DEFS / "sft_filter" / "instructions.md").read_text(encoding="utf-8")


def test_sft_synthesis_makes_chats_of_the_better_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: str) -> None:
    rows, counts = run("sft_synthesis", tmp_path, monkeypatch, source=documents, parameters={"documents": 3, "min_score": 0, "share": 1.0}, stages={})
    assert (counts["sample"], counts["from_documents"], counts["from_themes"], counts["all"]) == (3, 3, 9, 12)
    assert counts["once"] < counts["answered"] <= counts["all"], "the easy question came three times and stays once"
    assert [row["instruction"] for row in rows].count("What is easy about it?") == 1
    assert not any("AI language model" in row["output"] for row in rows), "refusals are no answers"
    assert {row["verdict"] for row in rows} > {"better"}
    for row in rows:
        assert row["best_output"] == (row["improved_output"] if row["verdict"] == "better" else row["output"])
        assert [turn["content"] for turn in row["messages"]] == [row["instruction"], row["best_output"]]
        assert row["parent_ids"]
        assert row["weaknesses"] is not None


def test_sft_synthesis_ranks_by_the_judge_it_is_given(tmp_path: Path, documents: str) -> None:
    asked = {
        name for stage in SftSynthesis(judge="judge").compile(resources=["llm", "judge"]).stages for name in stage.operator.resource_names().values()
    }
    assert asked == {"llm", "judge"}
    rows, counts = run_alone(SftSynthesis(documents=3, min_score=0, share=0.5), documents, tmp_path)
    assert len(rows) == -(-counts["rate"] // 2)


def test_pretrain_to_chat_makes_chats_that_name_their_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: str) -> None:
    rows, counts = run("pretrain_to_chat", tmp_path, monkeypatch, source=documents, parameters={"documents": 6, "min_faithfulness": 0, "share": 1.0})
    assert counts["quality"] == len(labelled_texts.GOOD), "the short one is dropped"
    assert len(rows) == counts["sample"] == min(6, counts["near"])
    assert all(row["url"].startswith("https://example.org/") and len(row["parent_ids"]) == 1 for row in rows)
    assert rows[0]["messages"][1] == {"role": "assistant", "content": "It was found many years ago."}


def test_pretrain_to_chat_shows_the_judge_the_document(tmp_path: Path, documents: str) -> None:
    rows, _ = run_alone(PretrainToChat(documents=6, min_faithfulness=5, share=1.0), documents, tmp_path)
    assert rows
    assert all(row["faithfulness"] == 5 for row in rows), "the scripted judge gives a 5 where it reads more than the question and the answer"


def test_sft_filter_takes_conversations_of_any_shape(tmp_path: Path) -> None:
    good, refused, cut = PAIRS[0], PAIRS[8], ("When does the ferry leave?", "It leaves at six in the morning, because of the")
    moon = [{"from": "human", "value": "How far is the moon?"}, {"from": "gpt", "value": "About 384,000 km, a little more than a light second."}]

    def chat(*pairs: tuple[str, str]) -> list[dict[str, str]]:
        return [{"from": who, "value": text} for pair in pairs for who, text in zip(("human", "gpt"), pair, strict=True)]

    conversations = [chat(good), [*moon, *chat(good)], [*moon, *chat(refused)], [*chat(cut), *moon], moon[::-1], [*moon, *chat(good)]]
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps({"conversations": conversation}) + "\n" for conversation in conversations))
    rows, counts = run_alone(SftFilter(messages="conversations", min_score=0, share=1.0), str(path), tmp_path)
    assert (counts["well_formed"], counts["answered"], counts["once"]) == (5, 3, 2)
    assert [row["conversations"] for row in rows] == conversations[:2]
    assert rows[1]["instruction"].startswith("User: How far is the moon?\n\nAssistant: About")
