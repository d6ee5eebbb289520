"""The shape of an answer: as JSON schema for servers that constrain decoding, and in words for the model itself.

The words matter where decoding is not constrained, and to small models, which write better what they were told to write.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError

COPIED_WORDS: Final = 7
"""So many words of the descriptions no text begins with by chance."""
_WORD: Final = re.compile(r"\w+")
_LIMITS: Final = re.compile(r"\((?:at most |at least )?\d+(?: to \d+)? characters\)")
"""How long a text may be, as `in_words` says it."""
_CLOSING: Final = re.compile(r"""[\s"]*[\]}][\s\[\]{}",]*\Z""")
_LONGEST_SCRAP: Final = 40
_OPENING: Final = {"]": "[", "}": "{"}


@functools.lru_cache(maxsize=1024)
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON schema of a model, with every field required and no other allowed."""
    schema = model.model_json_schema()
    for node in _objects(schema):
        node["additionalProperties"] = False
        node["required"] = list(node.get("properties", ()))
    return schema


@functools.lru_cache(maxsize=1024)
def in_words(model: type[BaseModel]) -> str:
    """The JSON that is wanted, in one line: names, types, limits, allowed values and descriptions of its fields.

    >>> from pydantic import Field
    >>> class Politeness(BaseModel):
    ...     reason: str = Field(max_length=80, description="one short sentence")
    ...     score: int = Field(ge=0, le=5)
    >>> in_words(Politeness)
    'Answer with JSON: {"reason": one short sentence (at most 80 characters), "score": whole number from 0 to 5}'
    """
    schema = strict_schema(model)
    root = {**schema, "description": ""}  # the docstring of the class is for its readers, not for the model
    return f"Answer with JSON: {_words(root, schema.get('$defs', {}), ())}"


def read(model: type[BaseModel], text: str) -> BaseModel:
    """The answer as its type, also out of a Markdown code fence, with or without words around it, which servers that cannot constrain decoding let
    pass.

    Raises:
        ValueError: it does not fit, with what to mend; or a text begins with the description of a field, has its limits in it, or goes on with the
            JSON around it, as small models write them.
    """
    text = _without_fence(text)
    try:
        answer = model.model_validate_json(text)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors())
        raise ValueError(f"the answer does not fit the schema: {faults}") from None
    _check_plain(answer, text)
    shape = in_words(model)
    described, limits = f" {_bare(shape)} ", set(_LIMITS.findall(shape))
    for one in _free_texts(answer):
        if limit := next((limit for limit in limits if limit in one), None):
            raise ValueError(f"{limit!r} is said of the field, and no part of an answer")
        begins = _bare(one, COPIED_WORDS)
        if begins.count(" ") == COPIED_WORDS - 1 and f" {begins} " in described:
            raise ValueError(f"{one.strip()[:60]!r} repeats what was asked for, instead of giving it")
        if scrap := _scrap(one, model):
            raise ValueError(f"{scrap!r} is of the JSON around a text, and no part of it: end each text with its last word")
    return answer


def _scrap(text: str, model: type[BaseModel]) -> str | None:
    """The end of a text that goes on with the JSON around it: brackets that nothing in it opens, or the name of a field without its first quote."""
    for found in _stray_field(model).finditer(text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if line.count('"') % 2 == 0:
            return found.group()
    end = _CLOSING.search(text[-_LONGEST_SCRAP:])
    if end is None:
        return None
    closers = {mark for mark in "]}" if mark in end.group() and _closes_too_often(text, mark)}
    return end.group().strip() if len(closers) == 2 or (closers and '"' in end.group()) else None


def _closes_too_often(text: str, mark: str) -> bool:
    opened = 0
    for character in text:
        opened += (character == _OPENING[mark]) - (character == mark)
        if opened < 0:
            return True
    return False


@functools.lru_cache(maxsize=1024)
def _stray_field(model: type[BaseModel]) -> re.Pattern[str]:
    names = sorted({name for node in _objects(strict_schema(model)) for name in node["properties"]})
    return re.compile(rf"""(?<![\w"'\\-])(?:{"|".join(map(re.escape, names))})"\s*:""")


def _free_texts(answer: Any) -> Iterator[str]:
    """The texts of fields that may hold any text."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, list | tuple):
        for one in answer:
            yield from _free_texts(one)
    elif isinstance(answer, BaseModel):
        for name, field in type(answer).model_fields.items():
            if _holds_any_text(field.annotation):
                yield from _free_texts(getattr(answer, name))


def _holds_any_text(annotation: Any) -> bool:
    """Not a value that was to be chosen from a list."""
    return typing.get_origin(annotation) is not Literal and not any(typing.get_origin(part) is Literal for part in typing.get_args(annotation))


def _bare(text: str, most: int | None = None) -> str:
    """The words of a text alone, in lower case; the first `most` of them."""
    return " ".join(found.group() for found in itertools.islice(_WORD.finditer(text.casefold()), most))


def _words(node: Mapping[str, Any], definitions: Mapping[str, Any], inside: tuple[str, ...]) -> str:
    """A part of a schema in words; `inside` are the names of the definitions that it stands in, so that a tree ends."""
    if "$ref" in node:
        name = str(node["$ref"]).rsplit("/", 1)[-1]
        if name in inside:
            return f"again {name}"
        return _words({**definitions[name], "description": node.get("description", "")}, definitions, (*inside, name))
    said = node.get("description", "")
    if alternatives := node.get("anyOf") or node.get("oneOf"):
        words = " or ".join(_words(part, definitions, inside) for part in alternatives)
    elif "properties" in node:
        words = "{" + ", ".join(f"{json.dumps(name)}: {_words(part, definitions, inside)}" for name, part in node["properties"].items()) + "}"
    elif node.get("type") == "array":
        words = f"[{_items(node, definitions, inside)}]"
    elif isinstance(values := node.get("additionalProperties"), dict):
        words = f"{{any name: {_words(values, definitions, inside)}}}"
    else:
        return _value(node, said)
    return f"{words} ({said})" if said else words


def _items(node: Mapping[str, Any], definitions: Mapping[str, Any], inside: tuple[str, ...]) -> str:
    if "prefixItems" in node:
        return ", ".join(_words(item, definitions, inside) for item in node["prefixItems"])
    many = _range(node.get("minItems"), node.get("maxItems"), "{} of ")
    return (many or "any number of ") + _words(node.get("items", {}), definitions, inside)


def _value(node: Mapping[str, Any], said: str) -> str:
    """What a single value is. What a text is said to be comes first, without marks around it: small models copy such marks into their answers."""
    if node.get("type") == "string" and "enum" not in node and "const" not in node:
        lowest = node.get("minLength", 0)
        length = _range(lowest if lowest > 1 else None, node.get("maxLength"), "{} characters")
        limits = ", ".join(limit for limit in (length, f"matching {node['pattern']}" if "pattern" in node else "") if limit)
        return f"{said or 'text'} ({limits})" if limits else said or "text"
    return f"{_kind(node)} ({said})" if said else _kind(node)


def _kind(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        *others, last = (json.dumps(value, ensure_ascii=False) for value in node["enum"])
        return f"{', '.join(others)} or {last}" if others else last
    if "const" in node:
        return json.dumps(node["const"], ensure_ascii=False)
    match node.get("type"):
        case "integer" | "number" as kind:
            limits = _range(node.get("minimum"), node.get("maximum"), " {}", between="from {} to {}")
            limits += f" above {_number(node['exclusiveMinimum'])}" if "exclusiveMinimum" in node else ""
            limits += f" below {_number(node['exclusiveMaximum'])}" if "exclusiveMaximum" in node else ""
            return ("whole number" if kind == "integer" else "number") + limits
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "object":
            return "any JSON object"
    return "any JSON value"


def _range(low: float | None, high: float | None, form: str, between: str = "{} to {}") -> str:
    """The limits in words, put into `form`; nothing where there are none."""
    if low is None and high is None:
        return ""
    if high is None:
        return form.format(f"at least {_number(low)}")
    if low is None:
        return form.format(f"at most {_number(high)}")
    return form.format(_number(low) if low == high else between.format(_number(low), _number(high)))


def _number(value: float | None) -> str:
    return str(int(value)) if value is not None and float(value).is_integer() else str(value)


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _check_plain(answer: BaseModel, text: str) -> None:
    """Raises ValueError where an answer fits only by chance: a field with two values, a number that JSON does not have, or true as a number."""
    try:
        plain = json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        return
    _check_finite(answer.model_dump(by_alias=True), ())
    if "true" in text or "false" in text:
        _check_numbers(answer.model_dump(by_alias=True), plain, ())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields and fields[name] != value:
            raise ValueError(f"the answer does not fit the schema: {name}: it is given twice, with different values")
        fields[name] = value
    return fields


def _check_finite(read: Any, place: tuple[str, ...]) -> None:
    if isinstance(read, float) and not math.isfinite(read):
        raise ValueError(f"the answer does not fit the schema: {'.'.join(place)}: a finite number is wanted, not {read}")
    if isinstance(read, dict | list | tuple):
        for name, value in read.items() if isinstance(read, dict) else enumerate(read):
            _check_finite(value, (*place, str(name)))


def _check_numbers(read: Any, plain: Any, place: tuple[str, ...]) -> None:
    if isinstance(plain, bool) and isinstance(read, int | float) and not isinstance(read, bool):
        raise ValueError(f"the answer does not fit the schema: {'.'.join(place)}: a number is wanted, not {str(plain).lower()}")
    if isinstance(plain, dict) and isinstance(read, dict):
        for name in plain.keys() & read.keys():
            _check_numbers(read[name], plain[name], (*place, name))
    elif isinstance(plain, list) and isinstance(read, list | tuple):
        for number, (one, other) in enumerate(zip(read, plain, strict=False)):
            _check_numbers(one, other, (*place, str(number)))


def _without_fence(text: str) -> str:
    """What stands in the only code fence outside of JSON; else the text itself, for what is wrong with it is to be told of all of it."""
    stripped = text.strip("\ufeff \t\r\n")
    if stripped[:1] in ("{", "[") or "```" not in stripped:
        return stripped
    before, _, fenced = stripped.partition("```")
    head, _, content = fenced.partition("\n")
    if not head.strip().isalnum() and head.strip():  # ```{"score": 3}```
        content = fenced
    if content.rstrip().endswith("```") and not before.strip():
        return content.rstrip().removesuffix("```").strip()
    inside, _, after = content.partition("\n```")
    return stripped if "```" in after else inside.strip()
