"""Prompts as classes: what is asked, of which variables, and what shape the answer has."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import typing
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, Self, TypeVar, cast

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from operators.asking import answer_shape
from operators.asking.templates import compiled, variables_of
from operators.tables.errors import ParameterError, Problem, closest

AnswerType = TypeVar("AnswerType")
OtherAnswer = TypeVar("OtherAnswer")
_WORDS_OF_ITS_OWN: Final = 6


class PromptTemplate(Generic[AnswerType]):
    """What is asked of a language model: Jinja2 templates `system` and `user`, and the type of the answer in brackets.

    The answer is a pydantic model (sent as JSON schema, validated on return) or `str`. Each variable of the templates is an input or a
    parameter of the operator that uses the prompt::

        class SummaryPrompt(PromptTemplate[Summary]):
            system = "You write summaries."
            user = "Summarise in {{ sentences }} sentences:\\n{{ text | shorten(6000) }}"

    No template says what the JSON looks like: `render` adds it to the system message, from the fields of the model. `examples` are good answers to
    other questions, (variables, answer), which the model is shown before the question, as messages. They belong to the texts: a prompt whose texts
    were changed has none.
    """

    system: str = ""
    user: str = ""
    answer: Any = str
    examples: Sequence[tuple[Mapping[str, Any], Any]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in vars(cls).get("__orig_bases__", ()):
            if typing.get_origin(base) is not None and issubclass(typing.get_origin(base), PromptTemplate):
                cls.answer = _answer_in_brackets(base) or cls.answer

    def __init__(self, system: str | None = None, user: str | None = None) -> None:
        if system is not None:
            self.system = system
        if user is not None:
            self.user = user
        self._check()

    def _check(self) -> None:
        if not self.user:
            raise ParameterError([Problem(f"{type(self).__name__} asks nothing: its user template is empty")])
        try:
            self.variables()
        except ParameterError as error:
            raise ParameterError([problem.at(type(self).__name__) for problem in error.problems]) from None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "__orig_class__":  # how Python tells an instance what stood in the brackets: PromptTemplate[Summary](user="...")
            self.answer = _answer_in_brackets(value) or self.answer

    def changed(self, **texts: Any) -> Self:
        """The same prompt with another `system` or `user` text."""
        unknown = [name for name in texts if name not in ("system", "user")]
        if unknown:
            raise ValueError(f'a prompt has no "{unknown[0]}", only system and user. {closest(unknown[0], ("system", "user"))}')
        made = self._copied()
        vars(made).update({name: text for name, text in texts.items() if text is not None}, examples=())
        made._check()
        return made

    def answering(self, answer: type[OtherAnswer]) -> PromptTemplate[OtherAnswer]:
        """The same question with another type of answer, for operators whose parameters say what is asked for.

        Of equal arguments the result is the same object. Make the types once too (`functools.cache`), not one a row.

        >>> class Title(BaseModel):
        ...     title: str
        >>> PromptTemplate[str](user="Name {{ text }}").answering(Title).parse('{"title": "Rain"}')
        Title(title='Rain')
        """
        return cast("PromptTemplate[OtherAnswer]", _answering(self, cast("Hashable", answer)))

    def variables(self) -> set[str]:
        """The names that the templates ask for."""
        return {*variables_of(self.system), *variables_of(self.user)}

    def render(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """The texts of the system and the user message. The system message ends with the shape of the answer, where it is no plain text."""
        system = compiled(self.system).render(values)
        return "\n\n".join(part for part in (system, self.shape()) if part), compiled(self.user).render(values)

    def shown(self, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The examples as messages: what is asked, and the answer. Variables that an example does not name are parameters of the operator.

        >>> class Opposite(PromptTemplate[str]):
        ...     user = "The opposite of {{ word }}?"
        ...     examples = (({"word": "hot"}, "cold"),)
        >>> Opposite().shown({})
        [('The opposite of hot?', 'cold')]
        """
        question = compiled(self.user)
        return [(question.render({**parameters, **variables}), self._as_answered(answer)) for variables, answer in self.examples]

    def of_example(self, answer: AnswerType) -> str | None:
        """A text of six words or more that an answer has from an example, where it should have written its own; None where there is none."""
        if not self.examples:
            return None
        shown = {text.strip() for _, example in self.examples for text in _texts(example) if len(text.split()) >= _WORDS_OF_ITS_OWN}
        given = _texts(answer.model_dump() if isinstance(answer, BaseModel) else answer)
        return next((text for text in given if text.strip() in shown), None)

    def answer_fault(self, answer: Any) -> str | None:
        """Why the answer of an example is none that a model could give; None where it is one."""
        try:
            self.parse(self._as_answered(answer))
        except KeyError as error:
            return f"it has no {error}"
        except ValueError as error:
            return str(error)
        return None

    def _as_answered(self, answer: Any) -> str:
        """An answer as a model writes it: of a mapping the fields that are asked for, as JSON."""
        if self.answer is str:
            return str(answer)
        return json.dumps({name: answer[name] for name in self.answer.model_fields}, ensure_ascii=False)

    def shape(self) -> str:
        """The JSON that is wanted, in words for the model; "" for plain text."""
        return "" if self.answer is str else answer_shape.in_words(self.answer)

    def answer_schema(self) -> dict[str, Any] | None:
        """JSON schema of the answer with every field required and no other allowed; None for plain text."""
        return None if self.answer is str else answer_shape.strict_schema(self.answer)

    def parse(self, text: str) -> AnswerType:
        """The answer as its type.

        Raises:
            ValueError: the text is empty or does not fit, with what to mend; the message can be shown to the model.
        """
        if not text.strip():
            raise ValueError("the answer is empty")
        return cast("AnswerType", text if self.answer is str else answer_shape.read(self.answer, text))

    @functools.cached_property
    def version(self) -> str:
        """Hash of everything that is asked for."""
        asked = [self.system, self.user, self.answer_schema(), self.shape(), *self.examples]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]

    def _copied(self) -> Self:
        """A copy that may be changed: what was worked out from the old texts is not copied."""
        made = copy.copy(self)
        vars(made).pop("version", None)
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PromptTemplate) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.user[:60]!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        answer = _answer_in_brackets(source)

        def validate(value: Any) -> PromptTemplate[Any]:
            if isinstance(value, PromptTemplate):
                if answer is not None and value.answer is not answer and not _has_fields_of(value.answer, answer):
                    raise ValueError(f"the answer of {type(value).__name__} is {value.answer.__name__}, which lacks fields of {answer.__name__}")
                return value
            if isinstance(value, str):
                value = {"user": value}
            if isinstance(value, Mapping) and set(value) <= {"system", "user"}:
                made: PromptTemplate[Any] = PromptTemplate(**value)
                return made.answering(answer or str)
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
            "additionalProperties": False,
            "description": "Jinja2 templates of the messages",
        }


def is_prompt(declared: Any) -> bool:
    """Whether a type is that of prompts: PromptTemplate[Summary]."""
    plain = typing.get_origin(declared) or declared
    return isinstance(plain, type) and issubclass(plain, PromptTemplate)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


@functools.lru_cache(maxsize=1024)
def _answering(prompt: PromptTemplate[Any], answer: Hashable) -> PromptTemplate[Any]:
    made = prompt._copied()
    made.answer = answer
    return made


def _answer_in_brackets(prompt: Any) -> Any:
    """Rating for PromptTemplate[Rating]; None for a type variable, Any or no brackets."""
    answer = next(iter(typing.get_args(prompt)), None)
    return answer if isinstance(answer, type) and answer is not Any else None


def _has_fields_of(answer: Any, wanted: Any) -> bool:
    return (
        isinstance(answer, type) and isinstance(wanted, type) and issubclass(answer, BaseModel) and issubclass(wanted, BaseModel)
        and set(wanted.model_fields) <= set(answer.model_fields)
    )  # fmt: skip


def prompt_problems(operator: str, prompts: Mapping[str, PromptTemplate[Any]], inputs: Collection[str], parameters: Collection[str]) -> list[Problem]:
    """Variables of prompts (parameter -> prompt) that are neither an input nor a parameter of the operator."""
    problems = []
    for name, prompt in prompts.items():
        for variable in sorted(prompt.variables() - {*inputs, *parameters}):
            argument = ("argument", f"{name}={type(prompt).__name__} of {operator}")
            listed = ("inputs", ", ".join(inputs))
            problems.append(Problem(f'prompt variable "{variable}" is not bound', details=(argument, listed), suggestion=closest(variable, inputs)))
    return problems


def example_problems(operator: str, prompts: Mapping[str, PromptTemplate[Any]], parameters: Collection[str]) -> list[Problem]:
    """Examples of prompts (parameter -> prompt) that lack a variable, or whose answer is none: they are the same for every row, so that they can have
    no value of a row."""
    problems = []
    for name, prompt in prompts.items():
        argument = ("argument", f"{name}={type(prompt).__name__} of {operator}")
        for number, (variables, answer) in enumerate(prompt.examples, 1):
            if missing := sorted(variables_of(prompt.user) - {*variables, *parameters}):
                problems.append(Problem(f'example {number} of the prompt has no "{missing[0]}"', details=(argument,)))
            if fault := prompt.answer_fault(answer):
                problems.append(Problem(f"example {number} of the prompt has no valid answer: {fault}", details=(argument,)))
    return problems
