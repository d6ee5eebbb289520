"""Messages as LangChain writes them, and as we do."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from operators.asking.requests import Message, Part


def to_langchain(message: dict[str, Any]) -> BaseMessage:
    classes: dict[str, type[BaseMessage]] = {"system": SystemMessage, "assistant": AIMessage}
    return classes.get(message["role"], HumanMessage)(content=message["content"])


def from_langchain(message: BaseMessage) -> Message:
    if isinstance(message, ToolMessage):
        raise TypeError("a DataFlow serving knows no tools: it cannot take a ToolMessage.")
    roles: dict[str, Any] = {"system": "system", "ai": "assistant", "human": "user"}
    if message.type not in roles:
        raise TypeError(f"a DataFlow serving takes system, human and AI messages, not {message.type!r}.")
    content = message.content
    return Message(roles[message.type], content if isinstance(content, str) else tuple(_part(part) for part in content))


def _part(part: str | dict[str, Any]) -> Part:
    if isinstance(part, str):
        return Part("text", part)
    if part.get("type") == "text":
        return Part("text", part["text"])
    if part.get("type") == "image_url":
        url = part["image_url"]
        return Part("image_url", url["url"] if isinstance(url, dict) else url)
    if part.get("type") == "input_audio":
        audio = part["input_audio"]
        return Part("input_audio", f"data:audio/{audio['format']};base64,{audio['data']}")
    if part.get("type") in ("image", "audio") and ("base64" in part or "url" in part):  # as LangChain itself writes them
        value = part["url"] if "url" in part else f"data:{part['mime_type']};base64,{part['base64']}"
        return Part("image_url" if part["type"] == "image" else "input_audio", value)
    raise TypeError(f"a DataFlow serving takes parts of type text, image_url and input_audio, not {part.get('type')!r}.")
