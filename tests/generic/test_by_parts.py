"""A prompt over long texts: cut, asked, joined; never half an answer."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from operators.asking.answers import Failure
from operators.asking.requests import Request
from operators.generic.by_parts import ByPartsGenerator
from operators.tables.errors import ParameterError
from operators.testing import ScriptedServing
from tests.faults import fault

TEXT = "The ferry is late. Nobody knows why. Everybody waits for it."


def shouts(request: Request) -> str:
    return str(request.messages[-1].content).upper()


@fault("cuts in mid-word, no overlap")
def test_parts_end_with_sentences_may_overlap_and_their_answers_are_joined() -> None:
    serving = ScriptedServing(shouts)
    result = ByPartsGenerator(size=7, separator=" | ").run({"text": [TEXT]}, resources={"llm": serving})
    (row,) = result.table.to_pylist()
    assert (row["generated"], row["generated_parts"]) == ("THE FERRY IS LATE. NOBODY KNOWS WHY. | EVERYBODY WAITS FOR IT.", 2)
    overlapping = ByPartsGenerator(size=7, overlap=3, separator=" | ").run({"text": [TEXT]}, resources={"llm": ScriptedServing(shouts)})
    assert overlapping.table.column("generated")[0].as_py() == "THE FERRY IS LATE. NOBODY KNOWS WHY. | NOBODY KNOWS WHY. EVERYBODY WAITS FOR IT."


@fault("system prompt is glued to the user text")
def test_the_system_prompt_is_a_message_of_its_own_and_the_number_of_the_part_a_variable() -> None:
    serving = ScriptedServing(shouts)
    prompt = {"system": "You translate.", "user": "{{ part }}/{{ parts }} for {{ audience }}: {{ text }}"}
    result = ByPartsGenerator(prompt=prompt, size=7, separator=" ").run({"text": [TEXT], "audience": ["sailors"]}, resources={"llm": serving})
    assert result.table.column("generated")[0].as_py().startswith("1/2 FOR SAILORS: THE FERRY")
    assert {(request.messages[0].role, request.messages[0].content) for request in serving.requests} == {("system", "You translate.")}


@fault("on LLM failure writes empty files for all rows")
def test_a_part_without_an_answer_costs_its_row_alone_and_says_which() -> None:
    def answer(request: Request) -> str | Failure:
        return Failure("timeout", "no answer in time") if "Nobody" in str(request.messages[-1].content) else shouts(request)

    texts = ["The ferry is here.", TEXT, "", None]
    result = ByPartsGenerator(size=4, max_failed=0.5).run({"text": texts}, resources={"llm": ScriptedServing(answer)})
    assert [(row["generated"], row["generated_parts"]) for row in result.table.to_pylist()] == [("THE FERRY IS HERE.", 1), ("", 0), (None, None)]
    (reason,) = result.rejected.column("rejected_reason").to_pylist()
    assert reason.startswith("part 2 of 3: timeout")


@fault("tokenizer is loaded as a default argument, i.e. a network download at import")
def test_importing_and_building_it_loads_no_tokenizer() -> None:
    sys.modules.pop("tokenizers", None)
    importlib.reload(importlib.import_module("operators.bases.cutting"))
    ByPartsGenerator(unit="tokens", tokenizer="OWNER/NAME")
    assert "tokenizers" not in sys.modules


@fault("path split at the first dot breaks ./dir and a.b.pdf names and the caller's path is overridden")
def test_answers_are_a_column_and_no_file_is_written_beside_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = {"text": [TEXT], "path": ["./dir/a.b.pdf"]}
    result = ByPartsGenerator().run(rows, output_generated="notes", resources={"llm": ScriptedServing(shouts)})
    (row,) = result.table.to_pylist()
    assert (row["path"], row["notes"]) == ("./dir/a.b.pdf", TEXT.upper())
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_without_the_text_is_refused() -> None:
    with pytest.raises(ParameterError, match='no variable "text"'):
        ByPartsGenerator(prompt={"user": "Say something."})
