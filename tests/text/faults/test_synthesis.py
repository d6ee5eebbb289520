"""Faults of the reference's makers of training data: what becomes of odd texts, odd answers and failed calls, and of the columns that were there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure, ServingStopped
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Request
from operators.core import registry
from operators.core.operator import Operator
from operators.tables.errors import ParameterError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.testing.scripted_serving import ScriptedServing
from operators.text.synthesis.pairs import InstructionGenerator, InstructionPairsGenerator, QuestionAnswerGenerator
from operators.text.synthesis.prompts import RephrasePrompt
from tests.faults import fault
from tests.text.faults.asking import always, ask, in_turn, user_text

PAIRS = [{"question": "What is it?", "answer": "A cat."}]


# Questions and answers from texts


@fault("ignores output_key and always writes generated_content")
def test_the_columns_of_questions_have_the_names_that_they_are_given() -> None:
    operator = QuestionAnswerGenerator().bind(output_conversation="talk", output_pairs="asked")
    kept, _, _ = ask(operator, [{"text": "a page"}], always(pairs=PAIRS))
    assert kept[0]["talk"] == "Question: What is it?\nAnswer: A cat."
    assert kept[0]["asked"] == PAIRS
    assert "generated_content" not in kept[0]


@fault("rows with empty text are skipped when building prompts, so lengths differ and pandas raises")
def test_texts_that_are_empty_or_null_move_no_answer_to_another_row() -> None:
    rows = [{"text": text} for text in ("one", None, "two", "", "three", None)]

    def answer(request: Request) -> str:
        word = user_text(request).removeprefix("Text:\n").split("\n")[0]
        return json.dumps({"pairs": [{"question": "What does it say?", "answer": word or "nothing"}]})

    kept, aside, _ = ask(QuestionAnswerGenerator(), rows, answer)
    assert not aside
    said = [row["question_answers"][0]["answer"] if row["question_answers"] else None for row in kept]
    assert said == ["one", None, "two", "nothing", "three", None]


MAKERS: list[tuple[Operator, dict[str, Any]]] = [
    (QuestionAnswerGenerator(), {"pairs": PAIRS}),
    (InstructionGenerator(), {"instruction": "What is a cat?", "difficulty": "easy", "output": "An animal."}),
]


@fault("any LLM error is swallowed and the step writes nothing")
@fault("LLM error is swallowed and nothing is written")
@pytest.mark.parametrize(("maker", "good"), MAKERS, ids=lambda value: getattr(value, "name", ""))
class TestErrorsOfTheModel:
    def test_a_failed_call_is_told_and_the_other_rows_are_written(self, maker: Operator, good: dict[str, Any]) -> None:
        def answer(request: Request) -> Any:
            return Failure("rate_limited", "too many requests") if "bad" in user_text(request) else json.dumps(good)

        kept, aside, _ = ask(maker, [{"text": "fine"}, {"text": "bad"}, {"text": "good"}], answer)
        assert [row["text"] for row in kept] == ["fine", "good"]
        assert [(row["text"], row["rejected_reason"]) for row in aside] == [("bad", "rate_limited: too many requests")]

    def test_a_model_that_is_gone_ends_the_step_with_its_error_and_the_table_stays_as_it_was(self, maker: Operator, good: dict[str, Any]) -> None:
        table = MemoryStorage(pa.table({"text": ["one", "two"]}))
        serving = ScriptedServing(lambda request: ServingStopped("the key was refused"))
        with pytest.raises(ServingStopped, match="the key was refused"):
            maker.run(table, resources={"llm": serving})
        with pytest.raises(StageFailed, match=r"2 of 2 rows failed.*timeout: no answer"):
            maker.run(table, resources={"llm": ScriptedServing(lambda request: Failure("timeout", "no answer"))})
        assert table.read().column_names == ["text"]


# Instructions from texts


@fault("regex takes braces without nesting, so any answer that contains } (code, LaTeX, JSON) is lost")
@pytest.mark.parametrize(
    "output",
    [
        "def f(x): return {x: {1: {}}}",
        r"\frac{a}{b} = \sqrt{x^{2}}",
        '{"instruction": "inner", "output": "{}"}',
        "```c\nint main() { return 0; }\n```",
        "}}}{{{",
    ],
)
def test_answers_with_any_braces_are_kept_to_the_letter(output: str) -> None:
    kept, aside, _ = ask(
        InstructionGenerator(), [{"text": "a page"}], always(instruction="How is it written {so}?", difficulty="hard", output=output)
    )
    assert (kept[0]["instruction"], kept[0]["output"], aside) == ("How is it written {so}?", output, [])


@pytest.mark.parametrize("output", ["How is rain made?", " how is  rain made "])
def test_an_answer_that_repeats_its_question_is_asked_for_again_and_never_kept(output: str) -> None:
    good = {"instruction": "How is rain made?", "difficulty": "easy", "output": "Of water."}
    kept, _, serving = ask(InstructionGenerator(), [{"text": "a page"}], in_turn(json.dumps({**good, "output": output}), json.dumps(good)))
    assert [row["output"] for row in kept] == ["Of water."]
    assert "the output repeats the instruction" in str(serving.requests[1].messages[-1].content)
    _, aside, _ = ask(InstructionPairsGenerator(), [{"text": "a page"}], always(pairs=[{"question": "How is rain made?", "answer": output}]))
    assert "the answer repeats the question" in aside[0]["rejected_reason"]


@fault("Qwen chat markers are hard-coded into the user message")
def test_no_prompt_of_any_operator_has_the_chat_markers_of_a_model() -> None:
    markers = ("<|", "|>", "[INST]", "<s>", "<start_of_turn>", "### Human", "\nAssistant:")
    prompts = [(operator.name, value) for operator in registry.examples() for _, value in operator if isinstance(value, PromptTemplate)]
    assert len(prompts) > 10
    assert not [name for name, prompt in prompts for marker in markers if marker in prompt.system + prompt.user]
    _, _, serving = ask(InstructionGenerator(), [{"text": "a page"}])
    assert [message.role for message in serving.requests[0].messages] == ["system", "user"]


@fault("prompt_restrict decorates a helper function by mistake")
def test_a_prompt_whose_answer_lacks_what_the_operator_reads_is_refused_where_it_is_given() -> None:
    with pytest.raises(ParameterError, match="RephrasePrompt is str, which lacks fields of InstructionAndOutput"):
        InstructionGenerator(prompt=RephrasePrompt())
    own = InstructionGenerator(prompt={"user": "Ask something about {{ text }}"})
    kept, _, serving = ask(own, [{"text": "lions"}])
    assert user_text(serving.requests[0]) == "Ask something about lions"
    assert len(kept) == 1


@fault("imports the vLLM serving module just to load")
def test_operators_that_ask_a_model_load_no_engine() -> None:
    root = Path(__file__).parents[3]
    code = "import sys, operators.text.synthesis.pairs, operators.text.synthesis.condor; print(*sys.modules)"
    command = [sys.executable, "-B", "-c", code]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)})
    loaded = {name.split(".")[0] for name in made.stdout.split()}
    assert not loaded & {"vllm", "torch", "transformers", "openai", "resources", "dagster"}
