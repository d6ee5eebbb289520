"""What generators of instructions, programs and tests ask language models, and the shapes of the answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate


class NormalForm(BaseModel):
    """An instruction in one form: what to do, the function to write, and one example."""

    task: str = Field(min_length=12, max_length=800, description="what the function does: inputs, output, limits, special cases; full sentences")
    signature: str = Field(min_length=8, max_length=300, description="the first line of the function in Python, with types")
    call: str = Field(min_length=3, max_length=300, description="one call of the function with values written out")
    returns: str = Field(min_length=1, max_length=300, description="what this call returns, as Python writes it")


class EnhanceInstructionPrompt(PromptTemplate[NormalForm]):
    system = (
        "You rewrite programming tasks so that they can be solved and tested without questions. You keep what is asked, say what was left open "
        "(types, empty input, errors), and give the signature of one Python function and an example. You do not solve the task."
    )
    user = "Task:\n{{ instruction | shorten(characters) }}"
    examples = (
        (
            {"instruction": "Count the vowels of a word."},
            {
                "task": "Count how many letters of a word are vowels (a, e, i, o, u), in upper or lower case. An empty word has none.",
                "signature": "def count_vowels(word: str) -> int",
                "call": "count_vowels('Oslo')",
                "returns": "2",
            },
        ),
        (
            {"instruction": "Split a list into pieces of the same length."},
            {
                "task": "Cut a list into pieces of `size` items, in order. The last piece may be shorter; an empty list has no pieces. "
                "A size below 1 raises ValueError.",
                "signature": "def pieces(items: list[int], size: int) -> list[list[int]]",
                "call": "pieces([1, 2, 3, 4, 5], 2)",
                "returns": "[[1, 2], [3, 4], [5]]",
            },
        ),
    )


class CodeToInstructionPrompt(PromptTemplate[str]):
    system = (
        "You are shown a piece of code and write the instruction that a programmer could have been given to write it. Say what it has to do, its "
        "name, its inputs and its output, and nothing of how. Answer with the instruction alone, two sentences at most, without code."
    )
    user = "{{ code | shorten(characters) }}"


class InstructionToCodePrompt(PromptTemplate[str]):
    system = (
        "You are an expert programmer. You answer with one complete {{ language }} program in a single code block, with everything that it needs and "
        "no example of its use, no tests and no explanation. It uses the standard library alone."
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


class TestsPrompt(PromptTemplate[str]):
    __test__ = False  # pytest takes classes of this name for its own

    system = (
        "You write tests for Python functions: single assert statements that call the function with concrete arguments and compare what it returns. "
        "Cover ordinary input, empty input, limits and special cases. Compute each expected value carefully: a wrong test is worse than none. "
        "Answer with the asserts alone, one a line, in one Python code block."
    )
    user = (
        "Task:\n{{ instruction | shorten(characters) }}\n\n{% if code %}Code:\n{{ code | shorten(characters) }}\n\n{% endif %}"
        "Write {{ tests }} asserts{% if entry_point %} for {{ entry_point }}{% endif %}."
    )
