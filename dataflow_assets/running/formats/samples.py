"""A row of a table as a sample for training: an instruction with its answer, messages of a conversation, or a better answer beside a worse one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.running.formats.images import PLACEHOLDER, PicturePlace, holds_images
from dataflow_assets.running.formats.settings import DatasetSettings
from operators.asking.requests import Role
from operators.bases.messages.column import messages_problems
from operators.bases.messages.order import wrong_order
from operators.bases.messages.reading import has_pictures, read_turns
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
    "chosen": ("chosen",),
    "rejected": ("rejected",),
}
"""Part of a sample -> the columns that it is taken from where nothing is said, the first that is there."""
PREFERENCE = ("chosen", "rejected")
"""Parts of a sample for DPO and the like: the better answer, and the worse one."""
_ROWS_WITH_PICTURES = 64


@dataclass(frozen=True)
class Sample:
    """What is said in turn, the system message first if there is one."""

    row_id: str
    conversation: tuple[Turn, ...]
    instruction: str = ""
    input: str = ""
    tools: tuple[Any, ...] = ()
    """The functions that may be called, as OpenAI defines them."""
    images: tuple[str, ...] = ()
    """Names of pictures, one for each placeholder in the messages, in their order."""
    rejected: str = ""
    """The answer that is worse than the last one of the conversation, where it is a sample of preferences."""

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(role, content), with what is thought and called as part of the content."""
        return [(turn.role, whole_text(turn)) for turn in self.conversation]

    @property
    def turns(self) -> list[tuple[str, str]]:
        """The messages without that of the system."""
        return [(role, content) for role, content in self.messages if role != "system"]

    @property
    def system(self) -> str:
        return next((turn.text for turn in self.conversation if turn.role == "system"), "")

    @property
    def calls(self) -> bool:
        """Whether functions are called."""
        return any(turn.calls for turn in self.conversation)

    @property
    def is_single(self) -> bool:
        """One question and one answer."""
        return [role for role, _ in self.turns] == ["user", "assistant"]

    @property
    def alternates(self) -> bool:
        """Whether a question and its answer take turns, after a system message, if any."""
        roles = [turn.role for turn in self.conversation]
        return not self.calls and roles[roles[0] == "system" :] == ["user", "assistant"] * (len(roles) // 2)


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
    if "messages" in found and (wrong := messages_problems("export", found["messages"], schema)):
        raise ParameterError([Problem(f"export: {one.message}", details=one.details[1:]) for one in wrong])
    named = settings.columns.keys() & set(PREFERENCE)
    if "messages" in settings.columns or ("messages" in found and not named and not {"instruction", "output"} & settings.columns.keys()):
        return {part: column for part, column in found.items() if part in ("messages", "system", "tools", "images")}
    asked = ("messages",) if "messages" in found else ("instruction", "input")
    if found.keys() >= set(PREFERENCE) and (named or not {"instruction", "output"} <= found.keys()):
        return {part: column for part, column in found.items() if part in (*PREFERENCE, *asked, "system")}
    if named:
        raise ParameterError([Problem("export: preferences are a column of chosen answers and one of rejected ones", suggestion="name both")])
    if not {"instruction", "output"} <= found.keys():
        listed = ", ".join(schema.names)
        said = f"export: {settings.format} needs messages, an instruction and an output, or chosen and rejected; the table has {listed}"
        raise ParameterError([Problem(said, suggestion="say which column is what: columns: {instruction: question, output: answer}")])
    return {part: column for part, column in found.items() if part not in ("messages", "tools", *PREFERENCE)}


def samples(table: Storage, columns: Mapping[str, str], pictures: PicturePlace) -> Iterator[Sample | None]:
    """A sample for each row, in order; None for a row from which none can be made: a part of it is empty, its messages are none, or a
    picture is missing."""
    wanted = list(dict.fromkeys([ROW_ID, *columns.values()]))
    said = [column for part, column in columns.items() if part in ("instruction", "input", "output", "system", *PREFERENCE)]
    texts = [column for column in said if "chosen" not in columns or not pa.types.is_nested(table.schema.field(column).type)]
    for batch in table.batches(wanted, _ROWS_WITH_PICTURES if "images" in columns else DEFAULT_BATCH_ROWS):
        for column in texts:
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
    if "chosen" in values:
        return _preference(row[ROW_ID], values, system)
    if "messages" in values:
        return _conversation(row[ROW_ID], values, system)
    instruction, given, output = (values.get(part) or "" for part in ("instruction", "input", "output"))
    if not instruction.strip() or not output.strip():
        return None
    asked = f"{instruction}\n\n{given}" if given else instruction
    turns = (Turn("user", asked), Turn("assistant", output))
    return Sample(row[ROW_ID], (Turn("system", system), *turns) if system else turns, instruction, given)


def _conversation(row_id: str, values: Mapping[str, Any], system: str) -> Sample | None:
    """A sample of messages in any published shape. None where they are none or end without an answer, where a turn is blank, where pictures stand in
    them and no column has these; and, where functions are called, where turns are out of order, a result is missing, or the functions cannot be read.
    """
    try:
        turns = read_turns(values["messages"])
        if "images" not in values and has_pictures(values["messages"]):
            return None
        calls = any(turn.calls for turn in turns)
        tools = as_openai(read_tools(values.get("tools"))) if calls else []
    except (NotMessages, NotTools):
        return None
    if system and not any(turn.role == "system" for turn in turns):
        turns = [Turn("system", system), *turns]
    if calls and wrong_order(turns):
        return None
    said = [turn for turn in turns if turn.role != "system"]
    if len(said) < 2 or said[-1].role != "assistant" or any(turn.blank and not (calls and turn.role == "tool") for turn in turns):
        return None
    return Sample(row_id, tuple(turns), tools=tuple(tools))


def _preference(row_id: str, values: Mapping[str, Any], system: str) -> Sample | None:
    """A sample of two answers to one question. Each is a text, or messages, which may have the question before them, as in TRL's data sets. None
    where an answer is blank, where there is no question, or where the two are the same or answer different questions."""
    try:
        chosen, rejected = (_turns(values[part], "assistant") for part in PREFERENCE)
        asked = _turns(values.get("messages") or values.get("instruction"), "user")
    except NotMessages:
        return None
    differ = (place for place, (one, other) in enumerate(zip(chosen, rejected, strict=False)) if one != other)
    shared = next(differ, min(len(chosen), len(rejected)))
    answers = [*chosen[shared:], *rejected[shared:]]
    if len(chosen) != shared + 1 or len(rejected) != shared + 1 or any(turn.role != "assistant" or turn.calls or turn.blank for turn in answers):
        return None
    given = values.get("input") or ""
    turns = chosen[:shared] or [*asked[:-1], *(replace(turn, text=f"{turn.text}\n\n{given}" if given else turn.text) for turn in asked[-1:])]
    if not turns or turns[-1].role != "user" or any(turn.blank or turn.calls for turn in turns):
        return None
    if system and turns[0].role != "system":
        turns = [Turn("system", system), *turns]
    instruction = values.get("instruction")
    instruction, given = (instruction, given) if isinstance(instruction, str) and not shared else ("", "")
    return Sample(row_id, (*turns, chosen[-1]), instruction, given, rejected=whole_text(rejected[-1]))


def _turns(value: Any, role: Role) -> list[Turn]:
    """Of a text, of a message, or of messages, also as JSON."""
    if value is None:
        return []
    try:
        if turns := read_turns([value] if isinstance(value, Mapping) else value):
            return turns
        raise NotMessages("it has no turns")
    except NotMessages:
        if not isinstance(value, str):
            raise
        return [Turn(role, value)] if value.strip() else []
