"""What a model thought before it answered, parted from the answer: it is no part of what was asked for."""

from __future__ import annotations

import itertools
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
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),  # gpt-oss, where the server leaves its format as it is
)
_IN_EVERY_MARK = ("think", "thought", "<|channel|>", "assistantfinal")
"""One of them, at least: most answers have none."""
_BARE_HARMONY = re.compile(r"\s*analysis(?=\S)(.*?)assistantfinal", re.DOTALL)
"""gpt-oss, where the server leaves the words of its format and drops the marks around them."""
_BEFORE = r"[\s\ufeff]*(?:<\|start\|>assistant)?"
_OPENING = re.compile(_BEFORE + "(" + "|".join(re.escape(opening) for opening, _ in MARKS) + ")", re.IGNORECASE)
_BEGINS_ANSWER = "<|START_RESPONSE|>"
_TURN_ENDS = (
    "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "<end_of_turn>", "<|end|>", "<|return|>", "<|END_RESPONSE|>",
    "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>",
)  # fmt: skip
"""How chat templates end an answer. A server that is not told of them leaves them in the text."""
_MOST_ENDS = 4
_CLOSING_OF = {opening.lower(): closing for opening, closing in MARKS}
_ONLY_CLOSING = re.compile("|".join(re.escape(closing) for opening, closing in MARKS), re.IGNORECASE)
_OPENING_OF = {closing.lower(): opening.lower() for opening, closing in MARKS}
_QUOTES_AND_BRACKETS = (*"`'\"“”‘’«»「*_(<|",)
_SENTENCE_ENDS = (*".!?…。！？:)]}",)
_GOES_ON = (*",.;:!?)]}>|/-…，。；：、！？",)
"""What follows a mark that a sentence talks about, without a space between."""
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,4}[.)])\s+")
"""The mark of a list's item."""
_MOST_MARKS = 20
"""So many closing marks are looked at: who writes more of them writes about them."""
_HARMONY = re.compile(r"(?:<\|end\|>|<\|return\|>|<\|start\|>assistant)+\s*$", re.IGNORECASE)
_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks")
"""Of a message, where servers put it. Several may hold the same."""
_TEXTS = ("text", "thinking", "reasoning", "reasoning_content", "summary", "content")
"""Of a part of one."""
_DEEPEST = 8


def parted(text: str) -> tuple[str, str]:
    """The answer without the marks that end it, and what was thought before it.

    Thinking stands between marks at the start of the text. Where a chat template wrote the opening mark, only the closing one is in the text; where
    the closing one is missing, everything was thought and nothing answered. Marks further inside, in quotes, or in JSON are part of the answer.
    """
    text = _without_ends(text)
    lowered = text.lower()
    if not any(word in lowered for word in _IN_EVERY_MARK):
        return text, ""
    thoughts: list[str] = []
    while opened := _OPENING.match(text):
        closing = _CLOSING_OF[opened.group(1).lower()]
        closed = re.compile(re.escape(closing), re.IGNORECASE).search(text, opened.end())
        thoughts.append(text[opened.end() : closed.start() if closed else len(text)])
        text = text[closed.end() :] if closed else ""
    if not thoughts and (bare := _BARE_HARMONY.match(text)):
        thoughts, text = [bare.group(1)], text[bare.end() :]
    if not thoughts and (closed := _unopened(text)):
        thoughts, text = [text[: closed.start()]], text[closed.end() :]
    if not thoughts:
        return text, ""
    text = _HARMONY.sub("", text).strip().removeprefix(_BEGINS_ANSWER).strip()
    return text, "\n\n".join(filter(None, (_HARMONY.sub("", thought).strip() for thought in thoughts)))


def _without_ends(text: str) -> str:
    """One in quotes, or after a space as in "it ends with <|im_end|>", is talked about."""
    for _ in range(_MOST_ENDS):
        shown = text.rstrip()
        mark = next(filter(shown.endswith, _TURN_ENDS), None)
        if mark is None or shown[: -len(mark)][-1:] in (" ", *_QUOTES_AND_BRACKETS):
            break
        text = shown.removesuffix(mark).rstrip("\n")
    return text


def _unopened(text: str) -> re.Match[str] | None:
    """A closing mark whose opening one the server's chat template wrote. One that is quoted, follows an opening one, or stands in the middle of a
    sentence is talked about."""
    lowered, is_json = text.lower(), None
    for closed in itertools.islice(_ONLY_CLOSING.finditer(text), _MOST_MARKS):
        opening = _OPENING_OF[closed.group().lower()]
        before = lowered[: closed.start()]
        if opening in before:
            return None
        if before.count("```") % 2 == 0 and _ends_thinking(text, closed, opening in lowered[closed.end() :]):
            is_json = _is_json(text) if is_json is None else is_json
            return None if is_json else closed
    return None


def _ends_thinking(text: str, closed: re.Match[str], opens_later: bool) -> bool:
    """Whether a mark stands as models write it: on a line of its own, at the end of a line, or joined to what it parts.

    At the end of a line in which a sentence runs up to it, it may be talked about too: where the text ends there, or has the opening mark later.
    """
    start, end = text.rfind("\n", 0, closed.start()) + 1, text.find("\n", closed.end())
    before, after = text[start : closed.start()], text[closed.end() : end if end >= 0 else len(text)]
    begins_line = not before.strip()
    if begins_line and not after.strip():
        return True
    if before[-1:] in _QUOTES_AND_BRACKETS or _ITEM.fullmatch(before):
        return False
    joined = start < closed.start() and not before[-1:].isspace()
    if not after.strip():
        return (joined or bool(text[closed.end() :].strip())) and not opens_later
    if begins_line and not text[:start].strip():
        return not opens_later and not after[0].isspace() and after[0] not in _GOES_ON and after[0] not in _QUOTES_AND_BRACKETS
    if joined or begins_line:
        sentence_begins = after[0].isspace() and not after.lstrip()[0].islower() and (begins_line or before[-1] in _SENTENCE_ENDS)
        if (
            not opens_later
            and (begins_line or before[-1] in _SENTENCE_ENDS)
            and (text[closed.end() + len(after) :].strip() or not after[0].isspace())
        ):
            return True
        goes_on = after[0].isspace() or after[0] in _GOES_ON or (after[0] in _QUOTES_AND_BRACKETS and before[-1:] not in _SENTENCE_ENDS)
        return sentence_begins or not goes_on
    return False


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
