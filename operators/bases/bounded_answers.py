"""Prompts whose answers cannot be longer than so many characters: decoding is constrained to it, where asking alone does not help small models."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from operators.asking.prompt import PromptTemplate


@lru_cache(maxsize=64)
def bounded(prompt: PromptTemplate[Any], characters: int | None) -> PromptTemplate[Any]:
    """The same prompt, where each text of the answer has at most `characters` characters; as it is for None. A text alone becomes {"answer": ...}."""
    if characters is None:
        return prompt
    if prompt.answer is str:
        return _answering(prompt, create_model("Answer", answer=(str, Field(min_length=1, max_length=characters))))
    base: type[BaseModel] = prompt.answer
    texts: dict[str, Any] = {
        name: (Annotated[str, *field.metadata], Field(max_length=characters)) for name, field in base.model_fields.items() if field.annotation is str
    }
    return _answering(prompt, create_model(base.__name__, __base__=base, **texts))


def plain(answer: Any) -> str:
    """The text of an answer to a prompt for plain text, bounded or not."""
    return str(getattr(answer, "answer", answer)).strip()


@lru_cache(maxsize=64)
def at_most(prompt: PromptTemplate[Any], field: str, items: int) -> PromptTemplate[Any]:
    """The same prompt, where the list `field` of the answer has one to `items` items."""
    base: type[BaseModel] = prompt.answer
    listed: dict[str, Any] = {field: (base.model_fields[field].annotation, Field(min_length=1, max_length=items))}
    return _answering(prompt, create_model(base.__name__, __base__=base, **listed))


def _answering(prompt: PromptTemplate[Any], answer: type[BaseModel]) -> PromptTemplate[Any]:
    made: PromptTemplate[Any] = type(type(prompt).__name__, (PromptTemplate,), {"answer": answer})(prompt.system, prompt.user)
    return made
