"""Conversations as programs export them (ChatGPT, Claude, Gemini) and as data sets pair them: questions with answers, texts in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from operators.asking.requests import Role
from operators.bases.exact_json import parsed_json, written_json
from operators.bases.messages.reading import ROLES, read_turns
from operators.bases.messages.turns import NotMessages, ToolCall, Turn
from operators.bases.messages.written import written_turns

PAIRS: Final = (
    ("human", "assistant"),
    ("user", "assistant"),
    ("human", "gpt"),
    ("input", "output"),
    ("prompt", "response"),
    ("prompt", "completion"),
    ("question", "answer"),
    ("query", "response"),
    ("instruction", "output"),
)
"""Keys of an exchange: what the user says, and the answer."""
_HIDDEN: Final = ("is_visually_hidden_from_conversation", "is_user_system_message")
_THOUGHTS: Final = ("thoughts", "reasoning_recap")


def any_turns(value: Any, first: Role = "user") -> list[Turn]:
    """A conversation in any shape; of texts that follow each other, `first` says the first.

    Raises:
        NotMessages: it has another shape.
    """
    if isinstance(value, str):
        with suppress(ValueError):  # a text may begin with a bracket too, such as [INST]
            value = parsed_json(value) if value.lstrip().startswith(("[", "{")) else value
        if isinstance(value, str):
            return written_turns(value)
    if isinstance(value, Mapping):
        if isinstance(value.get("mapping"), Mapping):
            return list(_of_chatgpt(value["mapping"], value.get("current_node")))
        if _are_nodes(value):
            return list(_of_chatgpt(value, None))
        held = next((value[key] for key in ("chat_messages", "contents", "data") if isinstance(value.get(key), list)), None)
        value = [value] if held is None and _pair(value) else value if held is None else held
    if isinstance(value, list) and value:
        if all(isinstance(one, str) for one in value):
            return [Turn(first if place % 2 == 0 else _other(first), text) for place, text in enumerate(value)]
        if all(_is_two_texts(one) for one in value):
            return list(_of_two_texts(value))
        if all(isinstance(one, Mapping) and _pair(one) for one in value):
            return [turn for one in value for turn in _exchange(one)]
        value = [_renamed(one) if isinstance(one, Mapping) else one for one in value]
    return read_turns(value)


def _other(role: Role) -> Role:
    return "assistant" if role == "user" else "user"


def _pair(exchange: Mapping[str, Any]) -> tuple[str, str] | None:
    if "role" in exchange or "from" in exchange:
        return None
    return next(((asked, answered) for asked, answered in PAIRS if asked in exchange and answered in exchange), None)


def _exchange(exchange: Mapping[str, Any]) -> Iterator[Turn]:
    asked, answered = _pair(exchange) or ("", "")
    given: tuple[tuple[Role, str], ...] = (("system", "system"), ("user", asked), ("assistant", answered))
    for role, key in given:
        said = exchange.get(key)
        if isinstance(said, str) and said:
            yield Turn(role, said)
        elif said:
            raise NotMessages(f'"{key}" of an exchange is {type(said).__name__}, not text')


def _is_two_texts(one: Any) -> bool:
    return isinstance(one, list | tuple) and len(one) == 2 and all(isinstance(text, str) or text is None for text in one) and any(one)


def _of_two_texts(pairs: Sequence[Sequence[str | None]]) -> Iterator[Turn]:
    """(speaker, text), or (what the user says, the answer)."""
    if all(isinstance(speaker, str) and speaker.lower() in ROLES for speaker, _ in pairs):
        yield from (Turn(ROLES[str(speaker).lower()], text or "") for speaker, text in pairs)
        return
    for asked, answered in pairs:
        if asked:
            yield Turn("user", asked)
        if answered:
            yield Turn("assistant", answered)


def _renamed(turn: Mapping[str, Any]) -> Mapping[str, Any]:
    """Claude's `sender` and Gemini's `parts` under the names that others have for them."""
    if "role" not in turn and isinstance(turn.get("sender"), str):
        return {"role": turn["sender"], "content": turn.get("text") or turn.get("content")}
    if "content" not in turn and isinstance(turn.get("parts"), list):
        return {"role": turn.get("role"), "content": [_part_of_gemini(part) for part in turn["parts"]]}
    return turn


def _part_of_gemini(part: Any) -> Any:
    if isinstance(part, Mapping):
        if isinstance(call := part.get("functionCall") or part.get("function_call"), Mapping):
            return {"type": "tool_use", "name": call.get("name"), "input": call.get("args") or {}, "id": call.get("id")}
        if isinstance(result := part.get("functionResponse") or part.get("function_response"), Mapping):
            return {"type": "tool_result", "content": written_json(result.get("response")), "tool_use_id": result.get("id")}
        if "inlineData" in part or "inline_data" in part or "fileData" in part:
            return {"type": "image", "image": ""}
    return part


def _are_nodes(value: Mapping[str, Any]) -> bool:
    """Whether this is the mapping of ChatGPT's export alone. A table of structs has a null for every node that only other rows have."""
    nodes = [node for node in value.values() if node is not None]
    return bool(nodes) and all(isinstance(node, Mapping) and "parent" in node and "children" in node for node in nodes)


def _of_chatgpt(nodes: Mapping[str, Any], name: Any) -> Iterator[Turn]:
    """The branch that was shown last, else that of the newest message, without what was hidden."""
    branch = []
    if name not in nodes:
        last = [key for key, node in nodes.items() if node is not None and not _object(node).get("children")]
        name = max(last, key=lambda key: _time_of(nodes[key]), default=None)
    seen = set()
    while isinstance(name, str) and name in nodes and name not in seen:
        seen.add(name)
        node = nodes[name]
        if not isinstance(node, Mapping):
            raise NotMessages(f'"{name[:40]}" in the mapping is no node')
        branch.append(node.get("message"))
        name = node.get("parent")
    thought: list[str] = []
    for message in reversed(branch):
        if not isinstance(message, Mapping) or any(_object(message.get("metadata")).get(key) for key in _HIDDEN):
            continue
        content = _object(message.get("content"))
        text = _text_of_chatgpt(content)
        role = ROLES.get(str(_object(message.get("author")).get("role")))
        if role is None:
            raise NotMessages(f"a message has the author {message.get('author')!r:.60}, whose role is not known")
        if content.get("content_type") in _THOUGHTS:
            thought += [text] if text else []
        elif role == "assistant" and (called := message.get("recipient") or "all") != "all":
            yield Turn(role, "", "\n".join(thought), (ToolCall(str(called), written_json({"input": text})),))
            thought = []
        elif text.strip():
            yield Turn(role, text, "\n".join(thought) if role == "assistant" else "")
            thought = []


def _object(value: Any) -> Mapping[str, Any]:
    """What is no object has nothing in it."""
    return value if isinstance(value, Mapping) else {}


def _time_of(node: Any) -> float:
    time = _object(_object(node).get("message")).get("create_time")
    return float(time) if isinstance(time, int | float) else 0.0


def _text_of_chatgpt(content: Mapping[str, Any]) -> str:
    if isinstance(content.get("thoughts"), list):
        return "\n".join(str(one.get("content") or "") for one in content["thoughts"] if isinstance(one, Mapping))
    parts = content.get("parts")
    if isinstance(parts, list):
        return "\n".join(part if isinstance(part, str) else str(part.get("text") or "<image>") for part in parts if isinstance(part, str | Mapping))
    return str(content.get("text") or content.get("content") or content.get("result") or "")
