"""Functions that are implemented: a Python module that a model writes, and that is tried in the sandbox before anything relies on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import SandboxSession, parse_python
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tools.arguments import call_fault
from operators.tools.calls import Call, read_calls
from operators.tools.columns import ANY_DEFINITIONS
from operators.tools.definitions import Tool, read_tools
from operators.tools.execution import NotLoaded, Result, program_of, results_of
from operators.tools.prompts import ImplementationPrompt
from operators.tools.use import is_error

_FENCED: Final = re.compile(r"```[\w+-]*[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_PYTHON_TYPES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
_SAMPLES: Final[dict[str, Any]] = {"string": "sample", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}


class ToolImplementationGenerator(LLMGenerate, RunsPrograms):
    """Implement functions as a Python module with a SQLite database of its own, and try it in the sandbox.

    The module makes its tables and sample data, and defines each function with the parameters of its definition. It is run: it has to load, and each
    function is called once. Where `example_calls` has all arguments that a function needs, that call has to return something; else it is called
    with sample arguments, and an error that arguments can be the reason of is no fault. Examples of its use at its end are left out. What is wrong (a
    name that is not there, SQL, sample data in which nothing is found) is told to the model, which writes the module again. What does not run in the
    end is set aside.
    """

    source = "tool use with executable functions, as in API-Bank (Li et al. 2023) and tau-bench (Yao et al. 2024)"
    asks = ("write code behind function definitions", "executable tools instead of made up results", "mock APIs that really run")
    needs = ("llm", "sandbox")
    prompt_variables = ("stubs", "examples", "module", "fault")

    input_tools = Input(Any, "tools", description=ANY_DEFINITIONS)
    input_sub_tasks = Input(list[str])
    input_example_calls = Input(Any, "example_calls", optional=True, nulls="pass", description='calls that have to work: [{"name", "arguments"}]')
    output_implementation = Output(str, "implementation", description="a Python module")

    prompt: PromptTemplate[str] = ImplementationPrompt()
    rewrites: int = Field(2, ge=0, le=10, description="How often the module is written again after it did not run.")
    rewrite_temperature: float = Field(0.5, ge=0, le=2, description="How freely a module is written again: at 0 a model writes the same once more.")
    max_tokens: int | None = Field(1200, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        sandbox: SandboxSession = values["sandbox"]
        defined = read_tools(values["tools"])
        if not defined:
            raise ValueError("it has no functions to implement")
        stubs = "\n\n".join(stub_of(tool) for tool in defined)
        examples = whole_calls(read_calls(values["example_calls"]), defined)
        shown = [call.as_text() for call in examples]
        module = fault = ""
        for attempt in range(self.rewrites + 1):
            given = {"stubs": stubs, "sub_tasks": values["sub_tasks"], "examples": shown, "module": module, "fault": fault}
            drawn = replace(self.sampling(), temperature=self.rewrite_temperature) if attempt else self.sampling()
            answer = await self.ask(llm, given, sample=attempt, sampling=drawn, check=lambda text: module_fault(module_of(text), defined))
            module = without_examples(module_of(answer), defined)
            fault = await self._trial(sandbox, module, defined, examples)
            if not fault:
                return module
        raise RowFailed(f"invalid_answer: the module does not run: {fault}")

    async def _trial(self, sandbox: SandboxSession, module: str, tools: Sequence[Tool], examples: Sequence[Call]) -> str:
        """What is wrong with a module when it is run; "" where nothing is."""
        have = {call.name for call in examples}
        calls = [*examples, *(sample_call(tool) for tool in tools if tool.name not in have)]
        try:
            results = results_of(await sandbox.run(program_of(module, calls, self.limits())), calls)
        except NotLoaded as error:
            return str(error)
        faults = (_result_fault(result, works=place < len(examples)) for place, result in enumerate(results))
        return next((f"{call.as_text()} {fault}" for call, fault in zip(calls, faults, strict=True) if fault), "")


def _result_fault(result: Result, works: bool) -> str | None:
    """What is wrong with the result of a call, in words that go on after the call.

    Args:
        result: what the call came to.
        works: whether the call has to return something.
    """
    if result.is_broken or (works and result.error_class):
        nothing_found = result.error_class == "TypeError" and "NoneType" in result.error
        wanted = ": the sample data has to have what is asked for" if result.is_excused or (works and nothing_found) else ""
        unchecked = ": where no row is found, a ValueError has to be raised" if nothing_found and not works else ""
        place = "" if result.is_excused else result.place
        return f"raises {result.error_class}: {result.error}{place}{wanted}{unchecked}"
    if works and (not result.value or is_error(result.text)):
        return f"returns {result.text[:80]}: the sample data has to have what is asked for"
    return None


def whole_calls(examples: Sequence[Call], tools: Sequence[Tool]) -> list[Call]:
    """The calls that fit the definition of their function, each function's first."""
    found: dict[str, Call] = {}
    for call in examples:
        if call.name not in found and call_fault(call, tools) is None:
            found[call.name] = call
    return list(found.values())


def module_of(answer: str) -> str:
    """The longest code block of an answer; the whole answer where it has none."""
    blocks: list[str] = _FENCED.findall(answer)
    return max(blocks, key=len).strip() if blocks else answer.strip()


def without_examples(module: str, tools: Sequence[Tool]) -> str:
    """A module without the statements at its top that only call its functions, or print: they would change the data before anybody has asked."""
    try:
        tree = parse_python(module)
    except SyntaxError:
        return module
    called = {"print", *(tool.name for tool in tools)}
    lines = module.split("\n")
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and any(isinstance(node, ast.Name) and node.id in called for node in ast.walk(statement)):
            first, last = statement.lineno, statement.end_lineno or statement.lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines).strip()


def module_fault(module: str, tools: Sequence[Tool]) -> str | None:
    """What is wrong with a module by the look of it, in words for the model: its syntax, a function or a parameter that it lacks."""
    try:
        tree = parse_python(module)
    except SyntaxError as error:
        return f"it is not valid Python: {error}"
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for tool in tools:
        if tool.name not in defined:
            return f"it does not define {tool.name}"
        arguments = defined[tool.name].args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        if arguments.kwarg is None and (missing := [name for name in tool.properties if name not in names]):
            return f'{tool.name} lacks the parameter "{missing[0]}"'
        needed = names[: len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)]
        if unknown := [name for name in needed if name not in tool.required]:
            return f'{tool.name} needs "{unknown[0]}", which is not among what a call has to give: {tool.signature()}'
    return None


def stub_of(tool: Tool) -> str:
    """The head of the function in Python, with its description."""
    order = sorted(tool.properties, key=lambda name: name not in tool.required)
    listed = [f"{name}: {_annotation(tool.properties[name])}" + ("" if name in tool.required else " = None") for name in order]
    told = [f"    {name}: {described}" for name in order if (described := _description(tool.properties[name]))]
    return "\n".join([f"def {tool.name}({', '.join(listed)}) -> dict:", f'    """{tool.description}', *told, '    """'])


def _annotation(schema: Any) -> str:
    return _PYTHON_TYPES.get(str(schema.get("type")) if isinstance(schema, dict) else "", "object")


def _description(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def sample_call(tool: Tool) -> Call:
    """A call with the arguments that are required, of the types that they have to have."""
    return Call(tool.name, {name: _sample(tool.properties.get(name)) for name in tool.required})


def _sample(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return "sample"
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    return _SAMPLES.get(str(schema.get("type")), "sample")
