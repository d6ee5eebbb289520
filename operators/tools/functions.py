"""The functions that a task needs, as definitions that are valid JSON schema."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tools.definitions import Tool, as_openai, tool_fault
from operators.tools.prompts import FunctionDraft, FunctionDrafts, FunctionsPrompt

_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]*")


class FunctionDefinitionsGenerator(LLMGenerate):
    """Write the definitions of the functions that a task needs: names, descriptions and parameters, as JSON schema in OpenAI's shape.

    Asked part by part, with the functions that are there already, so that no part is left out and later ones can use what earlier ones need. Each
    definition is checked: a name that Python and every interface takes, a description, a schema that is one. What is wrong is told to the model,
    which answers again; what stays wrong is set aside. A function that is defined again is the one that is there.
    """

    covers = ("FunctionGenerator",)
    source = "BUTTON (Chen et al. 2024); JSON Schema 2020-12"
    asks = ("generate tool definitions for a task", "invent APIs as JSON schema", "OpenAI function specs from a user request")
    prompt_variables = ("part", "known")

    input_task = Input(str)
    input_sub_tasks = Input(list[str])
    output_tools = Output(list, "tools", description="definitions in OpenAI's shape")

    prompt: PromptTemplate[FunctionDrafts] = FunctionsPrompt()
    functions: int = Field(6, ge=1, le=20, description="At most so many for a task.")
    max_tokens: int | None = Field(500, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        tools: list[Tool] = []
        for part in [part for part in values["sub_tasks"] if part and part.strip()] or [values["task"]]:
            tools += await self._of_part(llm, values["task"], part, tools)
        if not 1 <= len(tools) <= self.functions:
            raise RowFailed(f"the task has {len(tools)} functions, and 1 to {self.functions} are wanted")
        return as_openai(tools)

    async def _of_part(self, llm: LLMSession, task: str, part: str, known: Sequence[Tool]) -> list[Tool]:
        def check(answer: FunctionDrafts) -> str | None:
            if not answer.functions and not known:
                return "it defines no function"
            return next((fault for draft in fresh(answer.functions, known) if (fault := draft_fault(draft))), None)

        listed = "\n".join(f"{tool.signature()}: {tool.description}" for tool in known)
        answer = await self.ask(llm, {"task": task, "part": part, "known": listed}, check=check)
        return [tool_of(draft) for draft in fresh(answer.functions, known)]


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
    return tool_fault(tool_of(draft))


def tool_of(draft: FunctionDraft) -> Tool:
    properties = {parameter.name: {"type": parameter.type, "description": parameter.description.strip()} for parameter in draft.parameters}
    required = [parameter.name for parameter in draft.parameters if parameter.required]
    return Tool(draft.name, draft.description.strip(), {"type": "object", "properties": properties, "required": required})
