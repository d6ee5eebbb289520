"""What the class of a pipeline says of itself, checked before `forward` is recorded: `forward`, `expects`, and where its operators are kept."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

from operators.core.operator import Operator
from operators.tables.errors import Problem, closest
from operators.tables.types import arrow_type

_EXPECTS: Final = 'expects = {"text": str}, or of several sources {"documents": {"text": str}}'


def forward_problem(pipeline: str, cls: type) -> Problem | None:
    """Why the `forward` of a class cannot be recorded."""
    forward = getattr(cls, "forward", None)
    if forward is None:
        written = [name for name, value in vars(cls).items() if inspect.isfunction(value) and not name.startswith("__")]
        suggestion = closest("forward", written) or "define forward(self, documents), which connects the stages and returns the last"
        return Problem(f"{cls.__name__} has no forward", pipeline, (("methods", ", ".join(written)),), suggestion)
    if inspect.iscoroutinefunction(forward) or inspect.isasyncgenfunction(forward):
        return Problem("forward is asynchronous: it is run once, to record the stages", pipeline, suggestion="write def, not async def")
    if inspect.isgeneratorfunction(forward):
        return Problem("forward yields: it is run once, to record the stages", pipeline, suggestion="return the handles, do not yield them")
    if not callable(forward):
        return Problem(f"forward is {forward!r}, not a function", pipeline, suggestion="define forward(self, documents)")
    arguments = list(inspect.signature(forward).parameters.values())
    unnamed = any(argument.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD) for argument in arguments)
    if len(arguments) < 2 or arguments[0].name != "self" or unnamed:
        what = f"forward takes ({', '.join(map(str, arguments))}), and not self and a handle for each source by its name"
        return Problem(what, pipeline, suggestion="define forward(self, documents)")
    return None


def unusable_expectations(pipeline: str, expects: object) -> list[Problem]:
    """`expects` is no mapping of columns to types, nor one of sources to those."""
    if not isinstance(expects, Mapping):
        return [Problem(f"expects is a {type(expects).__name__}, not columns with their types", pipeline, suggestion=_EXPECTS)]
    of_sources = [columns for columns in expects.values() if isinstance(columns, Mapping)]
    if of_sources and len(of_sources) < len(expects):
        return [Problem("expects has columns and sources side by side", pipeline, suggestion=_EXPECTS)]
    problems = []
    for column, type_ in [item for columns in of_sources or [expects] for item in columns.items()]:
        try:
            arrow_type(type_)
        except TypeError as error:
            problems.append(Problem(f'expects says of the column "{column}" no type: {error}', pipeline, suggestion=_EXPECTS))
    return problems


def unknown_sources(pipeline: str, expects: Mapping[str, Any], sources: Sequence[str]) -> list[Problem]:
    """`expects` names sources that `forward` does not have."""
    by_source = {name for name, columns in expects.items() if isinstance(columns, Mapping)}
    return [
        Problem(
            f'expects names the source "{name}", which forward does not have',
            pipeline,
            (("sources", ", ".join(sources)),),
            closest(name, sources) or f"give forward an argument {name}, or leave it out of expects",
        )
        for name in sorted(by_source - set(sources))
    ]


def kept_in_containers(pipeline: str, attributes: Mapping[str, object]) -> list[Problem]:
    """Operators in lists and mappings, where they have no names and `forward` cannot be seen to use them."""
    problems = []
    for name, value in attributes.items():
        items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple | set) else ()
        held = [item.name for item in items if isinstance(item, Operator)]
        if held:
            what = f"{', '.join(held)} kept in a {type(value).__name__}: stages are attributes, which give them their names"
            problems.append(Problem(what, f"{pipeline}.{name}", suggestion=f"self.{name}_1 = ..., or {name} = Sequential(...) for one stage"))
    return problems
