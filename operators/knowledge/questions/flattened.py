"""Lists of questions and answers in a column, made rows in the form of Alpaca."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output


class InstructionRowsGenerator(Generate):
    """Make a row with instruction, input and output of each pair in a column: a list of questions with answers, or an object that holds one under
    `qa_pairs`, `QA_pairs`, `pairs` or `questions`.

    Steps and supporting facts go along in columns of their own. An answer that is no text is written as JSON; a pair without question or answer is
    left out, and a row without any pair is set aside with that reason.
    """

    covers = ("QAExtractor",)
    source = "the form of Alpaca (Taori et al. 2023)"
    asks = ("explode a column of QA pairs into rows", "nested question answers to alpaca format", "flatten qa_pairs for SFT")
    adds_rows = True

    input_pairs = Input(Any, "question_answers", description="a list of objects with question and answer, or an object that holds one")
    output_instruction = Output(str)
    output_input = Output(str)
    output_output = Output(str)
    output_steps = Output(list[str], "reasoning_steps")
    output_facts = Output(list[str], "supporting_facts")

    instruction: str = Field("Answer the question.", description="What every row's instruction is; empty: the question is the instruction.")

    def generate(self, pairs: Any) -> list[dict[str, Any]]:
        rows = []
        for pair in _listed(pairs):
            question, answer = _text(pair.get("question")), _text(pair.get("answer"))
            if question and answer:
                rows.append(
                    {
                        "instruction": self.instruction or question,
                        "input": question if self.instruction else "",
                        "output": answer,
                        "steps": _texts(pair.get("reasoning_steps") or pair.get("steps")),
                        "facts": _texts(pair.get("supporting_facts") or pair.get("quotes")),
                    }
                )
        return rows


def _listed(given: Any) -> list[Mapping[str, Any]]:
    """Raises ValueError for what holds no list of objects."""
    if isinstance(given, str):
        given = json.loads(given)
    if isinstance(given, Mapping):
        given = next((given[name] for name in ("qa_pairs", "QA_pairs", "pairs", "questions") if name in given), [given])
        return _listed(given)
    if not isinstance(given, Sequence) or not all(isinstance(pair, Mapping) for pair in given):
        raise ValueError(f"{str(given)[:60]!r} is no list of questions with answers")
    return list(given)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _texts(values: Any) -> list[str]:
    """Steps and facts as texts: of an object its `step`, `quote` or `fact`."""
    if values is None:
        return []
    listed = [values] if isinstance(values, str | Mapping) else list(values)
    said = [
        next((value[name] for name in ("step", "quote", "fact", "text") if name in value), value) if isinstance(value, Mapping) else value
        for value in listed
    ]
    return [_text(value) for value in said]
