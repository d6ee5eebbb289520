"""Three who talk: a user who wants something, an assistant that calls functions, and the functions, which are run."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, create_model

from operators.bases.messages.turns import Turn
from operators.bases.said import Said
from operators.tools.arguments import argument_fault
from operators.tools.calls import Call, as_tool_call
from operators.tools.definitions import Tool
from operators.tools.execution import Result
from operators.tools.grounding import grounding_fault

_TYPES: Final[Mapping[str, Any]] = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list[Any], "object": dict[str, Any]}


@dataclass
class Talk:
    """A conversation that is going on: its turns, and the calls that were made with their results."""

    turns: list[Turn] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def say(self, role: Literal["user", "assistant"], text: str) -> None:
        self.turns.append(Turn(role, text))

    def record(self, calls: Sequence[Call], results: Sequence[Result]) -> None:
        """Calls made at once, and what they returned, each under the id of its call."""
        first = len(self.calls) + 1
        ids = [f"call_{number}" for number in range(first, first + len(calls))]
        asked = tuple(map(as_tool_call, calls, ids))
        self.turns.append(Turn("assistant", "", calls=asked))
        self.turns += [Turn("tool", result.text, answers=id_) for result, id_ in zip(results, ids, strict=True)]
        self.calls += calls
        self.results += results

    @property
    def said(self) -> Said:
        said = Said()
        for turn in self.turns:
            said.add(turn.text)
        return said

    def as_text(self) -> str:
        """As the agents are shown it."""
        lines = []
        names = {f"call_{number}": call.name for number, call in enumerate(self.calls, 1)}
        for turn in self.turns:
            if turn.calls:
                lines += [f"Assistant calls {call.name}({call.arguments})" for call in turn.calls]
            elif turn.role == "tool":
                lines.append(f"{names.get(turn.answers, 'The function')} returned {turn.text}")
            else:
                lines.append(f"{turn.role.capitalize()}: {turn.text}")
        return "\n".join(lines)

    def spoken(self) -> str:
        """What the user and the assistant said to each other."""
        return "\n".join(f"{turn.role.capitalize()}: {turn.text}" for turn in self.turns if turn.role != "tool" and not turn.calls)

    def has_made(self, call: Call, since: int) -> bool:
        """Whether it was made already, and did not fail: the last of all, or since call `since`."""
        first = max(0, min(since, len(self.calls) - 1))
        return any(made == call and not result.error_class for made, result in zip(self.calls[first:], self.results[first:], strict=True))


def call_check(tool: Tool, arguments: Mapping[str, Any], said: Said) -> str | None:
    """Why the assistant may not make a call, in words for it."""
    return argument_fault(tool, arguments) or grounding_fault(Call(tool.name, arguments), said, tool)


@functools.lru_cache(maxsize=512)
def choice_of(names: tuple[str, ...], least: int) -> type[BaseModel]:
    """The answer to which functions are called next: up to three of these."""
    listed: Any = (list[Literal[names]], Field(min_length=least, max_length=3))  # type: ignore[valid-type]
    return create_model("Choice", __config__=ConfigDict(extra="forbid"), functions=listed)


@functools.lru_cache(maxsize=512)
def arguments_of(definition: bytes) -> type[BaseModel]:
    """The answer to what a function is called with, from its parameters as JSON: their names, their types; null for one that is left out."""
    schema = orjson.loads(definition)
    required = schema.get("required", [])
    fields: dict[str, Any] = {}
    for place, (name, parameter) in enumerate(schema.get("properties", {}).items()):
        type_ = _type_of(parameter)
        told = str(parameter.get("description", "")) if isinstance(parameter, dict) else ""
        given_always = (type_, Field(alias=name, description=told))
        fields[f"field_{place}"] = given_always if name in required else (type_ | None, Field(None, alias=name, description=told))
    return create_model("Arguments", __config__=ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True), **fields)


def _type_of(parameter: Any) -> Any:
    if not isinstance(parameter, dict):
        return str
    listed = parameter.get("enum")
    if isinstance(listed, list) and listed and all(isinstance(value, str) for value in listed):
        return Literal[tuple(listed)]
    return _TYPES.get(str(parameter.get("type")), str)


def given(answer: BaseModel) -> dict[str, Any]:
    """The arguments of an answer; what is null was left out."""
    return {name: value for name, value in answer.model_dump(by_alias=True).items() if value is not None}
