"""Operators whose columns follow from their prompt: a column for each variable, and one for each field of the answer."""

from __future__ import annotations

import functools
import re
import warnings
from typing import Any, Final

import pyarrow as pa
from pydantic import BaseModel, Field, create_model, field_validator

from operators.asking.prompt import PromptTemplate
from operators.core.answering_model import NamesItsModel
from operators.core.asks import AsksLLM
from operators.core.kinds import Generate
from operators.tables.columns import Bindings, Input, Output
from operators.tables.errors import Problem, closest

TYPES: Final[dict[str, Any]] = {"str": str, "int": int, "float": float, "bool": bool, "list[str]": list[str], "list[int]": list[int]}
_SINGLE_BRACES: Final = re.compile(r"(?<!\{)\{ ?([A-Za-z_]\w*) ?\}(?!\})")
"""A variable as Python's str.format has it."""
_SHOWN: Final = 80


class ColumnsFromPrompt(AsksLLM, abstract=True):
    """Reads a column for each variable of the prompt that is no parameter: "{{ question }}" reads "question", or what input_question is bound to.

    A value is put in once and as it is: what a cell contains is never filled in again. A row with a null in one of the columns is not asked about.
    """

    def inputs(self) -> dict[str, Input]:
        own = {name for name in type(self).model_fields if name != "prompt"}
        return {**super().inputs(), **{name: Input(Any) for name in sorted(self.prompt.variables() - own)}}

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if self.inputs():
            return found
        meant = _SINGLE_BRACES.search(f"{self.prompt.user}\n{self.prompt.system}")
        what = "the prompt names no column: the same would be asked of every row"
        argument = ("argument", f"prompt={self.prompt.user[:_SHOWN]!r} of {self.name}")
        return [*found, Problem(what, details=(argument,), suggestion=f"write {{{{ {meant[1] if meant else 'text'} }}}} where its value belongs")]


class AnswersInFields(Generate, NamesItsModel, abstract=True):
    """Makes a text in the column "generated"; or, with `fields={"title": "str", "year": "int"}`, a column for each field of the answer, which is
    asked for as JSON and validated."""

    prompt: PromptTemplate[str]
    fields: Bindings = Field(
        default=(),
        description="Field of the answer -> its type.",
        json_schema_extra={"additionalProperties": {"type": "string", "enum": [*TYPES]}},
    )

    @field_validator("fields")
    @classmethod
    def _known_types(cls, fields: Bindings) -> Bindings:
        for name, type_ in fields:
            if type_ not in TYPES:
                raise ValueError(f'field "{name}": there is no type "{type_}", only {", ".join(TYPES)}. {closest(type_, TYPES)}')
            if not _can_be_a_field(name):
                raise ValueError(f'field "{name}": an answer can have no field of this name, begin it with a letter: "its_{name.strip("_")}"')
        return fields

    def outputs(self) -> dict[str, Output]:
        made = {name: Output(TYPES[type_]) for name, type_ in self.fields} or {"generated": Output(str)}
        return {**made, **super().outputs()}

    async def answer_in_fields(self, llm: Any, values: dict[str, Any], **further: Any) -> dict[str, Any]:
        """The new columns of a row. `further` are those of `ask`."""
        if not self.fields:
            return {"generated": await self.ask(llm, values, **further)}
        answer = await self.ask(llm, values, prompt=self.prompt.answering(_with_fields(self.fields)), **further)
        return dict(answer.model_dump())


def _can_be_a_field(name: str) -> bool:
    """Not "_id", which pydantic keeps to itself, nor "model_dump", which is what it does."""
    try:
        return bool(name) and name in _with_fields(((name, "str"),)).model_fields
    except (TypeError, ValueError, NameError):
        return False


@functools.lru_cache(maxsize=64)
def _with_fields(fields: Bindings) -> type[BaseModel]:
    """An answer of these fields."""
    declared: dict[str, Any] = {name: (TYPES[type_], ...) for name, type_ in fields}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Field name .* shadows")  # nobody asks it for its schema by that name
        return create_model("Generated", **declared)
