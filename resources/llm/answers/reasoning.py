"""What a model thought before it answered, parted from the answer: it is no part of what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

MARKS = (
    ("<think>", "</think>"),  # DeepSeek, Qwen and most others
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),  # Gemini's compatible endpoint
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),  # Mistral
    ("◁think▷", "◁/think▷"),  # Kimi
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),  # gpt-oss, where the server leaves its format as it is
)
_IN_EVERY_MARK = ("think", "thought", "<|channel|>")
"""One of them, at least: most answers have none."""
_OPENING = re.compile(r"[\s\ufeff]*(?:" + "|".join(re.escape(opening) for opening, _ in MARKS) + ")", re.IGNORECASE)
_CLOSING_OF = {opening.lower(): closing for opening, closing in MARKS}
_ONLY_CLOSING = re.compile("|".join(re.escape(closing) for opening, closing in MARKS), re.IGNORECASE)
_QUOTES = "`'\"“”‘’«»"
_HARMONY = re.compile(r"(?:<\|end\|>|<\|return\|>|<\|start\|>assistant)+\s*$", re.IGNORECASE)
_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks")
"""Of a message, where servers put it. Several may hold the same."""
_TEXTS = ("text", "thinking", "reasoning", "reasoning_content", "summary", "content")
"""Of a part of one."""
_DEEPEST = 8


def parted(text: str) -> tuple[str, str]:
    """The answer, and what was thought before it.

    Thinking stands between marks at the start of the text. Where a chat template wrote the opening mark, only the closing one is in the text; where
    the closing one is missing, everything was thought and nothing answered. Marks further inside, in quotes, or in JSON are part of the answer.
    """
    lowered = text.lower()
    if not any(word in lowered for word in _IN_EVERY_MARK):
        return text, ""
    thoughts: list[str] = []
    while opened := _OPENING.match(text):
        closing = _CLOSING_OF[opened.group().strip("\ufeff \t\r\n").lower()]
        closed = re.compile(re.escape(closing), re.IGNORECASE).search(text, opened.end())
        thoughts.append(text[opened.end() : closed.start() if closed else len(text)])
        text = text[closed.end() :] if closed else ""
    if not thoughts and (closed := _unopened(text)):
        thoughts, text = [text[: closed.start()]], text[closed.end() :]
    if not thoughts:
        return text, ""
    return _HARMONY.sub("", text).strip(), "\n\n".join(filter(None, (_HARMONY.sub("", thought).strip() for thought in thoughts)))


def _unopened(text: str) -> re.Match[str] | None:
    """A closing mark whose opening one the server's chat template wrote. One that is quoted, or follows an opening one, is talked about."""
    closed = _ONLY_CLOSING.search(text)
    if closed is None or (text[: closed.start()][-1:] in (*_QUOTES,) and text[closed.end() :][:1] in (*_QUOTES,)):
        return None
    before = text[: closed.start()].lower()
    opening = next(opening for opening, closing in MARKS if closing.lower() == closed.group().lower())
    if opening.lower() in before or before.count("```") % 2 or _is_json(text):
        return None
    return closed


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def reasoning_of(message: dict[str, Any]) -> str:
    """From the fields of a message; what several of them repeat, once."""
    if message.keys().isdisjoint(_FIELDS):
        return ""
    found = [texts_of(message.get(field)).strip() for field in _FIELDS]
    return "\n\n".join(dict.fromkeys(text for text in found if text))


def texts_of(value: Any, depth: int = 0) -> str:
    """All text in a string, a part (a dict), or a list of them."""
    if isinstance(value, str):
        return value
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        return "".join(texts_of(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return next((text for field in _TEXTS if (text := texts_of(value.get(field), depth + 1))), "")
    return ""


def parts_of(content: Iterable[Any]) -> tuple[str, str, str]:
    """Of the parts of a message: the text, what was thought, and a refusal; pictures and the like are none of them."""
    text, thought, refusal = [], [], []
    for part in content:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, dict):
            kind = str(part.get("type") or "text").lower()
            if "think" in kind or "reason" in kind or "thought" in kind or part.get("thought") is True:
                thought.append(texts_of(part))
            elif "refusal" in kind:
                refusal.append(texts_of(part.get("refusal")) or "no reason given")
            elif "text" in kind:
                text.append(texts_of(part.get("text")))
    return "".join(text), "\n\n".join(filter(None, thought)), "".join(refusal)
