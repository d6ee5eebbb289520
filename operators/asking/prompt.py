"""Prompts as classes: what is asked, of which variables, and what shape the answer has."""

from __future__ import annotations

import functools
import hashlib
import json
import typing
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

import jinja2
import jinja2.meta
import jinja2.sandbox
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import core_schema

from operators.tables.errors import ParameterError, Problem, closest

AnswerType = TypeVar("AnswerType")


def shorten(text: str, characters: int) -> str:
    """At most `characters` characters, cut at a space where one is near, with "…" for what was cut. A Jinja2 filter."""
    if len(text) <= characters:
        return text
    cut = text[:characters]
    space = cut.rfind(" ", characters - 40 if characters > 80 else 0)
    return cut[: space if space > 0 else characters].rstrip() + " …"


class PromptTemplate(Generic[AnswerType]):
    """What is asked of a language model: Jinja2 templates `system` and `user`, and the type of the answer in brackets.

    The answer is a pydantic model (sent as JSON schema, validated on return) or `str`. Each variable of the templates is an input or a
    parameter of the operator that uses the prompt::

        class SummaryPrompt(PromptTemplate[Summary]):
            system = "You write summaries."
            user = "Summarise in {{ sentences }} sentences:\\n{{ text | shorten(6000) }}"
    """

    system: str = ""
    user: str = ""
    answer: ClassVar[Any] = str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            if typing.get_origin(base) is not None and issubclass(typing.get_origin(base), PromptTemplate):
                cls.answer = typing.get_args(base)[0]

    def __init__(self, system: str | None = None, user: str | None = None) -> None:
        if system is not None:
            self.system = system
        if user is not None:
            self.user = user
        if not self.user:
            raise ParameterError([Problem(f"{type(self).__name__} asks nothing: its user template is empty")])
        self.variables()

    def changed(self, **texts: Any) -> Self:
        """The same prompt with another `system` or `user` text."""
        unknown = [name for name in texts if name not in ("system", "user")]
        if unknown:
            raise ValueError(f'a prompt has no "{unknown[0]}", only system and user. {closest(unknown[0], ("system", "user"))}')
        return type(self)(**{"system": self.system, "user": self.user, **texts})

    def variables(self) -> set[str]:
        """The names that the templates ask for."""
        return {*_variables(self.system), *_variables(self.user)}

    def render(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """The texts of the system and the user message."""
        return _compiled(self.system).render(values), _compiled(self.user).render(values)

    def answer_schema(self) -> dict[str, Any] | None:
        """JSON schema of the answer with every field required and no other allowed; None for plain text."""
        return None if self.answer is str else _strict_schema(self.answer)

    def parse(self, text: str) -> AnswerType:
        """The answer as its type.

        Raises:
            ValueError: the text does not fit, with what to mend; the message can be shown to the model.
        """
        if self.answer is str:
            return cast("AnswerType", text)
        model: type[BaseModel] = self.answer
        try:
            return cast("AnswerType", model.model_validate_json(_without_fence(text)))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['msg']}" for item in error.errors())
            raise ValueError(f"the answer does not fit the schema: {faults}") from None

    @property
    def version(self) -> str:
        """Hash of everything that is asked for."""
        return hashlib.sha256(json.dumps([self.system, self.user, self.answer_schema()], sort_keys=True).encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PromptTemplate) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.user[:60]!r})"

    @classmethod
    def __class_getitem__(cls, parameter: Any) -> Any:
        return super().__class_getitem__(parameter)  # type: ignore[misc]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        arguments = typing.get_args(source)

        def validate(value: Any) -> PromptTemplate[Any]:
            if isinstance(value, PromptTemplate):
                if (
                    arguments
                    and not isinstance(arguments[0], TypeVar)
                    and value.answer is not arguments[0]
                    and not _has_fields_of(value.answer, arguments[0])
                ):
                    raise ValueError(
                        f"the answer of {type(value).__name__} is {value.answer.__name__}, which lacks fields of {arguments[0].__name__}"
                    )
                return value
            if isinstance(value, str):
                value = {"user": value}
            if isinstance(value, Mapping) and set(value) <= {"system", "user"}:
                answer = arguments[0] if arguments and not isinstance(arguments[0], TypeVar) else str
                prompt: PromptTemplate[Any] = type("Prompt", (PromptTemplate,), {"answer": answer})(**value)
                return prompt
            raise ValueError("give a PromptTemplate, the text of the user message, or a mapping with system and user")

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda prompt: {"system": prompt.system, "user": prompt.user}),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"system": {"type": "string"}, "user": {"type": "string"}},
            "description": "Jinja2 templates of the messages",
        }


def _has_fields_of(answer: Any, wanted: Any) -> bool:
    return (
        isinstance(answer, type) and isinstance(wanted, type) and issubclass(answer, BaseModel) and issubclass(wanted, BaseModel)
        and set(wanted.model_fields) <= set(answer.model_fields)
    )  # fmt: skip


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    environment.filters["shorten"] = shorten
    return environment


@functools.lru_cache(maxsize=1024)
def _compiled(template: str) -> jinja2.Template:
    return _environment().from_string(template)


@functools.lru_cache(maxsize=1024)
def _variables(template: str) -> frozenset[str]:
    try:
        return frozenset(jinja2.meta.find_undeclared_variables(_environment().parse(template)))
    except jinja2.TemplateSyntaxError as error:
        raise ParameterError([Problem(f"the prompt is not valid Jinja2, line {error.lineno}: {error.message}")]) from None


@functools.cache
def _strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    for node in _objects(schema):
        node["additionalProperties"] = False
        node["required"] = list(node.get("properties", ()))
    return schema


def _objects(node: Any) -> typing.Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _without_fence(text: str) -> str:
    """The JSON inside a Markdown code fence, for servers that cannot constrain decoding."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```"):
        stripped = stripped.removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    return stripped


def prompt_problems(operator: str, prompts: Mapping[str, PromptTemplate[Any]], inputs: Collection[str], parameters: Collection[str]) -> list[Problem]:
    """Variables of prompts (parameter -> prompt) that are neither an input nor a parameter of the operator."""
    problems = []
    for name, prompt in prompts.items():
        for variable in sorted(prompt.variables() - {*inputs, *parameters}):
            argument = ("argument", f"{name}={type(prompt).__name__} of {operator}")
            listed = ("inputs", ", ".join(inputs))
            problems.append(Problem(f'prompt variable "{variable}" is not bound', details=(argument, listed), suggestion=closest(variable, inputs)))
    return problems
