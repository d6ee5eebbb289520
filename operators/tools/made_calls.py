"""The calls of a conversation, each with its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from operators.bases.exact_json import items_as_written, parsed_json, written_json
from operators.bases.messages.turns import ToolCall, Turn


@dataclass(slots=True)
class MadeCall:
    """A call, the number of its turn (from 1), and what the function returned. `result` is None where the conversation has no result for it."""

    turn: int
    call: ToolCall
    result: str | None = None
    result_turn: int = 0


def made_calls(turns: Sequence[Turn]) -> list[MadeCall]:
    """All calls in order. A result belongs to the call that it names, else to the first that waits; the only one, a list of as many items, to all."""
    made: list[MadeCall] = []
    waiting: list[MadeCall] = []
    made_in = 0
    for number, turn in enumerate(turns, 1):
        if turn.calls:
            waiting, made_in = [MadeCall(number, call) for call in turn.calls], number
            made += waiting
        elif turn.role == "tool" and waiting:
            several = len(waiting) == len(turns[made_in - 1].calls) and not (number < len(turns) and turns[number].role == "tool")
            parts = _parts(turn, waiting) if several else None
            if parts is not None:
                for one, part in zip(waiting, parts, strict=True):
                    one.result, one.result_turn = part, number
                waiting = []
                continue
            named = next((one for one in waiting if turn.answers and one.call.id == turn.answers), waiting[0])
            named.result, named.result_turn = turn.text, number
            waiting.remove(named)
    return made


def _parts(turn: Turn, waiting: Sequence[MadeCall]) -> list[str] | None:
    """The results of several calls in one turn, as a JSON list, or of one in a list that names the call; None where the turn is the result itself."""
    if turn.answers or not turn.text.lstrip().startswith("["):
        return None
    found = parsed_result(turn.text)
    if not isinstance(found, list) or len(found) != len(waiting):
        return None
    if len(found) == 1 and not (isinstance(found[0], dict) and {"tool_call_id", "content"} <= found[0].keys()):
        return None
    return [_content(item, written) for item, written in zip(found, items_as_written(turn.text), strict=True)]


def _content(item: Any, written: str) -> str:
    """A result in a list of them: a text as it is, all else as it is written; or the content of a message."""
    if isinstance(item, dict) and "content" in item and ("name" in item or "tool_call_id" in item):
        content = item["content"]
        return content if isinstance(content, str) else written_json(content)
    return item if isinstance(item, str) else written


def parsed_result(text: str) -> Any:
    """A result as data; a text that is no JSON is itself."""
    try:
        return parsed_json(text)
    except ValueError:
        return text
