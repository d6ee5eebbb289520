"""Chat templates: how a conversation becomes the text that a model is trained on."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jinja2
import jinja2.ext
import jinja2.sandbox

from operators.bases.messages.turns import Turn
from operators.bases.messages.writing import whole_text
from operators.bases.models.gguf_fields import read_fields
from operators.tables.errors import StageFailed, first_line

PLAIN: Final = (
    "{% for message in messages %}{{ '' if loop.first else '\n\n' }}{{ message.role | capitalize }}: {{ message.content }}{% endfor %}"
    "{{ '\n\nAssistant: ' if add_generation_prompt else '' }}"
)
CHATML: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}"
    "{{ '<|im_start|>assistant\n' if add_generation_prompt else '' }}"
)
BUILT_IN: Final[Mapping[str, str]] = {"plain": PLAIN, "chatml": CHATML}
"""Calls of tools and reasoning are part of the content in these, as Hermes and Qwen write them, and in every template that has no place for them."""
_START, _END = "\ue0f0\ue0f1", "\ue0f1\ue0f0"
"""Mark the text of a turn inside a rendered conversation; characters that no data should have."""


class ChatTemplate:
    """A Jinja template of the form that tokenizer_config.json holds, run in Jinja's sandbox, as transformers does."""

    def __init__(self, source: str, special: Mapping[str, str], name: str) -> None:
        environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, jinja2.ext.loopcontrols]
        )
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _today
        try:
            self._template = environment.from_string(source)
        except jinja2.TemplateError as error:
            raise StageFailed(f"the chat template of {name} cannot be read: {first_line(error)}") from error
        self._special = dict(special)
        self._shows_calls = "tool_calls" in source
        self._shows_reasoning = "reasoning_content" in source

    def render(self, turns: Sequence[Turn], tools: Any = None, ask: bool = False) -> str:
        """The conversation as text; with `ask`, up to where the assistant begins to answer.

        Raises:
            ValueError: the template refuses the conversation, as many do where roles do not alternate.
        """
        messages = [self._message(turn) for turn in turns]
        try:
            return self._template.render(messages=messages, tools=tools or None, add_generation_prompt=ask, **self._special)
        except (jinja2.TemplateError, TypeError, KeyError, AttributeError) as error:
            why = error.message if isinstance(error, jinja2.TemplateError) else first_line(error)
            raise ValueError(f"the chat template refuses it: {why}") from None

    def spans(self, turns: Sequence[Turn], text: str, tools: Any = None) -> list[tuple[int, int]]:
        """Of each turn of the assistant where it stands in `text`, which `render` gave, with the mark that ends it: what the loss is taken of.

        Raises:
            ValueError: a turn cannot be found, as where a template leaves out or rewrites what was said before.
        """
        marked = self.render([_marked(turn) for turn in turns], tools)
        places, plain = _find_marks(marked)
        answers = [number for number, turn in enumerate(turns) if turn.role == "assistant"]
        if plain != text or len(places) != sum(bool(turns[number].text.strip()) for number in answers):
            raise ValueError("the chat template leaves out or changes what the assistant says, so that it cannot be found in the text")
        found = iter(places)
        return [self._span(turns[: number + 1], text, next(found) if turns[number].text.strip() else None, tools) for number in answers]

    def _span(self, turns: Sequence[Turn], text: str, said: tuple[int, int] | None, tools: Any) -> tuple[int, int]:
        """From the end of the prompt that asks for the turn, where the text has it, to the end of what a conversation that ends here ends with.

        `said`: where the text of the turn stands; None for a turn of calls alone.
        """
        asked = self.render(turns[:-1], tools, ask=True) if len(turns) > 1 else ""
        has_prompt = bool(asked) and text.startswith(asked) and (said is None or len(asked) <= said[0])
        if said is None:
            if not has_prompt:
                raise ValueError("a turn of the assistant without text cannot be found: the chat template has no prompt that asks for it")
            return len(asked), len(asked) + _shared(self.render(turns, tools)[len(asked) :].rstrip("\n"), text[len(asked) :])
        whole = self.render([*turns[:-1], _marked(turns[-1])], tools)
        ending = whole[whole.rfind(_END) + len(_END) :].rstrip("\n")
        return len(asked) if has_prompt else said[0], said[1] + _shared(ending, text[said[1] :])

    def _message(self, turn: Turn) -> dict[str, Any]:
        written = Turn(turn.role, turn.text, "" if self._shows_reasoning else turn.reasoning, () if self._shows_calls else turn.calls)
        message: dict[str, Any] = {"role": turn.role, "content": whole_text(written)}
        if turn.reasoning and self._shows_reasoning:
            message["reasoning_content"] = turn.reasoning
        if turn.calls and self._shows_calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _arguments(call.arguments)}} for call in turn.calls
            ]
        if turn.answers:
            message["tool_call_id"] = turn.answers
        return message


class _Generation(jinja2.ext.Extension):
    """Templates of TRL put {% generation %} around answers; what stands inside is rendered as it is."""

    tags = {"generation"}

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _marked(turn: Turn) -> Turn:
    """An answer with marks around its text. White space at the ends stays outside of them, since many templates strip it."""
    inner = turn.text.strip()
    if turn.role != "assistant" or not inner:
        return turn
    start = turn.text.index(inner)
    return replace(turn, text=f"{turn.text[:start]}{_START}{inner}{_END}{turn.text[start + len(inner) :]}")


def _shared(ending: str, text: str) -> int:
    """How many characters of `ending` the text begins with."""
    return next((at for at, (one, other) in enumerate(zip(ending, text, strict=False)) if one != other), min(len(ending), len(text)))


def _find_marks(marked: str) -> tuple[list[tuple[int, int]], str]:
    """Where the marked texts stand once the marks are gone, and the text without them."""
    places, parts, length = [], [], 0
    rest = marked
    while _START in rest:
        before, _, rest = rest.partition(_START)
        inside, _, rest = rest.partition(_END)
        places.append((length + len(before), length + len(before) + len(inside)))
        length += len(before) + len(inside)
        parts += [before, inside]
    return places, "".join([*parts, rest])


def _arguments(written: str) -> Any:
    """As templates want them: an object."""
    try:
        return json.loads(written)
    except ValueError:
        return written


def _to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _today(form: str) -> str:
    """A fixed day: the same rows give the same texts on every day."""
    return datetime.date(2024, 7, 26).strftime(form)


@lru_cache(maxsize=8)
def find_template(name: str) -> ChatTemplate:
    """ "plain", "chatml", or a file: a Jinja template, a tokenizer_config.json (or the folder that has it), or a GGUF model.

    Raises:
        StageFailed: there is no such file, or it has no chat template.
    """
    if name in BUILT_IN:
        return ChatTemplate(BUILT_IN[name], {}, name)
    path = Path(name).expanduser()
    if path.is_dir():
        path = next((path / file for file in ("chat_template.jinja", "tokenizer_config.json") if (path / file).is_file()), path)
    if not path.is_file():
        known = ", ".join(BUILT_IN)
        raise StageFailed(f'there is no chat template "{name}": give {known}, or a file (.jinja, tokenizer_config.json, .gguf) or folder that exists')
    if path.suffix == ".gguf":
        return ChatTemplate(*_of_gguf(path), name)
    if path.suffix == ".json":
        return ChatTemplate(*_of_configuration(path), name)
    special = _special_of(path.with_name("tokenizer_config.json")) if path.with_name("tokenizer_config.json").is_file() else {}
    return ChatTemplate(path.read_text(encoding="utf-8"), special, name)


def _of_configuration(path: Path) -> tuple[str, dict[str, str]]:
    configuration = _configuration(path)
    template = configuration.get("chat_template")
    if isinstance(template, list):  # several, by name
        template = next((one.get("template") for one in template if one.get("name") == "default"), None)
    if not isinstance(template, str):
        raise StageFailed(f"{path} has no chat_template: give a .jinja file, or chatml")
    return template, _special_of(path)


def _special_of(path: Path) -> dict[str, str]:
    """The names of tokens that templates use: bos_token, eos_token, ..."""
    made = {}
    for name, value in _configuration(path).items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            made[name] = text
    return made


def _configuration(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StageFailed(f"{path} is no JSON: {first_line(error)}") from error
    return found if isinstance(found, dict) else {}


def _of_gguf(path: Path) -> tuple[str, dict[str, str]]:
    try:
        metadata = read_fields(path, ("tokenizer.ggml.tokens",))
    except ValueError as error:
        raise StageFailed(f"{path} is no GGUF file that can be read: {error}") from error
    template = metadata.get("tokenizer.chat_template")
    if not isinstance(template, str):
        raise StageFailed(f"{path} has no chat template: give a .jinja file, or chatml")
    tokens = metadata.get("tokenizer.ggml.tokens") or []
    special = {}
    for name, key in (("bos_token", "tokenizer.ggml.bos_token_id"), ("eos_token", "tokenizer.ggml.eos_token_id")):
        number = metadata.get(key)
        if isinstance(number, int) and number < len(tokens):
            special[name] = tokens[number]
    return template, special
