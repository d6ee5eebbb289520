"""Instructions: rewritten into one form, made of programs, made of other instructions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.draws import generator
from operators.bases.implausible_answers import as_said, implausible
from operators.bases.pieces import sentences
from operators.bases.replies import program_of
from operators.code.synthesis.prompts import CodeToInstructionPrompt, EnhanceInstructionPrompt, NormalForm, SimilarInstructionPrompt
from operators.core.kinds import Generate
from operators.core.llm import LLMGenerate
from operators.engine.rows_reader import RowsReader
from operators.sandboxes import parse_python
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tables.types import PARENT_IDS, ROW_ID


def request_of(instruction: Any) -> str:
    """The text of an instruction: itself, or what the user says in a list of chat messages.

    Raises:
        RowFailed: neither of them.
    """
    if isinstance(instruction, str):
        return instruction
    if isinstance(instruction, Sequence):
        said = [turn.get("content") for turn in instruction if isinstance(turn, Mapping) and turn.get("role") == "user"]
        texts = [text for text in said if isinstance(text, str)]
        if texts:
            return "\n\n".join(texts)
    raise RowFailed("the instruction is neither a text nor a list of chat messages in which a user says something")


class EnhancedInstructionGenerator(LLMGenerate):
    """Rewrite a programming task into one form that can be tested: what to do, with what was left open, and the stub of one Python function.

    The stub is the signature, and a docstring with one example; both are checked with Python's parser. Whether the example is right is not known: it
    is a test too, `example_test`, which a solution should pass. Tasks may be texts or lists of chat messages.
    """

    covers = ("CodeEnhancementInstructionGenerator",)
    source = "OpenCoder (Huang et al. 2024): instructions in one form"
    asks = (
        "make vague coding prompts precise",
        "normalize programming instructions with a function signature",
        "add constraints and examples to tasks",
    )

    input_instruction = Input(Any)
    output_instruction = Output(str, "enhanced_instruction")
    output_entry_point = Output(str, "entry_point", description="the name of the function to write")
    output_test = Output(str, "example_test", description="the example as an assert")

    prompt: PromptTemplate[NormalForm] = EnhanceInstructionPrompt()
    characters: int = Field(4000, ge=1, description="How much of the task the model sees.")
    max_tokens: int | None = Field(700, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str]:
        answer: NormalForm = await self.ask(llm, {"instruction": request_of(values["instruction"])}, check=_fault)
        text = f"{answer.task.strip()}\n\n```python\n{_stub(answer)}\n```"
        test = f"assert {answer.call.strip()} == {_value(answer)}"
        return {"instruction": text, "entry_point": _function(answer.signature).name, "test": test}


def _fault(answer: NormalForm) -> str | None:
    """What is wrong with the signature or the example, in words for the model; None where nothing is."""
    try:
        name = _function(answer.signature).name
    except (SyntaxError, ValueError) as error:
        return f"the signature is wrong: {error}"
    try:
        call = ast.parse(answer.call.strip(), mode="eval").body
        ast.literal_eval(_value(answer))
        parse_python(_stub(answer))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        return f"the example is wrong: call and value have to be Python, such as {name}(...) and [1, 2]: {error}"
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != name:
        return f"the example is wrong: it does not call {name}"
    return None


def _function(signature: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Raises ValueError where it is no signature of one function."""
    body = parse_python(f"{signature.strip().removesuffix('...').rstrip(' :')}:\n    pass").body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef):
        raise ValueError("give one line: def name(argument: type) -> type")
    return body[0]


def _value(answer: NormalForm) -> str:
    """What the example returns, in Python. Of a function that returns a text, models often write the text itself, without quotes."""
    value, returns = answer.returns.strip(), _function(answer.signature).returns
    if not isinstance(returns, ast.Name) or returns.id != "str" or "'" in value or '"' in value:
        return value
    try:
        return value if isinstance(ast.literal_eval(value), str) else repr(value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return repr(value)


def _stub(answer: NormalForm) -> str:
    """The function as its user sees it: signature, what it does in one sentence, and the example."""
    function = _function(answer.signature)
    said = sentences(answer.task)
    summary = answer.task[said[0].start : said[0].end] if said else answer.task
    docstring = "\n    ".join([" ".join(summary.split()).replace('"""', "'''"), "", f">>> {answer.call.strip()}", _value(answer), ""])
    head = ast.unparse(function).removesuffix("pass").rstrip()
    mark = 'r"""' if "\\" in docstring else '"""'
    return f'{head}\n    {mark}{docstring}"""'


_SHOWN: Final = re.compile(
    r"\b(?:the|this) (?:(?:problem|task) (?:description|statement)"
    r"|(?:given|provided|following|above|original|existing) (?:code|function|snippet|program)|code (?:above|below|shown|given|provided|snippet))\b",
    re.IGNORECASE,
)


class InstructionFromCodeGenerator(LLMGenerate):
    """Write the instruction that a piece of code answers: what it has to do, not how."""

    covers = ("CodeCodeToInstructionGenerator",)
    source = "OSS-Instruct (Wei et al. 2024)"
    asks = ("turn functions into coding prompts", "reverse engineer the task from source code", "backtranslate code to instructions")

    input_code = Input(str)
    output_instruction = Output(str)

    prompt: PromptTemplate[str] = CodeToInstructionPrompt()
    characters: int = Field(6000, ge=1, description="How much of the code the model sees.")
    max_tokens: int | None = Field(200, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        code: str = values["code"]

        def check(answer: str) -> str | None:
            if as_said(program_of(answer)) == as_said(code):
                return "it is the code: say in words what is to be done"
            if shown := _SHOWN.search(answer):
                return f'it points to "{shown[0]}", which nobody sees who reads it'
            return implausible(answer, code)

        return str(await self.ask(llm, values, check=check)).strip()


class FewShotExamplesGenerator(Generate):
    """Draw examples for new instructions: each new row has the texts of `examples` different rows of the pool, and names these as its parents.

    The draws depend on the seed and on the rows of the pool, not on their order. A pool of fewer rows than `examples` makes none.
    """

    source = "Self-Instruct (Wang et al. 2023)"
    asks = ("sample few shot examples from a seed pool", "random groups of seed tasks", "draw demonstrations for prompts")
    scope = "table"
    adds_rows = True

    input_instruction = Input(str)
    output_examples = Output(list[str])

    carry: Literal["none"] = "none"
    rows: int = Field(100, ge=1, description="How many groups to draw.")
    examples: int = Field(3, ge=1, le=20, description="Instructions in a group.")
    seed: int = 0

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        pool = sorted(
            (row_id, text)
            for batch in rows.batches(["instruction"])
            for row_id, text in zip(batch.column(ROW_ID).to_pylist(), batch.column("instruction").to_pylist(), strict=True)
        )
        if len(pool) < self.examples:
            return
        drawn = [generator(self.seed, str(group)).choice(len(pool), self.examples, replace=False).tolist() for group in range(self.rows)]
        texts = [[pool[place][1] for place in group] for group in drawn]
        parents = [[pool[place][0] for place in group] for group in drawn]
        listed = pa.list_(pa.string())
        yield pa.RecordBatch.from_pydict({self.output_columns()["examples"]: pa.array(texts, listed), PARENT_IDS: pa.array(parents, listed)})


class SimilarInstructionGenerator(LLMGenerate):
    """Write one new task of the kind of some examples. One that says what an example says, in nearly the same words, is asked for again.

    `FewShotExamplesGenerator` draws the examples; what is like other tasks of the pool, MinHashDedupAgainst finds.
    """

    covers = ("CodeInstructionGenerator",)
    source = "Self-Instruct (Wang et al. 2023)"
    asks = ("invent new coding tasks from seed tasks", "grow a pool of programming problems", "self-instruct for code")

    input_examples = Input(list[str])
    output_instruction = Output(str)

    prompt: PromptTemplate[str] = SimilarInstructionPrompt()
    max_overlap: float = Field(0.7, gt=0, le=1, description="Share of its words, by threes, that may stand in one example.")
    characters: int = Field(1500, ge=1, description="How much of each example the model sees.")
    temperature: float | None = Field(0.8, ge=0, le=2, description="How freely answers are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(400, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        def check(answer: str) -> str | None:
            if any(_overlap(answer, example) > self.max_overlap for example in values["examples"]):
                return "it is one of the examples: write a task about something else"
            return implausible(answer, "")

        return str(await self.ask(llm, values, check=check)).strip()


def _overlap(answer: str, example: str) -> float:
    """The share of the answer's words, by threes, that the example has."""
    grams, known = _threes(answer), _threes(example)
    return float(np.mean([gram in known for gram in grams])) if grams else 0.0


def _threes(text: str) -> set[tuple[str, ...]]:
    words = as_said(text).split()
    return {tuple(words[place : place + 3]) for place in range(max(1, len(words) - 2))}
