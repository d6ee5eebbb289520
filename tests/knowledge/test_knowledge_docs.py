"""docs/knowledge.md names every operator of knowledge, and none that does not exist; its examples run and print what it says."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

from dataflow_assets.pipelines.knowledge_qa import KnowledgeQA
from tests.pages import check_examples, check_names_every_operator, text_of


def test_every_operator_of_knowledge_is_named() -> None:
    check_names_every_operator("knowledge.md", "knowledge")


def test_every_parameter_of_the_pipeline_is_named() -> None:
    named = set(re.findall(r"`(\w+)`", "\n".join(line for line in text_of("knowledge.md").splitlines() if line.startswith("| "))))
    assert set(signature(KnowledgeQA.__init__).parameters) - named == {"self", "characters", "seed"}


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check_examples("knowledge.md", tmp_path)
