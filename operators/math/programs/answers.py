"""Answers that programs compute: a model writes them, a sandbox runs them."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.math_answers.cleaning import clean
from operators.bases.math_answers.numbers import Quantity
from operators.bases.math_answers.reading import read
from operators.bases.votes import DrawsSamples
from operators.core.llm import LLMGenerate
from operators.core.runs_programs import RunsPrograms
from operators.math.programs.prompts import ProgramPrompt
from operators.sandboxes import Program, SandboxSession
from operators.tables.columns import Input, Output

_FENCED: Final = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL | re.IGNORECASE)
_COLON: Final = re.compile(r"(?<!\d):|:\s")
"""After what a number is called: not within a ratio or a time of day."""
_FLOAT: Final = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
_EXACT_DIGITS: Final = 12
_SHORT: Final = 9
_COMPUTES: Final = (ast.BinOp, ast.AugAssign, ast.For, ast.While, ast.comprehension, ast.Compare, ast.Subscript)
_CONVERSIONS: Final = frozenset(("print", "int", "float", "str", "round", "Decimal"))


class ProgramAnswersGenerator(RunsPrograms, DrawsSamples, LLMGenerate):
    """Have a short Python program written for each question that asks for a number, run it in the sandbox, and take what it prints as the answer.

    A program that fails, takes too long, prints no number, only prints a number that stands in it, or computes something that it then leaves unused
    (half a solution) has no answer; why is said beside it. With `samples`, several programs are drawn. The answers are a second way to the result:
    compare them with a solution (AnswerComparisonEvaluator or GroundTruthFilter with `input_gold` bound to `program_answer`), or let
    MajorityVoteEvaluator ask that both agree.
    """

    source = "PAL (Gao et al. 2023), Program of Thoughts (Chen et al. 2023)"
    asks = ("check the chain of thought with code", "let the model compute the result in Python", "program-aided verification of answers")
    needs = ("llm", "sandbox")

    input_question = Input(str)
    output_answer = Output(str, "program_answer", description="that of the first program that has one")
    output_answers = Output(list[str], "program_answers", description="of each sample; null where it has none")
    output_programs = Output(list[str], "programs", description="of each sample; null where none was written")
    output_faults = Output(list[str], "program_faults", description="of each sample, why it has no answer; null where it has")

    prompt: PromptTemplate[str] = ProgramPrompt()
    max_seconds: float = Field(5.0, gt=0, le=3600, description="Longest run of one program, in seconds.")
    max_memory_mb: int = Field(256, ge=64, description="Most memory of one program, in megabytes.")
    all_used: bool = Field(True, description="A program that gives a name to a value and never uses it has no answer.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        sandbox: SandboxSession = values.pop("sandbox")
        drawn = await self.draw_samples(llm, values, check=_is_a_program)
        programs = [program_in(one.answer) if one is not None else None for one in drawn]
        results = await asyncio.gather(*(self._result(sandbox, program) for program in programs))
        answers = [answer for answer, _ in results]
        return {
            "answer": next((answer for answer in answers if answer is not None), None),
            "answers": answers,
            "programs": programs,
            "faults": [fault for _, fault in results],
        }

    async def _result(self, sandbox: SandboxSession, program: str | None) -> tuple[str | None, str | None]:
        """The number that a program prints last, or why there is none."""
        if program is None:
            return None, "no program was written"
        if not computes(program):
            return None, "it computes nothing"
        if self.all_used and (unused := unused_names(program)):
            return None, f"it never uses {', '.join(unused[:3])}"
        verdict = await self.verdict_on(sandbox, Program(program, limits=self.limits()))
        if not verdict.passed:
            return None, f"{verdict.kind}: {verdict.reason}"
        lines = [line.strip() for line in verdict.stdout.splitlines() if line.strip()]
        if not lines:
            return None, "it prints nothing"
        printed = without_float_noise(_COLON.split(lines[-1])[-1].strip() or lines[-1])
        if not isinstance(read(clean(printed)), Quantity):
            return None, f"it prints no number: {printed[:80]}"
        return printed, None


def computes(program: str) -> bool:
    """Whether a program reckons, compares, repeats or calls anything, and does not only print numbers that stand in it.

    >>> computes("answer = 7  # as said\\nprint(int(answer))"), computes("print(3 + 4)"), computes("print(sum([3, 4]))")
    (False, True, True)
    """
    nodes = list(ast.walk(ast.parse(program)))
    calls = (node.func.id if isinstance(node.func, ast.Name) else "" for node in nodes if isinstance(node, ast.Call))
    return any(isinstance(node, _COMPUTES) for node in nodes) or any(name not in _CONVERSIONS for name in calls)


def without_float_noise(printed: str) -> str:
    """A number without what binary fractions add to a short one.

    >>> [without_float_noise(number) for number in ("59.969999999999995", "0.30000000000000004", "0.3333333333333333", "3.0")]
    ['59.97', '0.3', '0.3333333333333333', '3.0']
    """
    if not _FLOAT.fullmatch(printed):
        return printed
    rounded = f"{float(printed):.{_EXACT_DIGITS}g}"
    is_noise = len(re.sub(r"\D", "", printed)) > _EXACT_DIGITS and len(re.sub(r"\D", "", rounded)) <= _SHORT and "e" not in rounded
    return rounded if is_noise else printed


def unused_names(program: str) -> list[str]:
    """The names that a program gives to values and never reads, in their order; names that begin with "_" are meant so.

    >>> unused_names("wage = 300\\nbefore = 200\\nprint(420 - before)")
    ['wage']
    """
    nodes = list(ast.walk(ast.parse(program)))
    read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    given = [target.id for target in targets if isinstance(target, ast.Name) and not target.id.startswith("_")]
    return [name for name in dict.fromkeys(given) if name not in read]


def program_in(answer: str) -> str:
    """The last code block of an answer; all of it where there is none."""
    blocks = _FENCED.findall(answer)
    return str(blocks[-1]) if blocks else answer


def _is_a_program(answer: str) -> str | None:
    program = program_in(answer)
    try:
        compile(program, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return f"it is no Python: {error}"
    except (RecursionError, MemoryError):
        return "it is nested too deeply to be read"
    return None if "print" in program else "it prints nothing: end with print(answer)"
