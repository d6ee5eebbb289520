"""docs/text.md: every example runs as it is pasted and prints what the page says, every command works, every text operator is named.

`python -m tests.text.test_text_docs` writes what the examples print into the page.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dataflow_assets.cli import main
from operators.core import registry
from operators.tables.errors import ColumnError
from resources import models
from tests.text import labelled_texts

PAGE = Path(__file__).parents[2] / "docs" / "text.md"
TEXT = PAGE.read_text(encoding="utf-8")
PRINTED = "# -> "


class Block(NamedTuple):
    section: str
    language: str
    needs: tuple[str, ...]
    code: str
    """Without the lines that say what is printed."""
    printed: str


def blocks() -> Iterator[Block]:
    for part in re.split(r"^(?=## )", TEXT, flags=re.MULTILINE):
        section = part.splitlines()[0].lstrip("# ")
        for language, needs, body in re.findall(r"^```(\w+)(?: needs=(\S+))?\n(.*?)^```", part, re.DOTALL | re.MULTILINE):
            lines = body.splitlines()
            printed = "".join(line.removeprefix(PRINTED) + "\n" for line in lines if line.startswith(PRINTED))
            code = "".join(line + "\n" for line in lines if not line.startswith(PRINTED))
            yield Block(section, language, tuple(filter(None, needs.split(","))), code, printed)


BLOCKS = list(blocks())
SECTIONS = list(dict.fromkeys(block.section for block in BLOCKS if block.section != "Text"))
WEIGHTS = {status.weights.name: status.present or "DATAFLOW_REQUIRE_MODELS" in os.environ for status in models.list()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("DATAFLOW_LLM_BASE_URL", "DATAFLOW_LLM_MODEL", "DATAFLOW_LLM_PROVIDER", "DATAFLOW_WAREHOUSE", "DATAFLOW_EMBEDDING_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    files_that_the_page_speaks_of()
    return tmp_path


def files_that_the_page_speaks_of() -> None:
    """Weights, in small, and pages to clean."""
    if all(importlib.util.find_spec(package) for package in ("onnx", "tokenizers")):
        from tests.text.tiny_onnx import classifier_into

        Path("models").mkdir()
        classifier_into(Path("models/fineweb-edu-classifier"), 1)
        classifier_into(Path("models/politeness"), 2)
    texts = [*labelled_texts.GOOD.values(), *labelled_texts.BAD.values()]
    Path("pages.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")


def run(block: Block, names: dict[str, Any]) -> str:
    """What a block prints. A block that begins with the name of a file is that file."""
    if named := re.match(r"# (\w+\.py)\n", block.code):
        Path(named[1]).write_text(block.code, encoding="utf-8")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(block.code, f"{PAGE.name}, {block.section}", "exec"), names)
    return output.getvalue()


def without_estimates(printed: str) -> str:
    """The last digit of a cosine, or of an estimated similarity, is another on another processor or with other permutations."""
    return re.sub(r"(cosine|similarity about) \d\.\d+", r"\1", printed)


def first_block() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "session"}
    run(next(block for block in BLOCKS if block.language == "python"), names)
    return names


@pytest.mark.parametrize("section", SECTIONS)
def test_the_examples_of_a_section_run_and_print_what_the_page_says(section: str, place: Path) -> None:
    names = first_block()
    for block in (block for block in BLOCKS if block.section == section and block.language == "python"):
        if weights := [need for need in block.needs if WEIGHTS.get(need) is False]:
            pytest.skip(f"the weights are not there: run `dataflow models get {weights[0]}`")
        if missing := [need for need in block.needs if need not in WEIGHTS and importlib.util.find_spec(need) is None]:
            with pytest.raises(ColumnError, match=rf"needs .*{missing[0]}.*, which is not installed\n.*pip install 'dataflow-dagster\[\w+\]'"):
                run(block, names)
            continue
        assert without_estimates(run(block, names)) == without_estimates(block.printed), block.code


def test_every_command_on_the_page_works(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in BLOCKS:
        if block.code.startswith("# clean_pages.py"):
            run(block, {"__name__": "clean_pages"})
    commands = [line[2:] for block in BLOCKS if block.language == "console" for line in block.code.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 6
    for command in commands:
        name, *arguments = shlex.split(command, comments=True)
        assert name == "dataflow"
        assert main(arguments) == 0, f"{command}\n{capsys.readouterr().err}"
    assert Path("kept.parquet").stat().st_size > 0


def test_every_text_operator_is_named_in_a_table_and_none_that_does_not_exist() -> None:
    rows = "\n".join(line for line in TEXT.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", rows))
    every = {cls.__name__: registry.domain(cls) for cls in registry.all_operators()}
    unnamed = {name for name, domain in every.items() if domain == "text"} - named
    assert not unnamed, f"name {', '.join(sorted(unnamed))} in a table of docs/text.md"
    assert named - set(every) == set()


def test_every_extra_is_that_of_the_project() -> None:
    import tomllib

    extras = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    said = set(re.findall(r"^\| `\[(\w+)\]`", TEXT, re.MULTILINE))
    assert said <= set(extras) - {"test"}
    assert {cls.extra for cls in registry.all_operators() if cls.extra and registry.domain(cls) == "text"} <= said


def write_page() -> None:
    """Put what the examples print under them."""
    import tempfile

    page = TEXT
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        files_that_the_page_speaks_of()
        for section in SECTIONS:
            names = first_block()
            for block in (block for block in BLOCKS if block.section == section and block.language == "python"):
                if any(need not in WEIGHTS and importlib.util.find_spec(need) is None for need in block.needs):
                    continue
                printed = "".join(f"{PRINTED}{line}\n" for line in run(block, names).splitlines())
                old = block.code + "".join(f"{PRINTED}{line}\n" for line in block.printed.splitlines())
                page = page.replace(f"\n{old}```", f"\n{block.code}{printed}```")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write_page()
