"""A row of a table as a sample for training: an instruction with its answer, or the messages of a conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.running.formats.images import PLACEHOLDER, PicturePlace, holds_images
from dataflow_assets.running.formats.settings import DatasetSettings
from operators.bases.messages.order import wrong_order
from operators.bases.messages.reading import CALLING, raw_turns, read_turns
from operators.bases.messages.turns import NotMessages, Turn
from operators.bases.messages.writing import whole_text
from operators.tables.errors import ParameterError, Problem
from operators.tables.files.delimited.writer import as_text
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage
from operators.tables.types import ROW_ID
from operators.tools.definitions import NotTools, as_openai, read_tools

PARTS = {
    "messages": ("messages", "conversations"),
    "instruction": ("instruction", "question", "prompt"),
    "input": ("input",),
    "output": ("output", "best_output", "response", "answer", "completion"),
    "system": ("system",),
    "tools": ("tools", "functions"),
    "images": ("images",),
}
"""Part of a sample -> the columns that it is taken from where nothing is said, the first that is there."""
_ROWS_WITH_PICTURES = 64
ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True)
class Sample:
    """`messages` are (role, content), the system message first if there is one."""

    row_id: str
    messages: tuple[tuple[str, str], ...]
    instruction: str = ""
    input: str = ""
    output: str = ""
    system: str = ""
    conversation: tuple[Turn, ...] = ()
    """The messages with their calls of functions, where there are any; else empty."""
    tools: tuple[Any, ...] = ()
    """The functions that may be called, as OpenAI defines them."""
    images: tuple[str, ...] = ()
    """Names of pictures, one for each placeholder in the messages, in their order."""

    @property
    def turns(self) -> list[tuple[str, str]]:
        """The messages without that of the system."""
        return [(role, content) for role, content in self.messages if role != "system"]

    @property
    def is_single(self) -> bool:
        """One question and one answer."""
        return [role for role, _ in self.turns] == ["user", "assistant"]


def columns_of(schema: pa.Schema, settings: DatasetSettings) -> dict[str, str]:
    """Part -> column.

    Raises:
        ParameterError: a column that was named is not there, or the table has neither messages nor instructions with outputs.
    """
    problems = [
        Problem(f'export: {part}: there is no column "{column}"', details=(("columns", ", ".join(schema.names)),))
        for part, column in settings.columns.items()
        if column not in schema.names
    ]
    if problems:
        raise ParameterError(problems)
    found = dict(settings.columns)
    for part, names in PARTS.items():
        here = [name for name in names if name in schema.names and (part != "images" or holds_images(schema.field(name).type))]
        if part not in found and here:
            found[part] = here[0]
    if "messages" in settings.columns or ("messages" in found and not {"instruction", "output"} & settings.columns.keys()):
        return {part: column for part, column in found.items() if part in ("messages", "system", "tools", "images")}
    if not {"instruction", "output"} <= found.keys():
        said = f"export: {settings.format} needs messages, or an instruction and an output; the table has {', '.join(schema.names)}"
        raise ParameterError([Problem(said, suggestion="say which column is what: columns: {instruction: question, output: answer}")])
    return {part: column for part, column in found.items() if part not in ("messages", "tools")}


def samples(table: Storage, columns: Mapping[str, str], pictures: PicturePlace) -> Iterator[Sample | None]:
    """A sample for each row, in order; None for a row from which none can be made: a part of it is empty, its messages are none, or a picture is
    missing."""
    wanted = list(dict.fromkeys([ROW_ID, *columns.values()]))
    said = [column for part, column in columns.items() if part in ("instruction", "input", "output", "system")]
    for batch in table.batches(wanted, _ROWS_WITH_PICTURES if "images" in columns else DEFAULT_BATCH_ROWS):
        for column in said:
            batch = batch.set_column(batch.schema.get_field_index(column), column, _texts(batch.column(column), column))
        for row in batch.to_pylist():
            sample = _sample(row, columns)
            yield sample if sample is None or "images" not in columns else _with_images(sample, row[columns["images"]] or (), pictures)


def _texts(values: pa.Array, column: str) -> pa.Array:
    """As text; an empty list says nothing."""
    text = as_text(values, column).cast(pa.string())
    if not (pa.types.is_list(values.type) or pa.types.is_large_list(values.type)):
        return text
    return pc.if_else(pc.equal(pc.list_value_length(values), 0), pa.scalar(None, pa.string()), text)


def _with_images(sample: Sample, cells: Sequence[bytes | str | None], pictures: PicturePlace) -> Sample | None:
    """The sample with its pictures where they go. None where one is missing, is no picture, or has no place in the text."""
    if sum(content.count(PLACEHOLDER) for _, content in sample.messages) != len(cells) or not all(cells):
        return None
    try:
        return replace(sample, images=tuple(pictures.put(cell) if isinstance(cell, bytes) else str(cell) for cell in cells))
    except ValueError:
        return None


def _sample(row: Mapping[str, Any], columns: Mapping[str, str]) -> Sample | None:
    values = {part: row[column] for part, column in columns.items()}
    system = values.get("system") or ""
    if "messages" in values:
        try:
            raw = raw_turns(values["messages"] or [])
        except NotMessages:
            return None
        if any(_calls(message) or isinstance(_said(message), list | dict) for message in raw):
            return _sample_of_turns(row[ROW_ID], values, system)
        told = [(_role(message), str(_said(message) or "")) for message in raw]
        messages = [("system", system), *told] if system and not any(role == "system" for role, _ in told) else told
        turns = [role for role, _ in messages if role != "system"]
        answered = len(turns) > 1 and turns[-1] == "assistant" and all(content.strip() for _, content in messages)
        if not answered or any(role not in ROLES for role, _ in messages):
            return None
        first = dict(reversed(messages))
        return Sample(row[ROW_ID], tuple(messages), first.get("user", ""), "", first.get("assistant", ""), first.get("system", ""))
    instruction, given, output = (values.get(part) or "" for part in ("instruction", "input", "output"))
    if not instruction.strip() or not output.strip():
        return None
    asked = f"{instruction}\n\n{given}" if given else instruction
    messages = [*([("system", system)] if system else []), ("user", asked), ("assistant", output)]
    return Sample(row[ROW_ID], tuple(messages), instruction, given, output, system)


def _calls(message: Mapping[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call")) or message.get("from") in CALLING or message.get("role") in CALLING


def _sample_of_turns(row_id: str, values: Mapping[str, Any], system: str) -> Sample | None:
    """A conversation in which functions are called, or what is said comes in parts; None where turns are out of order, a result is missing, or the
    functions cannot be read."""
    try:
        turns, tools = read_turns(values["messages"]), as_openai(read_tools(values.get("tools")))
    except (NotMessages, NotTools):
        return None
    if system and turns[0].role != "system":
        turns = [Turn("system", system), *turns]
    if wrong_order(turns):
        return None
    messages = tuple((turn.role, whole_text(turn)) for turn in turns)
    first = dict(reversed(messages))
    sample = Sample(row_id, messages, first.get("user", ""), "", first["assistant"], first.get("system", ""))
    return replace(sample, conversation=tuple(turns), tools=tuple(tools)) if any(turn.calls for turn in turns) else sample


def _role(message: Mapping[str, Any]) -> str:
    said = str(message.get("role") or message.get("from") or "")
    return {"human": "user", "gpt": "assistant"}.get(said, said)


def _said(message: Mapping[str, Any]) -> Any:
    return message.get("content") if "content" in message else message.get("value")
