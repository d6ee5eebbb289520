"""The functions that a task needs, as definitions that are valid JSON schema."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.said import Said
from operators.bases.stated_numbers import digits_in
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tools.calls import Call
from operators.tools.definitions import Tool, as_openai, tool_fault
from operators.tools.prompts import FunctionDraft, FunctionDrafts, FunctionsPrompt, ParameterType

_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]*")


class FunctionDefinitionsGenerator(LLMGenerate):
    """Write the definitions of the functions that a task needs: names, descriptions and parameters, as JSON schema in OpenAI's shape.

    Asked part by part, with the functions that are there already, so that no part is left out and later ones can use what earlier ones need. Each
    definition is checked: a name that Python and every interface takes, a description, a schema that is one. What is wrong is told to the model,
    which answers again; what stays wrong is set aside. A function that is defined again is the one that is there.

    For each parameter the model also says which value the task gives. One that really stands there makes the parameter a required one; what the task
    does not say, and no function could have returned, may be left out of a call. `example_calls` has the values: calls that the functions, once they
    are implemented, have to answer.
    """

    covers = ("FunctionGenerator",)
    source = "BUTTON (Chen et al. 2024); JSON Schema 2020-12"
    asks = ("generate tool definitions for a task", "invent APIs as JSON schema", "OpenAI function specs from a user request")
    prompt_variables = ("part", "before", "known")

    input_task = Input(str)
    input_sub_tasks = Input(list[str])
    output_tools = Output(list, "tools", description="definitions in OpenAI's shape")
    output_example_calls = Output(list, "example_calls", description='[{"name", "arguments"}]: what the task gives for each function')

    prompt: PromptTemplate[FunctionDrafts] = FunctionsPrompt()
    functions: int = Field(6, ge=1, le=20, description="At most so many for a task.")
    max_tokens: int | None = Field(500, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        tools: list[Tool] = []
        examples: list[Call] = []
        parts = [part for part in values["sub_tasks"] if part and part.strip()] or [values["task"]]
        for place, part in enumerate(parts):
            for draft in await self._of_part(llm, {"task": values["task"], "part": part, "before": parts[:place]}, tools):
                given = values_given(draft, values["task"])
                examples.append(Call(draft.name, given))
                tools.append(tool_of(draft, given, results=bool(tools)))
        if not 1 <= len(tools) <= self.functions:
            raise RowFailed(f"the task has {len(tools)} functions, and 1 to {self.functions} are wanted")
        return {"tools": as_openai(tools), "example_calls": [{"name": call.name, "arguments": call.arguments} for call in examples]}

    async def _of_part(self, llm: LLMSession, asked: Mapping[str, Any], known: Sequence[Tool]) -> list[FunctionDraft]:
        def check(answer: FunctionDrafts) -> str | None:
            return next((fault for draft in fresh(answer.functions, known) if (fault := draft_fault(draft))), None)

        listed = "\n".join(f"{tool.signature()}: {tool.description}" for tool in known)
        answer = await self.ask(llm, {**asked, "known": listed}, check=check)
        return fresh(answer.functions, known)


def fresh(drafts: Sequence[FunctionDraft], known: Sequence[Tool]) -> list[FunctionDraft]:
    """The drafts of functions that are not there. One of a name that is taken means the function that has it."""
    taken = {tool.name for tool in known}
    return [draft for place, draft in enumerate(drafts) if draft.name not in taken.union(one.name for one in drafts[:place])]


def draft_fault(draft: FunctionDraft) -> str | None:
    """What is wrong with a definition that a model wrote, in words for it."""
    parameters = [parameter.name for parameter in draft.parameters]
    for name in (draft.name, *parameters):
        if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name):
            return f'"{name}" is no name: lower case letters, digits and _, as in Python'
    if len(set(parameters)) < len(parameters):
        return f"{draft.name} has a parameter twice"
    if draft.name == "db" or "db" in parameters:
        return '"db" is the name of the database'
    return tool_fault(tool_of(draft, {}, results=True))


def values_given(draft: FunctionDraft, task: str) -> dict[str, Any]:
    """The values of a function's parameters that a task gives, in their types. What the model says the task gives, and does not stand there, is not
    among them."""
    said = Said()
    said.add(task)
    given: dict[str, Any] = {}
    for parameter in draft.parameters:
        value = _typed(parameter.value.strip(), parameter.type)
        if value is not None and value in said:
            given[parameter.name] = value
    return given


def _typed(text: str, type_: ParameterType) -> Any:
    """A value in words as one of its type; None where it is none."""
    if not text:
        return None
    if type_ == "string":
        return text
    if type_ == "boolean":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.casefold())
    numbers = sorted(digits_in(text))
    if len(numbers) != 1 or (type_ == "integer" and not numbers[0].is_integer()):
        return None
    return int(numbers[0]) if type_ == "integer" else numbers[0]


def tool_of(draft: FunctionDraft, given: Mapping[str, Any], results: bool) -> Tool:
    """The definition. What the task gives is required; and, where there may be results of other functions, what the draft says that it is."""
    properties = {parameter.name: {"type": parameter.type, "description": parameter.description.strip()} for parameter in draft.parameters}
    required = [parameter.name for parameter in draft.parameters if parameter.name in given or (results and parameter.required)]
    return Tool(draft.name, draft.description.strip(), {"type": "object", "properties": properties, "required": required})
