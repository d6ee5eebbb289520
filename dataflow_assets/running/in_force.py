"""The parameters and prompts that an operator runs with, those that nobody set among them, as plain data."""

from __future__ import annotations

from typing import Any

from operators.asking.prompt import PromptTemplate
from operators.core.operator import Operator

_NO_PARAMETERS = {"columns", "checkpoint"}
"""What it reads and makes is told apart from the parameters, and what stage has a table is told by the tables."""


def in_force(operator: Operator) -> list[dict[str, Any]]:
    """Of each part of the operator: {"operator": name, "parameters": {...}, "prompts": {...}, "reads": {...}, "makes": {...}}."""
    return [_of_one(part) for part in getattr(operator, "parts", (operator,))]


def _of_one(operator: Operator) -> dict[str, Any]:
    prompts = {name: value for name, value in operator if isinstance(value, PromptTemplate)}
    own = {name for name in type(operator).model_fields if name not in prompts} - _NO_PARAMETERS
    return {
        "operator": operator.name,
        "parameters": operator.model_dump(mode="json", include=own),
        "defaults": sorted(name for name in own if getattr(operator, name) == type(operator).model_fields[name].default),
        "prompts": {name: _asked(prompt) for name, prompt in prompts.items()},
        "reads": operator.input_columns(),
        "makes": operator.output_columns(),
    }


def _asked(prompt: PromptTemplate[Any]) -> dict[str, Any]:
    return {"system": prompt.system, "user": prompt.user, "answer": prompt.answer_schema()}
