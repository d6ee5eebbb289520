"""Answers that cannot be longer than so much: decoding is constrained to it, where asking alone does not help small models."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from operators.asking.prompt import PromptTemplate


def bounded(prompt: PromptTemplate[Any], characters: int | None) -> PromptTemplate[Any]:
    """The same prompt, where each text of the answer has at most `characters` characters; as it is for None. A text alone becomes {"answer": ...}.

    >>> bounded(PromptTemplate[str](user="Name {{ text }}"), 40).shape()
    'Answer with JSON: {"answer": text (at most 40 characters)}'
    """
    if characters is None:
        return prompt
    return prompt.answering(_bounded_text(characters) if prompt.answer is str else _bounded_texts(prompt.answer, characters))


def plain(answer: Any) -> str:
    """The text of an answer to a prompt for plain text, bounded or not."""
    return str(getattr(answer, "answer", answer)).strip()


def at_most(prompt: PromptTemplate[Any], field: str, items: int, or_none: bool = False) -> PromptTemplate[Any]:
    """The same prompt, where the list `field` of the answer has one to `items` items.

    With `or_none` an empty list is an answer too, but the schema asks for one item: a decoder that is bound to a schema with an empty list ends there
    at once, small models above all.
    """
    return prompt.answering(_short_list(prompt.answer, field, items, 0 if or_none else 1))


def _whole(text: str, limit: int) -> str:
    """A text that fills its limit and stops within a sentence was cut by the constraint, which servers do not tell."""
    if len(text) >= limit and text.rstrip()[-1:].isalnum():
        raise ValueError(f"it was cut at {limit} characters: say it in fewer")
    return text


def _whole_text(characters: int) -> AfterValidator:
    return AfterValidator(lambda text: _whole(text, characters))


@lru_cache(maxsize=64)
def _bounded_text(characters: int) -> type[BaseModel]:
    return create_model("Answer", answer=(Annotated[str, MinLen(1), MaxLen(characters), _whole_text(characters)], ...))


@lru_cache(maxsize=64)
def _bounded_texts(answer: type[BaseModel], characters: int) -> type[BaseModel]:
    texts = {name: _bounded_field(field, characters) for name, field in answer.model_fields.items() if field.annotation is str}
    return create_model(answer.__name__, __base__=answer, **texts)


def _bounded_field(field: FieldInfo, characters: int) -> Any:
    """The field with the shorter of its own bound and this one: of two bounds, JSON schema would show the first. A field without a bound of its own
    is what the answer is for, and has to be whole.
    """
    own = [limit.max_length for limit in field.metadata if isinstance(limit, MaxLen)]
    others = [limit for limit in field.metadata if not isinstance(limit, MaxLen)]
    whole = [] if own else [_whole_text(characters)]
    return Annotated[str, *others, MaxLen(min([characters, *own])), *whole], Field(field.default, description=field.description)


@lru_cache(maxsize=64)
def _short_list(answer: type[BaseModel], field: str, items: int, fewest: int) -> type[BaseModel]:
    declared = answer.model_fields[field]
    limits = Field(min_length=fewest, max_length=items, description=declared.description, json_schema_extra={"minItems": 1})
    listed: dict[str, Any] = {field: (declared.annotation, limits)}
    return create_model(answer.__name__, __base__=answer, **listed)
