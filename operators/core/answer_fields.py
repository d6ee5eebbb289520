"""Which fields of an answer go where, and what can be known to be wrong with that before anything is asked."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Final, Union

import pyarrow as pa
from pydantic import BaseModel

from operators.tables.columns import Output
from operators.tables.errors import Problem, closest
from operators.tables.plain_types import plain_type
from operators.tables.types import arrow_type, fits, type_name

REASON: Final = "reason"
"""The field in which a model explains itself."""


def is_model(answer: Any) -> bool:
    return isinstance(answer, type) and issubclass(answer, BaseModel)


def fields_of(answer: type[BaseModel]) -> dict[str, Any]:
    """Name -> type of what an answer has; Any for what it works out itself, as properties do."""
    own = (name for base in answer.__mro__ if base not in BaseModel.__mro__ for name in vars(base))
    derived = [name for name in own if isinstance(inspect.getattr_static(answer, name), property | cached_property)]
    declared = {name: field.annotation for name, field in answer.model_fields.items()}
    return {**dict.fromkeys([*answer.model_computed_fields, *derived], Any), **declared}


def can_hold(declared: Any, answered: Any) -> bool:
    """Whether a column of the declared type can hold what is answered; True where that cannot be told from the types."""
    try:
        wanted, actual = arrow_type(declared), arrow_type(answered)
    except TypeError:
        return True
    if wanted is None or actual is None or wanted == pa.json_() or _holds_json(actual):
        return True
    wanted, actual = _comparable(wanted), _comparable(actual)
    return (pa.types.is_decimal(wanted) and pa.types.is_decimal(actual)) or fits(wanted, actual)


def _comparable(type_: pa.DataType) -> pa.DataType:
    """As the others of its kind: text and lists of any length and form."""
    plain = plain_type(type_)
    return pa.list_(plain.value_type) if pa.types.is_fixed_size_list(plain) else plain


def _holds_json(type_: pa.DataType) -> bool:
    return bool(type_ == pa.json_()) or any(_holds_json(type_.field(place).type) for place in range(type_.num_fields))


def column_problems_of(operator: str, outputs: Mapping[str, Output], answer: Any) -> list[Problem]:
    """What is wrong with putting an answer into these outputs: of each its `from_field`, or the field of its name; a plain value goes into the only
    one."""
    if is_model(answer):
        known = fields_of(answer)
        return [problem for short, output in outputs.items() if (problem := _field_problem(operator, short, output, answer, known))]
    if len(outputs) > 1:
        what = f"the answer is one value, {type_name(answer)}, and there are {len(outputs)} outputs: {', '.join(outputs)}"
        return [Problem(what, suggestion="make the answer of the prompt a pydantic model with a field for each")]
    return [
        Problem(f"the answer is {type_name(answer)}, and the column {type_name(output.type)}", details=(_of_output(operator, short),))
        for short, output in outputs.items()
        if not can_hold(output.type, answer)
    ]


def _field_problem(operator: str, short: str, output: Output, answer: type[BaseModel], known: Mapping[str, Any]) -> Problem | None:
    name = output.from_field or short
    if name not in known:
        suggestion = closest(name, known) or f'say which it is: Output(..., from_field="{next(iter(known), "")}")'
        listed = ("fields", ", ".join(known))
        return Problem(f'the answer {answer.__name__} has no field "{name}"', details=(_of_output(operator, short), listed), suggestion=suggestion)
    if not can_hold(output.type, known[name]):
        what = f'the field "{name}" of the answer {answer.__name__} is {type_name(known[name])}, and the column {type_name(output.type)}'
        return Problem(what, details=(_of_output(operator, short),))
    return None


def _of_output(operator: str, short: str) -> tuple[str, str]:
    return "argument", f"output_{short} of {operator}"


# Answers with a list, of which each item is a row


def list_of_rows(operator: str, outputs: Mapping[str, Output], answer: type[BaseModel]) -> str | None:
    """The field whose items are the new rows: the only list; of several the only one whose items have the fields of the outputs, or that has the name
    of the only output."""
    lists = _lists_of(answer)
    if len(lists) == 1:
        return next(iter(lists))
    names = {output.from_field or short for short, output in outputs.items()}
    fitting = [
        name
        for name, item in lists.items()
        if (is_model(item) or name in names) and not column_problems_of(operator, outputs, item)
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def row_problems(operator: str, outputs: Mapping[str, Output], answer: Any) -> list[Problem]:
    """What is wrong with making the rows of an answer."""
    lists = _lists_of(answer) if is_model(answer) else {}
    name = list_of_rows(operator, outputs, answer) if lists else None
    if name is not None:
        return column_problems_of(operator, outputs, lists[name])
    what = (
        f"the answer has the lists {', '.join(lists)}: which of them has the new rows?" if lists else "the answer has no list, which has the new rows"
    )
    remedy = "give it the name of the output, or define new_rows" if lists else "answer with a pydantic model that has a field of type list"
    return [Problem(what, details=(("operator", operator),), suggestion=remedy)]


def _lists_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The fields that are lists, with the type of their items."""
    found = {}
    for name, field in answer.model_fields.items():
        for type_ in _choices(field.annotation):
            if type_ is list or typing.get_origin(type_) is list:
                found[name] = next((item for argument in typing.get_args(type_) for item in _choices(argument)), Any)
    return found


def _choices(type_: Any) -> Sequence[Any]:
    """The types that a value can have, without None."""
    if typing.get_origin(type_) is Annotated:
        return _choices(typing.get_args(type_)[0])
    if typing.get_origin(type_) in (Union, types.UnionType):
        return [choice for argument in typing.get_args(type_) if argument is not type(None) for choice in _choices(argument)]
    return [type_]


# Answers that are a new value, or a decision


def rewritten_field(answer: type[BaseModel], short: str, declared: Any) -> str | None:
    """The field that is the new value of a column: that of the input's name; else the only one of its type, beside the reason."""
    known = fields_of(answer)
    if short in known:
        return short
    fitting = [name for name in answer.model_fields if can_hold(declared, known[name])]
    other = [name for name in fitting if name != REASON] or fitting
    return other[0] if len(other) == 1 else None


def rewriting_problems(operator: str, answer: Any, short: str, declared: Any) -> list[Problem]:
    """What is wrong with taking an answer for the new value of the column `short`."""
    if is_model(answer):
        name = rewritten_field(answer, short, declared)
        if name is None:
            what = f"which field of the answer {answer.__name__} is the new value? It has {', '.join(answer.model_fields)}"
            return [Problem(what, details=(("operator", operator),), suggestion=f'name it "{short}", as the input')]
        answer = fields_of(answer)[name]
    if can_hold(declared, answer):
        return []
    return [
        Problem(f"the answer is {type_name(answer)}, and {type_name(declared)} is rewritten", details=(("argument", f"input_{short} of {operator}"),))
    ]


def decision_problems(operator: str, answer: Any) -> list[Problem]:
    """What is wrong with deciding by an answer whether a row is kept."""
    known = fields_of(answer) if is_model(answer) else {}
    named = answer.__name__ if is_model(answer) else type_name(answer)
    about = (("operator", operator), ("fields", ", ".join(known)))
    if "keep" not in known:
        remedy = closest("keep", known) or "give it a field keep: bool, and reason: str for the rows that are not kept"
        return [Problem(f'the answer {named} has no field "keep", which says whether a row is kept', details=about, suggestion=remedy)]
    wrong = {name: wanted for name, wanted in (("keep", bool), (REASON, str)) if name in known and not can_hold(wanted, known[name])}
    return [
        Problem(f'the field "{name}" of the answer {named} is {type_name(known[name])}, and {type_name(wanted)} is needed', details=about)
        for name, wanted in wrong.items()
    ]
