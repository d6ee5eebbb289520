"""The pipeline agentic_rag, run whole with a model that reads what it is given."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataflow_assets import pipelines
from dataflow_assets.pipelines.agentic_rag import AgenticRag
from dataflow_assets.row_checks import row_checks_of
from operators.asking.requests import Request
from operators.pipeline.result import PipelineResult
from operators.rag.checks.evidence import EvidenceFilter
from operators.testing import ScriptedServing
from tests.rag.library import BOTH, BRISK, ENGINE, MARA, OTTO, fields_of, reader
from tests.text.faults.asking import user_text

IDA = "Ida Roth was born in Quellen. She walked to the mill each day, and the millers taught her how to count before she could read."
DOCUMENTS = [{"text": text} for text in (ENGINE, MARA, BRISK, OTTO, BOTH, ENGINE, IDA)]
SETTINGS: dict[str, Any] = {"min_words": 5, "pairs": 1, "intersections": False, "aliases": False, "samples": 2, "chunk_words": 60}


def model(request: Request) -> str:
    """It knows by heart where Otto Kern was born."""
    asked = user_text(request)
    if fields_of(request) == {"answer"} and "Document" not in asked and "was Otto Kern born" in asked:
        return '{"answer": "Felmark"}'
    return reader(request)


@pytest.fixture(scope="module")
def result() -> tuple[PipelineResult, ScriptedServing]:
    serving = ScriptedServing(model)
    settings = {name: {"max_failed": 1.0} for name in ("hop_1", "depth_1", "both", "comparison")}
    return AgenticRag(**SETTINGS).configure(settings).run(DOCUMENTS, resources={"llm": serving}, progress=False), serving


def test_it_compiles_without_a_warning_in_all_its_forms() -> None:
    least = {
        "hops": 0,
        "depth": 0,
        "samples": 0,
        "negatives": 0,
        "width": False,
        "intersections": False,
        "aliases": False,
        "closed_book": False,
        "shortcuts": False,
        "answered": False,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for settings in (
            {},
            {"hops": 3, "depth": 2, "chunks": 9, "languages": ["en"]},
            least,
        ):
            assert not AgenticRag(**settings).compile().warnings
    assert {"hop_1", "hop_2", "hop_3"} <= {stage.name for stage in AgenticRag(hops=3).compile().stages}
    assert pipelines.all_pipelines()["agentic_rag"] is AgenticRag


def test_what_is_kept_needs_all_its_documents_and_is_quoted_from_them(result: tuple[PipelineResult, ScriptedServing]) -> None:
    kept = result[0].table.to_pylist()
    assert {row["kind"] for row in kept} >= {"atomic", "chain", "both"}
    assert EvidenceFilter().run(result[0].table).rejected.num_rows == 0
    assert all(row["solved_share"] == 1.0 and row["all_documents_right"] for row in kept)
    assert not any(row["closed_book_right"] or row["shortcut_right"] for row in kept)
    chains = [row for row in kept if row["kind"] == "chain"]
    assert {(row["question"], row["answer"]) for row in chains} >= {("Where was the writer of the Lumen engine born?", "Tarnholm")}
    assert all(len(set(row["document_ids"])) == 2 for row in chains)


def test_a_question_that_is_known_by_heart_and_one_with_a_shortcut_are_set_aside_with_the_reason(
    result: tuple[PipelineResult, ScriptedServing],
) -> None:
    reasons = Counter((row["stage"], row["rejected_reason"]) for row in result[0].rejected.to_pylist())
    assert reasons["closed_book_passed", 'it was answered without its documents: "Felmark"'] == 1
    assert reasons["shortcut_passed", 'it was answered from document 1 alone: "Quellen"'] == 1
    assert reasons["hop_1_bridge", 'no other document that was found says "Tarnholm"'] == 1


def test_hard_negatives_do_not_say_the_answer(result: tuple[PipelineResult, ScriptedServing]) -> None:
    rows = [row for row in result[0].table.to_pylist() if row["kind"] == "atomic"]
    assert any(row["negatives"] for row in rows)
    assert not any(row["answer"] in text for row in rows for text in row["negatives"])


def test_no_model_is_asked_of_what_rules_can_decide(result: tuple[PipelineResult, ScriptedServing]) -> None:
    asked = [user_text(request) for request in result[1].requests]
    marked = [text for text in asked if "Answer to mark" in text]
    assert all("no idea" in text and "; " in text for text in marked)  # half of an answer: words were not enough
    assert len({text for text in asked if "The thing:" in text}) == result[0]["hop_1_bridge"].num_rows


def test_the_deployment_proves_again_what_was_written() -> None:
    attributes = yaml.safe_load((Path(pipelines.__file__).parent.parent / "defs" / "agentic_rag" / "defs.yaml").read_text("utf-8"))["attributes"]
    plan = AgenticRag(**attributes["parameters"]).configure(attributes["stages"]).compile()
    checks = row_checks_of(attributes["checks"], plan)
    assert {stage: [check.operator.name for check in of] for stage, of in checks.items()} == {
        "different": ["EvidenceFilter"],
        "hard_enough": ["EvidenceFilter"],
    }
