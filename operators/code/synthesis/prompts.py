"""What generators of instructions, programs and tests ask language models, and the shapes of the answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class NormalForm(BaseModel):
    """An instruction in one form: what to do, and the function to write."""

    task: str = Field(min_length=12, max_length=800, description="what the function does: inputs, output, limits, special cases; full sentences")
    stub: str = Field(
        min_length=10,
        max_length=1500,
        description="Python: one function with typed signature and a docstring that has one example as a doctest; its body is the docstring alone",
    )


class EnhanceInstructionPrompt(PromptTemplate[NormalForm]):
    system = (
        "You rewrite programming tasks so that they can be solved and tested without questions. You keep what is asked, say what was left open "
        "(types, empty input, errors), and give the stub of one Python function. You do not solve the task."
    )
    user = "Task:\n{{ instruction | shorten(characters) }}"


class CodeToInstructionPrompt(PromptTemplate[str]):
    system = (
        "You are shown a piece of code and write the instruction that a programmer could have been given to write it. Say what it has to do, its "
        "name, its inputs and its output, and nothing of how. Answer with the instruction alone, two sentences at most, without code."
    )
    user = "{{ code | shorten(characters) }}"


class InstructionToCodePrompt(PromptTemplate[str]):
    system = (
        "You are an expert programmer. You answer with one complete {{ language }} program in a single code block, with everything that it needs and "
        "no example of its use, no tests and no explanation."
    )
    user = "{{ instruction | shorten(characters) }}{% if entry_point %}\n\nThe function is called {{ entry_point }}.{% endif %}"


class SimilarInstructionPrompt(PromptTemplate[str]):
    system = (
        "You invent programming tasks. You are shown some, and write one new task of the same kind and difficulty about something else: another "
        "problem, not a variation. Answer with the new task alone, without its solution."
    )
    user = (
        "{% for example in examples %}Task {{ loop.index }}:\n{{ example | shorten(characters) }}\n\n{% endfor %}"
        "Write task {{ examples | length + 1 }}."
    )


class AssertList(BaseModel):
    asserts: list[str] = Field(min_length=1, max_length=20, description="Python, each one assert that calls the function and compares its result")


class TestsPrompt(PromptTemplate[AssertList]):
    __test__ = False  # pytest takes classes of this name for its own

    system = (
        "You write tests for Python functions: single assert statements that call the function with concrete arguments and compare what it returns. "
        "Cover ordinary input, empty input, limits and special cases. Compute each expected value carefully: a wrong test is worse than none."
    )
    user = (
        "Task:\n{{ instruction | shorten(characters) }}\n\n{% if code %}Code:\n{{ code | shorten(characters) }}\n\n{% endif %}"
        "Write {{ tests }} asserts{% if entry_point %} for {{ entry_point }}{% endif %}."
    )
