"""Instructions, solutions and tests by a language model: what is asked, what is refused, and what a row carries on."""

from __future__ import annotations

import json
import random
from typing import Any

import pyarrow as pa
import pytest

from operators.asking.answers import Failure
from operators.asking.prompt import PromptTemplate
from operators.bases.fenced_blocks import blocks_of
from operators.bases.replies import program_of, python_fault
from operators.code.raters.quality import CodeQualityEvaluator
from operators.code.synthesis.fenced import ProgramFromReply
from operators.code.synthesis.instructions import (
    EnhancedInstructionGenerator,
    FewShotExamplesGenerator,
    InstructionFromCodeGenerator,
    SimilarInstructionGenerator,
)
from operators.code.synthesis.solutions import CodeSolutionGenerator, TestsGenerator
from operators.generic.selection.score import ScoreFilter
from tests.faults import fault
from tests.text.faults.asking import always, ask, in_turn, user_text

DOUBLE = "def double(n):\n    return 2 * n"
STUB = 'def double(n: int) -> int:\n    """Return twice the integer n.\n    \n    >>> double(2)\n    4\n    """'
FORM = {"task": "Return twice the integer n. It may be negative.", "signature": "def double(n: int) -> int:", "call": "double(2)", "returns": "4"}


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}\n```"


def nothing(kind: str = "server") -> Any:
    return lambda request: Failure(kind, "nothing came")  # type: ignore[arg-type]


@fault("greedy regex joins several blocks and the prose between them")
@fault("only the python tag is removed (py, python3, js remain in the code)")
@pytest.mark.parametrize("tag", ["python", "py", "python3", "Python", ""])
def test_the_program_of_a_reply_is_its_longest_block_in_the_language_and_nothing_else(tag: str) -> None:
    shell = fenced("pip install thing-with-a-very-long-name-and-more", "bash")
    reply = f"First install it:\n{shell}\nThen:\n{fenced(DOUBLE, tag)}\nand use it:\n{fenced('double(2)')}\nGood luck!"
    assert program_of(reply) == DOUBLE
    assert [block.tag for block in blocks_of(reply)] == ["bash", tag.lower(), "python"]


def test_a_reply_without_fences_is_a_program_and_an_open_fence_goes_to_the_end() -> None:
    assert program_of(f"\n{DOUBLE}\n") == DOUBLE
    assert program_of(f"Here:\n```python\n{DOUBLE}") == DOUBLE
    assert program_of(fenced("const f = 1;", "js")) == "const f = 1;"
    indented = "1. So:\n   ```python\n   x = 1\n   if x:\n       y = 2\n   ```\n"
    assert program_of(indented) == "x = 1\nif x:\n    y = 2"


@pytest.mark.parametrize(
    "reply",
    [
        f"{fenced(DOUBLE, 'python')}\nIt prints:\n```\n" + "1\n" * 200 + "```\n",
        f"<think>\nPerhaps so:\n{fenced('x = 1' + chr(10) * 2 + 'y = 2' * 99, 'python')}\nNo.\n</think>\n{fenced(DOUBLE, 'python')}",
        f"Perhaps so:\n{fenced('x = 1;' * 99, 'python')}\n</think>\n\n{fenced(DOUBLE, 'python')}",
        f"<think>```python\nx = 1\n```</think>\n{fenced(DOUBLE)}",
    ],
)
def test_what_a_program_prints_and_what_was_thought_before_are_not_the_program(reply: str) -> None:
    assert program_of(reply) == DOUBLE


def test_a_thought_that_does_not_end_has_no_program_and_a_program_may_speak_of_one() -> None:
    assert program_of(f"<think>\n{fenced(DOUBLE)}") == ""
    assert program_of(fenced("text = text.split('</think>')[1]")) == "text = text.split('</think>')[1]"


def test_a_reply_of_a_table_becomes_a_column(ran: Any) -> None:
    rows, _ = ran(ProgramFromReply(), [{"output": f"Sure!\n{fenced(DOUBLE)}"}, {"output": None}])
    assert [row["code"] for row in rows] == [DOUBLE, None]


@pytest.mark.parametrize(
    ("code", "defines", "said"),
    [
        (DOUBLE, "double", None),
        (DOUBLE, "", None),
        (DOUBLE, "triple", "does not define triple"),
        ("x = 1", "", "defines no function"),
        ("def f(:", "", "not valid Python"),
    ],
)
def test_what_is_wrong_with_a_program_is_said_to_the_model(code: str, defines: str, said: str | None) -> None:
    found = python_fault(code, defines)
    assert (found is None) if said is None else said in (found or "")


@fault("None reply crashes")
@fault("None reply crashes on strip")
@fault("a None reply raises TypeError that is not caught")
@pytest.mark.parametrize(
    ("operator", "row"),
    [
        (InstructionFromCodeGenerator(), {"code": DOUBLE}),
        (CodeSolutionGenerator(), {"instruction": "Double a number."}),
        (EnhancedInstructionGenerator(), {"instruction": "Double a number."}),
        (TestsGenerator(), {"instruction": "Double a number."}),
        (SimilarInstructionGenerator(), {"examples": ["Double a number."]}),
        (CodeQualityEvaluator(), {"instruction": "Double a number.", "code": DOUBLE}),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_a_row_without_an_answer_is_set_aside_with_the_reason(operator: Any, row: dict[str, Any]) -> None:
    kept, aside, _ = ask(operator, [row], nothing())
    assert kept == []
    assert "nothing came" in aside[0]["rejected_reason"]
    kept, aside, _ = ask(operator, [row], lambda request: "")
    assert kept == []
    assert aside[0]["rejected_as"] == "failed"


def test_an_instruction_says_what_code_does_and_code_is_none() -> None:
    kept, _, serving = ask(InstructionFromCodeGenerator(), [{"code": DOUBLE}], in_turn(fenced(DOUBLE), " Write double(n), which doubles n. "))
    assert kept[0]["instruction"] == "Write double(n), which doubles n."
    assert DOUBLE in user_text(serving.requests[0])
    assert len(serving.requests) == 2


@fault("a DIY template whose placeholders do not match is sent unformatted without warning")
@fault("prompt_template argument is ignored")
@fault("custom prompt cannot be passed")
@fault("a string template is unreachable: the decorator rejects str before __init__")
def test_a_prompt_of_the_users_is_asked_and_its_variables_are_checked_before_anything_runs() -> None:
    own = InstructionFromCodeGenerator(prompt="Explain: {{ code }}")
    assert user_text(ask(own, [{"code": DOUBLE}])[2].requests[0]) == f"Explain: {DOUBLE}"
    wrong = InstructionFromCodeGenerator(prompt="Explain: {{ cdoe }}")
    assert 'prompt variable "cdoe" is not bound' in str(wrong.problems(pa.schema([("code", pa.string())]))[0])
    similar = SimilarInstructionGenerator(prompt=PromptTemplate[str](user="Like {{ examples[0] }}?"))
    assert user_text(ask(similar, [{"examples": ["A task."]}])[2].requests[0]) == "Like A task.?"
    rated = CodeQualityEvaluator(prompt={"system": "Be kind."})
    serving = ask(rated, [{"instruction": "x", "code": "y"}], always(reason="fine", score=8))[2]
    assert str(serving.requests[0].messages[0].content).startswith("Be kind.")


@fault("reply not checked (ast, doctest) at all")
def test_signature_and_example_of_an_enhanced_task_have_to_be_python() -> None:
    bad = [
        {**FORM, "signature": "double(n) -> int"},
        {**FORM, "signature": "def double(n: int) -> int:\n    return 2 * n\ndef other()"},
        {**FORM, "call": "double 2"},
        {**FORM, "returns": "four apples"},
        {**FORM, "call": "twice(2)"},
    ]
    answers = [json.dumps(answer) for answer in (*bad, FORM)]
    kept, _, serving = ask(EnhancedInstructionGenerator(max_reasks=5), [{"instruction": "double it"}], in_turn(*answers))
    assert kept[0]["enhanced_instruction"] == f"Return twice the integer n. It may be negative.\n\n{fenced(STUB)}"
    assert (kept[0]["entry_point"], kept[0]["example_test"]) == ("double", "assert double(2) == 4")
    told = [str(request.messages[-1].content) for request in serving.requests[1:]]
    for said, expected in zip(
        told, ("the signature is", "the signature is", "the example is wrong", "the example is", "not call double"), strict=True
    ):
        assert expected in said
    kept, aside, _ = ask(EnhancedInstructionGenerator(), [{"instruction": "double it"}], in_turn(*answers[:3]))
    assert kept == []
    assert "the example is wrong" in aside[0]["rejected_reason"]


@pytest.mark.parametrize(
    ("returns", "value"), [("a_b", "'a_b'"), ("12", "'12'"), ("'a_b'", "'a_b'"), ('"a_b"', '"a_b"'), (r"a\nb", r"'a\\nb'"), ("'a' + 'b'", None)]
)
def test_what_a_function_that_returns_a_text_gives_may_stand_without_quotes(returns: str, value: str | None) -> None:
    form = {"task": "Replace each space of a text by an underscore.", "signature": "def joined(text: str) -> str", "call": "joined('a b')"}
    kept, aside, _ = ask(EnhancedInstructionGenerator(max_reasks=0), [{"instruction": "join it"}], in_turn(json.dumps({**form, "returns": returns})))
    assert [row["example_test"] for row in kept] == ([] if value is None else [f"assert joined('a b') == {value}"])
    assert len(kept) + len(aside) == 1
    assert value is None or f">>> joined('a b')\n    {value}\n" in kept[0]["enhanced_instruction"]


def test_a_backslash_in_a_task_stays_in_its_docstring() -> None:
    form = {**FORM, "task": "Cut a path at each \\\\ in it.", "signature": "def cut(path: str) -> list[str]", "call": "cut('a')", "returns": "['a']"}
    kept, _, _ = ask(EnhancedInstructionGenerator(), [{"instruction": "cut it"}], always(**form))
    assert 'r"""Cut a path at each' in kept[0]["enhanced_instruction"]


@fault("documented chat-message input is not handled: the list would be printed into the prompt")
def test_a_task_may_be_a_list_of_chat_messages() -> None:
    said = (("system", "You help."), ("user", "Double a number."), ("assistant", "Which?"), ("user", "An int."))
    messages = [{"role": role, "content": content} for role, content in said]
    answer = always(**FORM)
    kept, aside, serving = ask(
        EnhancedInstructionGenerator(), [{"instruction": messages}, {"instruction": [{"role": "user", "content": "Again."}]}], answer
    )
    assert len(kept) == 2
    assert user_text(serving.requests[0]) == "Task:\nDouble a number.\n\nAn int."
    kept, aside, _ = ask(EnhancedInstructionGenerator(), [{"instruction": [{"role": "assistant", "content": "Hello."}]}], answer)
    assert "neither a text nor a list of chat messages" in aside[0]["rejected_reason"]


@fault("seed pool discarded, no link to the examples used")
@fault("reseeds the global RNG")
def test_groups_of_examples_name_their_rows_and_draw_without_touching_other_draws() -> None:
    pool = [{"row_id": f"00000000-0000-0000-0000-{number:012}", "instruction": f"Task {number}."} for number in range(8)]
    random.seed(3)
    before = random.getstate()
    made, aside, _ = ask(FewShotExamplesGenerator(rows=20, examples=3, seed=5), pool)
    assert random.getstate() == before
    by_id = {row["row_id"]: row["instruction"] for row in pool}
    assert len(made) == 20
    for row in made:
        assert [by_id[parent] for parent in row["parent_ids"]] == row["examples"]
        assert len(set(row["examples"])) == 3
    again, _, _ = ask(FewShotExamplesGenerator(rows=20, examples=3, seed=5), pool[::-1])
    assert [row["examples"] for row in again] == [row["examples"] for row in made]
    assert [row["examples"] for row in ask(FewShotExamplesGenerator(rows=20, examples=3, seed=6), pool)[0]] != [row["examples"] for row in made]
    few, aside, _ = ask(FewShotExamplesGenerator(examples=3), pool[:2])
    assert few == []
    assert {row["rejected_reason"] for row in aside} == {"no row was made from it"}


@fault("no novelty check against the pool")
@fault("prompt shows literal backslash-n sequences")
def test_a_new_task_that_is_an_example_is_asked_for_again() -> None:
    examples = ["Write a function that doubles every number of a list.", "Count the vowels of a text."]
    new = "Find the shortest path between two towns on a map of roads."
    kept, _, serving = ask(
        SimilarInstructionGenerator(), [{"examples": examples}], in_turn("write a function that doubles every number of a list", new)
    )
    assert kept[0]["instruction"] == new
    assert "it is one of the examples" in str(serving.requests[1].messages[-1].content)
    asked = user_text(serving.requests[0])
    assert "Task 2:\nCount the vowels of a text.\n\nWrite task 3." in asked
    assert "\\n" not in asked


def test_solutions_are_rows_each_different_program_once() -> None:
    answers = in_turn(fenced(DOUBLE), f"Sure!\n{fenced(DOUBLE, 'py')}", "def double(n):\n    return n + n")
    made, _, serving = ask(CodeSolutionGenerator(samples=3, temperature=0.7), [{"instruction": "Double a number.", "entry_point": "double"}], answers)
    assert [row["code"] for row in made] == [DOUBLE, "def double(n):\n    return n + n"]
    assert {request.sample for request in serving.requests} == {0, 1, 2}
    assert all("The function is called double." in user_text(request) for request in serving.requests)


def test_a_solution_that_does_not_parse_or_define_the_function_is_asked_for_again() -> None:
    answers = in_turn("def double(n:", "def triple(n):\n    return 3 * n", fenced(DOUBLE))
    made, _, serving = ask(CodeSolutionGenerator(), [{"instruction": "Double a number.", "entry_point": "double"}], answers)
    assert made[0]["code"] == DOUBLE
    assert "not valid Python" in str(serving.requests[1].messages[-1].content)
    assert "does not define double" in str(serving.requests[2].messages[-1].content)
    made, _, _ = ask(CodeSolutionGenerator(language="Rust"), [{"instruction": "Double a number."}], always(x=1))
    assert made[0]["code"] == '{"x": 1}'


def test_tests_are_asserts_that_call_the_function_and_the_code_is_only_shown_when_wanted() -> None:
    written = ("assert double(2) == 4", "double(3)", "assert double(2) == 4", "assert 1 == 1", "assert double(0) == 0  # none", "assert double(")
    answer = in_turn("Here they are:\n" + fenced("\n".join(written)))
    row = {"instruction": "Double a number.", "code": DOUBLE}
    kept, _, serving = ask(TestsGenerator(), [row], answer)
    assert kept[0]["tests"] == "assert double(2) == 4\nassert double(0) == 0"
    assert ask(TestsGenerator(tests=1), [row], answer)[0][0]["tests"] == "assert double(2) == 4"
    assert DOUBLE not in user_text(serving.requests[0])
    assert "Write 5 asserts for double." in user_text(serving.requests[0])
    assert DOUBLE in user_text(ask(TestsGenerator(show_code=True), [row], answer)[2].requests[0])
    kept, aside, _ = ask(TestsGenerator(), [row], in_turn("assert 1 == 1"))
    assert kept == []
    assert "none of it is an assert in Python that calls double" in aside[0]["rejected_reason"]


@fault("0 means failure, mixed with real scores")
@fault("failed evaluations are deliberately kept as good data")
@fault("one shipped pipeline uses 0..10, which filters nothing")
@fault("unknown method raises NameError because of an undefined variable in the message")
def test_a_rating_that_does_not_come_is_no_score_and_a_floor_filters() -> None:
    rows = [{"instruction": "Double a number.", "code": code} for code in (DOUBLE, "pass", "broken")]

    def answer(request: Any) -> Any:
        asked = user_text(request)
        if "broken" in asked:
            return "Score: none"
        return json.dumps({"reason": "fine", "score": 9 if "return" in asked else 2})

    rated, aside, _ = ask(CodeQualityEvaluator(), rows, answer)
    assert [row["code_quality"] for row in rated] == [9, 2]
    assert [row["code"] for row in aside] == ["broken"]
    kept, dropped, _ = ask(ScoreFilter(min=7, columns={"input_score": "code_quality"}), [*rated, {**rated[0], "row_id": "0", "code_quality": None}])
    assert [row["code_quality"] for row in kept] == [9]
    assert dropped[0]["rejected_reason"] == "code_quality = 2, below min = 7"
    assert dropped[1]["rejected_reason"] == "code_quality is null"
    with pytest.raises(Exception, match="needs"):
        ScoreFilter()


@fault("validation helper refers to attributes that are never set and is never called")
@fault("built but never run in the shipped code pipeline")
def test_what_a_pipeline_builds_it_runs_and_what_a_table_lacks_is_said_before() -> None:
    from dataflow_assets.pipelines.code_sft_filter import CodeSftFilter

    pipeline = CodeSftFilter()
    plan = pipeline.compile(resources=("llm", "sandbox"))
    assert {stage.name for stage in plan.stages} == set(pipeline.operators())
    assert "good" in pipeline.operators()
    problems = CodeQualityEvaluator().problems(pa.schema([("instruction", pa.string()), ("cod", pa.string())]))
    assert 'column "code" does not exist' in str(problems[0])
