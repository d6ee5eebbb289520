"""docs/knowledge.md names every operator of knowledge, and none that does not exist; its examples run and print what it says."""

from __future__ import annotations

import contextlib
import io
import re
from inspect import signature
from pathlib import Path

from dataflow_assets.pipelines.knowledge_qa import KnowledgeQA
from operators.core import registry

PAGE = Path(__file__).parents[2] / "docs" / "knowledge.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = "\n".join(line for line in TEXT.splitlines() if line.startswith("| "))


def test_every_operator_of_knowledge_is_named() -> None:
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", ROWS))
    every = {cls.__name__ for cls in registry.all_operators()}
    ours = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "knowledge"}
    assert ours - named == set()
    assert named - every == set()


def test_every_parameter_of_the_pipeline_is_named() -> None:
    named = set(re.findall(r"`(\w+)`", ROWS))
    assert set(signature(KnowledgeQA.__init__).parameters) - named == {"self", "characters", "seed"}


def test_the_examples_print_what_the_page_says() -> None:
    names: dict[str, object] = {"__name__": "session"}
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        lines = block.splitlines()
        expected = "".join(line.removeprefix("# -> ") + "\n" for line in lines if line.startswith("# -> "))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n".join(line for line in lines if not line.startswith("# -> ")), PAGE.name, "exec"), names)
        assert output.getvalue() == expected, block
