"""Conversations with functions, as data sets have them, in one shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from operators.bases.messages.column import ANY_SHAPE
from operators.bases.messages.reading import read_turns
from operators.bases.messages.tool_formats import with_ids
from operators.bases.messages.turns import NotMessages, Turn
from operators.bases.messages.writing import MESSAGES_WITH_TOOLS, as_messages_with_tools
from operators.core.kinds import Generate
from operators.tables.columns import Input, Output
from operators.tools.call_marks import has_unreadable_call, marked_calls, without_marked_calls
from operators.tools.calls import NotCalls, as_tool_call, read_calls
from operators.tools.columns import ANY_DEFINITIONS
from operators.tools.definitions import PARAMETERS, Tool, as_openai, objects_in, read_tools
from operators.tools.made_calls import made_calls
from operators.tools.python_values import python_value

_SPEAKER: Final = re.compile(r"(?:^|\n)[ \t]*(SYSTEM|USER|ASSISTANT|FUNCTION RESPONSE):[ \t]*")
_ROLES: Final = {"SYSTEM": "system", "USER": "user", "ASSISTANT": "assistant", "FUNCTION RESPONSE": "tool"}
_END: Final = "<|endoftext|>"
_RESPONSE: Final = re.compile(r"<tool_response>((?:(?!<tool_response>).)*?)</tool_response>", re.DOTALL)
_THOUGHT: Final = re.compile(r"\s*<think>(.*?)</think>\n?", re.DOTALL)
_TOOLS: Final = re.compile(r"<tools>((?:(?!<tools>).)*?)</tools>", re.DOTALL)


class ToolMessagesReader(Generate):
    """Bring conversations with function calls into OpenAI's shape.

    Calls have ids and stand in fields of their own, results name their call, definitions are JSON schema.
    Reads ShareGPT's function_call and observation, OpenAI's tool_calls, Anthropic's tool_use and tool_result; inside the text Hermes's <tool_call>,
    <tool_response> and <think>, and calls as the chat templates of other models mark them; Glaive's text ("USER: ... ASSISTANT: <functioncall> ...
    FUNCTION RESPONSE: ..."). Definitions come from `tools`, else from the system message.
    """

    source = "Glaive function calling v2; Hermes function calling; LLaMA-Factory's sharegpt format with tools; the OpenAI API"
    asks = ("read glaive function calling data", "convert Hermes tool calls to OpenAI format", "normalise tool use datasets")

    input_messages = Input(Any, "conversations", description=f"{ANY_SHAPE}; or Glaive's text")
    input_tools = Input(Any, "tools", optional=True, nulls="pass", description=ANY_DEFINITIONS)
    input_system = Input(str, "system", optional=True, nulls="pass", description="a system message that stands in a column of its own")
    output_messages = Output(MESSAGES_WITH_TOOLS, "messages")
    output_functions = Output(list, "functions", description="definitions in OpenAI's shape")

    def generate(self, messages: Any, tools: Any, system: str | None) -> dict[str, Any]:
        turns = list(_glaive_turns(messages)) if isinstance(messages, str) and _SPEAKER.match(messages) else read_turns(messages)
        if system and system.strip() and not (turns and turns[0].role == "system"):
            turns = [Turn("system", system.removeprefix("SYSTEM:").strip()), *turns]
        defined = read_tools(tools) or _told(turns)
        read = [one for turn in turns for one in _taken_apart(turn, defined)]
        return {"messages": as_messages_with_tools(with_ids(_each_result(read))), "functions": as_openai(defined)}


def _glaive_turns(text: str) -> Iterator[Turn]:
    places = list(_SPEAKER.finditer(text))
    for number, match in enumerate(places):
        end = places[number + 1].start() if number + 1 < len(places) else len(text)
        said = text[match.end() : end].replace(_END, "").strip()
        if said:
            yield Turn(_ROLES[match[1]], said)  # type: ignore[arg-type]


def _told(turns: list[Turn]) -> tuple[Tool, ...]:
    """The definitions in a system message: between <tools> and </tools>, else the JSON objects that have a name, if one of them has parameters."""
    if not turns or turns[0].role != "system":
        return ()
    marked = "\n".join(_TOOLS.findall(turns[0].text)).strip()
    named = [found for found in objects_in(marked or turns[0].text) if "name" in found or "function" in found]
    if marked:
        return read_tools(named or python_value(marked))
    return read_tools(named) if any(key in found for found in named for key in ("function", *PARAMETERS)) else ()


def _taken_apart(turn: Turn, tools: tuple[Tool, ...]) -> Iterator[Turn]:
    """Thoughts, calls and results that stand in a text, as what they are.

    Raises:
        NotMessages: what stands between the tags is no call.
    """
    if turn.role == "assistant":
        thought = _THOUGHT.match(turn.text)
        reasoning = "\n".join(part for part in (turn.reasoning, thought[1].strip() if thought else "") if part)
        text = turn.text[thought.end() :].lstrip("\n") if thought else turn.text
        try:
            calls = read_calls(text, tools) if marked_calls(text) or has_unreadable_call(text) else []
        except NotCalls as error:
            raise NotMessages(str(error)) from None
        yield Turn("assistant", without_marked_calls(text) if calls else text, reasoning, (*turn.calls, *map(as_tool_call, calls)))
        return
    parts, rest = _RESPONSE.findall(turn.text), _RESPONSE.sub("", turn.text).strip()
    if parts and (turn.role == "user" or (turn.role == "tool" and not rest)):
        yield from (Turn("tool", part.strip(), answers=turn.answers) for part in parts)
        if rest:
            yield Turn("user", rest)
    else:
        yield turn


def _each_result(turns: list[Turn]) -> list[Turn]:
    """One turn for each result, where one turn has those of several calls."""
    shared: dict[int, list[str]] = {}
    for made in made_calls(turns):
        if made.result is not None:
            shared.setdefault(made.result_turn, []).append(made.result)
    split: list[Turn] = []
    for number, turn in enumerate(turns, 1):
        results = shared.get(number, [])
        split += [Turn("tool", result) for result in results] if len(results) > 1 else [turn]
    return split
