"""Programs for instructions, and tests for programs."""

from __future__ import annotations

import ast
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.replies import functions_of, program_of, python_fault
from operators.bases.votes import DrawsSamples
from operators.code.synthesis.prompts import InstructionToCodePrompt, TestsPrompt
from operators.core.llm import LLMGenerate
from operators.sandboxes import parse_python
from operators.tables.columns import Input, Output


class CodeSolutionGenerator(DrawsSamples, LLMGenerate):
    """Write programs for an instruction: a new row for each of `samples`, equal programs once.

    Of an answer with prose and code blocks, the longest block in the language is the program. A Python program that does not parse, or that lacks the
    function `entry_point`, is asked for again with what is wrong.
    """

    covers = ("CodeInstructionToCodeGenerator",)
    source = "OSS-Instruct (Wei et al. 2024)"
    asks = ("solve coding tasks with an LLM", "several candidate programs for each prompt", "generate code from instructions")
    adds_rows = True

    input_instruction = Input(str)
    input_entry_point = Input(str, optional=True, nulls="pass", description="the name of the function to write")
    output_code = Output(str)

    prompt: PromptTemplate[str] = InstructionToCodePrompt()
    language: str = Field("Python", min_length=1, description="What the programs are written in.")
    characters: int = Field(6000, ge=1, description="How much of the instruction the model sees.")
    max_tokens: int | None = Field(700, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        entry_point = values["entry_point"] or ""
        is_python = self.language.lower() == "python"
        tags = frozenset({"", self.language.lower(), *({"py", "python3"} if is_python else set())})

        def check(answer: str) -> str | None:
            return python_fault(program_of(answer, tags), entry_point) if is_python else None

        drawn = await self.draw_samples(llm, {**values, "entry_point": entry_point}, check=check)
        programs = [program_of(answered.answer, tags) for answered in drawn if answered is not None]
        return [{"code": program} for program in dict.fromkeys(programs)]


class TestsGenerator(LLMGenerate):
    """Write tests for a Python function: asserts that call it, one a line. What is no assert, does not parse or does not call it is left out.

    Whether the tests are right is not known: `TestSuiteEvaluator` runs them. Without `show_code` they are written from the instruction alone, so
    that they do not repeat what a program happens to do.
    """

    __test__ = False  # pytest takes classes of this name for its own

    source = "CodeT (Chen et al. 2022)"
    asks = ("write unit tests with an LLM", "asserts for generated functions", "test cases for coding tasks")

    input_instruction = Input(str)
    input_code = Input(str, optional=True, nulls="pass", description="shown to the model where it is bound and `show_code` is set")
    input_entry_point = Input(str, optional=True, nulls="pass", description="the name of the function; the last one that the code defines where null")
    output_tests = Output(str)

    prompt: PromptTemplate[str] = TestsPrompt()
    tests: int = Field(5, ge=1, le=20, description="How many to ask for.")
    show_code: bool = Field(False, description="Show the model the code beside the instruction.")
    characters: int = Field(4000, ge=1, description="How much of the instruction and of the code the model sees.")
    max_tokens: int | None = Field(600, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        code = values["code"] or ""
        name = values["entry_point"] or next(reversed(functions_of(code)), "")
        asked = {**values, "code": code if self.show_code else "", "entry_point": name}

        def check(answer: str) -> str | None:
            return None if asserts_of(answer, name) else f"none of it is an assert in Python that calls {name or 'a function'}"

        answer = await self.ask(llm, asked, check=check)
        return "\n".join(asserts_of(answer, name)[: self.tests])


def asserts_of(reply: str, name: str = "") -> list[str]:
    """The asserts in a reply, each once, that call a function (of that name). What does not parse is passed over, line by line.

    >>> asserts_of("assert f(1) == 2  # one\\nprint(f(1))\\nassert f(\\nassert g(1) == 2\\nassert 1 == 1", "f")
    ['assert f(1) == 2']
    """
    program = program_of(reply)
    statements = _statements(program) or [statement for line in program.splitlines() for statement in _statements(line.strip())]
    return list(dict.fromkeys(ast.unparse(statement) for statement in statements if isinstance(statement, ast.Assert) and _calls(statement, name)))


def _statements(code: str) -> list[ast.stmt]:
    """None where it does not parse."""
    try:
        return parse_python(code).body
    except SyntaxError:
        return []


def _calls(statement: ast.Assert, name: str) -> bool:
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return any(not name or (isinstance(called, ast.Name) and called.id == name) for called in calls)
