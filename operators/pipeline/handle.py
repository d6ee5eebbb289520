"""Handles stand for tables while `forward` is recorded: they carry a schema and no data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeAlias

import pyarrow as pa
from pydantic_core import PydanticSerializationError

from operators.core.operator import Operator
from operators.core.sequential import best_guess
from operators.pipeline.plan import Stage
from operators.tables.call_site import caller
from operators.tables.errors import ColumnError, Problem, closest

Shards: TypeAlias = Literal["none", "each", "all"]


@dataclass
class Recorder:
    """The stages and the mistakes seen so far in one run of `forward`."""

    pipeline: str
    names: dict[int, str]
    """id of an operator -> the attribute that holds it."""
    stages: list[Stage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def report(self, stage: str, problem: Problem, location: str) -> None:
        self.problems.append(problem.at(f"{self.pipeline}.{stage}", ("at", f'stage "{stage}", {location}')))


class Handle:
    """A table that will exist: the output of a stage, or a source."""

    def __init__(
        self, recorder: Recorder, name: str, schema: pa.Schema | None, dropped: Mapping[str, str] | None = None, shards: Shards = "none"
    ) -> None:
        self._recorder = recorder
        self.name = name
        self.schema = schema
        """None after a mistake upstream: what follows cannot be checked."""
        self.dropped = dict(dropped or {})
        """Columns that were there -> the stage that dropped them."""
        self.shards = shards
        """Whether the table comes in shards ("each": what follows runs on each), and if so, whether it is to be read whole ("all")."""

    def record(self, operator: Operator, arguments: tuple[Any, ...], columns: Mapping[str, str]) -> Handle:
        """Add a stage to the pipeline being recorded, note what is wrong with it, and give the handle of its output."""
        return _record(operator, arguments, columns)

    def gathered(self) -> Handle:
        """The table as one, from all its shards: for operators that need every row, such as dedup. The same where nothing is in shards."""
        return Handle(self._recorder, self.name, self.schema, self.dropped, "none" if self.shards == "none" else "all")

    @property
    def columns(self) -> list[str]:
        return [] if self.schema is None else list(self.schema.names)

    def __repr__(self) -> str:
        return f"Handle({self.name}: {', '.join(self.columns)})"

    def _no_data(self, *_: Any) -> NoReturn:
        raise TypeError(
            f'"{self.name}" is a handle: forward() is run once, before there is data, to record the stages. Let an operator decide on rows.'
        )

    __bool__ = __len__ = __iter__ = __getitem__ = _no_data


def _record(operator: Operator, arguments: tuple[Any, ...], columns: Mapping[str, str]) -> Handle:
    location = caller()
    handles = tuple(argument for argument in arguments if isinstance(argument, Handle))
    recorder = handles[0]._recorder
    name = recorder.names.get(id(operator))
    recorder.used.update(handle.name for handle in handles)
    if name is None:
        problem = Problem(
            f"{operator.name} is not an attribute of the pipeline",
            suggestion=f"in __init__: self.name_of_the_stage = {operator.name}(...), not in a list or dict",
        )
        recorder.report(operator.name, problem, location)
        return Handle(recorder, operator.name, None)
    if len(handles) < len(arguments):
        recorder.called.add(name)
        recorder.report(name, _not_a_table(operator, [value for value in arguments if not isinstance(value, Handle)]), location)
        return Handle(recorder, name, None)
    if name in recorder.called:
        recorder.report(
            name,
            Problem("the stage is called twice, so its name is used twice", suggestion=f"give the second its own: self.{name}_2 = ..."),
            location,
        )
        return Handle(recorder, name, None)
    recorder.called.add(name)
    return _record_stage(recorder, name, operator, handles, columns, location)


def _not_a_table(operator: Operator, others: list[Any]) -> Problem:
    """Something other than a table was given by position."""
    given = ", ".join(repr(value) for value in others)
    columns = sorted(operator.bindable())
    text = next((value for value in others if isinstance(value, str)), None)
    suggestion = f'bind columns by name: {columns[0]}="{text}"' if text is not None and columns else "give what other stages and sources gave"
    return Problem(f"{operator.name} takes tables by position, not {given}", details=(("columns", ", ".join(columns)),), suggestion=suggestion)


def _record_stage(
    recorder: Recorder, name: str, operator: Operator, handles: tuple[Handle, ...], columns: Mapping[str, str], location: str
) -> Handle:
    problems: list[Problem] = []
    try:
        operator = _bound(operator, columns) if columns else operator
    except ColumnError as error:
        problems += error.problems
    schemas = tuple(handle.schema for handle in handles)
    known = tuple(schema for schema in schemas if schema is not None)
    if len(known) == len(schemas) and not operator.is_stand_in:
        problems += operator.problems(*known)
        problems += _not_plain(operator)
        problems += _shard_problems(operator, handles)
    dropped = {column: stage for handle in handles for column, stage in handle.dropped.items()}
    for problem in problems:
        recorder.report(name, _with_history(problem, dropped), location)
    if len(known) < len(schemas):
        after = None
    elif problems or operator.is_stand_in:
        after = best_guess(operator, known)
    else:
        after = operator.schema_out(*known)
    if after is not None:
        dropped |= dict.fromkeys((column for column in known[0].names if column not in after.names), name)
    # after the mistake of a whole-table operator on shards, its output is taken for a table, so that nothing below is blamed for it
    sharded = any(handle.shards == "each" for handle in handles) and not operator.needs_all_rows
    gathers = tuple(handle.name for handle in handles if handle.shards == "all")
    recorder.stages.append(Stage(name, operator, tuple(handle.name for handle in handles), known, after or pa.schema([]), location, sharded, gathers))
    return Handle(recorder, name, after, dropped, "each" if sharded else "none")


def _bound(operator: Operator, columns: Mapping[str, str]) -> Operator:
    """The operator on these columns. One whose parameters were rejected is bound as far as it can be, so that the stages below find its columns."""
    if not operator.is_stand_in:
        return operator.bind(**columns)
    try:
        return operator.bind(**columns)
    except Exception:  # its columns depend on parameters that are wrong, which was reported
        return operator


def _not_plain(operator: Operator) -> list[Problem]:
    """Parameters that cannot be written down: with them the stage has no fingerprint, and cannot be built in another process."""
    try:
        operator.model_dump_json()
    except PydanticSerializationError:
        return [
            Problem(
                f"a parameter is plain data, and this one is a {type(value).__name__}",
                details=(("argument", f"{name}={value!r} of {operator.name}"),),
                suggestion='of a function give the name: FunctionFilter(python="my_module:keep")',
            )
            for name, value in operator
            if not _can_be_written(operator, name)
        ]
    return []


def _can_be_written(operator: Operator, parameter: str) -> bool:
    try:
        operator.model_dump_json(include={parameter})
    except PydanticSerializationError:
        return False
    return True


def _shard_problems(operator: Operator, handles: tuple[Handle, ...]) -> list[Problem]:
    """An operator that needs every row was given shards."""
    in_shards = [handle.name for handle in handles if handle.shards == "each"]
    if not in_shards or not operator.needs_all_rows:
        return []
    message = f'{operator.name} needs the whole table, but "{in_shards[0]}" comes in shards, of which it would see one at a time'
    of = " and ".join(f'"{name}"' for name in in_shards)
    return [Problem(message, suggestion=f"read all shards from here on: call gathered() on what {of} gave")]


def _with_history(problem: Problem, dropped: Mapping[str, str]) -> Problem:
    for column, stage in dropped.items():
        if problem.message == f'column "{column}" does not exist':
            return Problem(
                f'column "{column}" does not exist any more: stage "{stage}" dropped it', problem.where, problem.details, problem.suggestion
            )
    return problem


def missing_column(source: str, column: str, schema: pa.Schema) -> Problem:
    """A source lacks a column that the pipeline expects."""
    near = closest(column, schema.names)
    rename = near or "rename one of its columns"
    return Problem(f'column "{column}" does not exist in the source "{source}"', details=(("columns", ", ".join(schema.names)),), suggestion=rename)
