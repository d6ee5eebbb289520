"""Functions that are implemented: a Python module that a model writes, and that is tried in the sandbox before anything relies on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.core.runs_programs import RunsPrograms
from operators.sandboxes import SandboxSession, parse_python
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tools.calls import Call
from operators.tools.columns import ANY_DEFINITIONS
from operators.tools.definitions import Tool, read_tools
from operators.tools.execution import EXCUSED, NotLoaded, program_of, results_of
from operators.tools.prompts import ImplementationPrompt

_FENCED: Final = re.compile(r"```[\w+-]*[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_PYTHON_TYPES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
_SAMPLES: Final[dict[str, Any]] = {"string": "sample", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}


class ToolImplementationGenerator(LLMGenerate, RunsPrograms):
    """Implement functions as a Python module with a SQLite database of its own, and try it in the sandbox.

    The module makes its tables and sample data, and defines each function with the parameters of its definition. It is run: it has to load, and each
    function is called once with sample arguments. An error that no argument excuses (a name that is not there, SQL that is wrong) is told to the
    model, which writes the module again. What does not run in the end is set aside.
    """

    source = "tool use with executable functions, as in API-Bank (Li et al. 2023) and tau-bench (Yao et al. 2024)"
    asks = ("write code behind function definitions", "executable tools instead of made up results", "mock APIs that really run")
    needs = ("llm", "sandbox")
    prompt_variables = ("stubs", "module", "fault")

    input_tools = Input(Any, "tools", description=ANY_DEFINITIONS)
    input_sub_tasks = Input(list[str])
    output_implementation = Output(str, "implementation", description="a Python module")

    prompt: PromptTemplate[str] = ImplementationPrompt()
    rewrites: int = Field(2, ge=0, le=10, description="How often the module is written again after it did not run.")
    max_tokens: int | None = Field(1200, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> str:
        sandbox: SandboxSession = values["sandbox"]
        defined = read_tools(values["tools"])
        if not defined:
            raise ValueError("it has no functions to implement")
        stubs = "\n\n".join(stub_of(tool) for tool in defined)
        module = fault = ""
        for attempt in range(self.rewrites + 1):
            given = {"stubs": stubs, "sub_tasks": values["sub_tasks"], "module": module, "fault": fault}
            answer = await self.ask(llm, given, sample=attempt, check=lambda text: module_fault(module_of(text), defined))
            module = module_of(answer)
            fault = await self._trial(sandbox, module, defined)
            if not fault:
                return module
        raise RowFailed(f"invalid_answer: the module does not run: {fault}")

    async def _trial(self, sandbox: SandboxSession, module: str, tools: Sequence[Tool]) -> str:
        """What is wrong with a module when it is run; "" where nothing is."""
        calls = [sample_call(tool) for tool in tools]
        try:
            results = results_of(await sandbox.run(program_of(module, calls, self.limits())), calls)
        except NotLoaded as error:
            return str(error)
        bad = next((place for place, result in enumerate(results) if result.error_class and result.error_class not in EXCUSED), None)
        return "" if bad is None else f"{calls[bad].as_text()} raises {results[bad].error_class}: {results[bad].error}"


def module_of(answer: str) -> str:
    """The longest code block of an answer; the whole answer where it has none."""
    blocks: list[str] = _FENCED.findall(answer)
    return max(blocks, key=len).strip() if blocks else answer.strip()


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
