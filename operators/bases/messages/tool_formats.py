"""Conversations with calls of functions, in the formats of three trainers: OpenAI's, LLaMA-Factory's, Hermes's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

import orjson

from operators.bases.exact_json import fragment, written_json
from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import as_messages_with_tools, as_sharegpt, tagged_result, whole_text

HERMES_SYSTEM: Final = (
    "You may call functions. Their definitions stand between <tools> and </tools>, one a line.\n<tools>\n{tools}\n</tools>\n"
    'To call one, write a JSON object {{"name": ..., "arguments": {{...}}}} between <tool_call> and </tool_call>.'
)


def as_openai(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """OpenAI's messages without fields that are null. Calls without an id get one, and their results name it."""
    return [
        {name: value for name, value in message.items() if value is not None or (name == "content" and not message["tool_calls"])}
        for message in as_messages_with_tools(with_ids(turns))
    ]


def as_llama_factory(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """ShareGPT's turns as LLaMA-Factory reads them: function_call and observation take turns, so that several results are one, as a JSON list."""
    return list(as_sharegpt(_one_result(turns)))


def as_hermes(turns: Sequence[Turn], tools: Sequence[Any]) -> list[dict[str, str]]:
    """ShareGPT's turns as Hermes has them: definitions in the system message, calls and results as text between tags."""
    own = turns[0].text if turns and turns[0].role == "system" else ""
    told = HERMES_SYSTEM.format(tools="\n".join(written_json(tool) for tool in tools)) if tools and "<tools>" not in own else ""
    system = "\n\n".join(part for part in (own, told) if part)
    roles = {"user": "human", "assistant": "gpt", "tool": "tool"}
    said = [{"from": roles[turn.role], "value": _hermes_text(turn)} for turn in _joined(turns) if turn.role != "system"]
    return [*([{"from": "system", "value": system}] if system else []), *said]


def with_ids(turns: Sequence[Turn]) -> list[Turn]:
    """The turns, in which each call has an id that no other has, and each result the id of its call."""
    made: list[Turn] = []
    taken = {call.id for turn in turns for call in turn.calls}
    numbers = (id_ for number in count(1) if (id_ := f"call_{number}") not in taken)
    seen: set[str] = set()
    waiting: list[tuple[str, str]] = []  # the id that the data has, and ours
    for turn in turns:
        if turn.calls:
            waiting = [(call.id, call.id if call.id and call.id not in seen else next(numbers)) for call in turn.calls]
            seen.update(own for _, own in waiting)
            turn = replace(turn, calls=tuple(replace(call, id=own) for call, (_, own) in zip(turn.calls, waiting, strict=True)))
        elif turn.role == "tool" and waiting:
            answered = next((pair for pair in waiting if turn.answers and pair[0] == turn.answers), waiting[0])
            waiting.remove(answered)
            turn = replace(turn, answers=answered[1])
        made.append(turn)
    return made


def _one_result(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Results that follow each other as one: the JSON list of them."""
    for group in _groups(turns):
        if len(group) == 1:
            yield group[0]
        else:
            yield Turn("tool", orjson.dumps([fragment(turn.text) for turn in group]).decode())


def _joined(turns: Sequence[Turn]) -> Iterator[Turn]:
    for group in _groups(turns):
        text = "\n".join(tagged_result(turn) for turn in group)
        yield Turn("tool", text) if group[0].role == "tool" else group[0]


def _groups(turns: Sequence[Turn]) -> list[list[Turn]]:
    groups: list[list[Turn]] = []
    for turn in turns:
        if turn.role == "tool" and groups and groups[-1][0].role == "tool":
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def _hermes_text(turn: Turn) -> str:
    return turn.text if turn.role == "tool" else whole_text(turn)
