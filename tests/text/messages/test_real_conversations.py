"""Published conversations: all of them are read, none is taken for another, and what is set aside is set aside for a reason that is true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from operators.bases.messages.reading import read_turns
from operators.text.messages.convert import ConvertMessages
from operators.text.messages.valid import ValidMessagesFilter

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here: set DATAFLOW_SHARED_DATA")


@pytest.mark.parametrize(
    ("file", "column", "turns", "calls", "malformed"),
    [
        ("tools/glaive_toolcall_en_open.jsonl", "conversations", 962, 112, 0),
        ("tools/glaive_toolcall_zh_open.jsonl", "conversations", 996, 123, 2),
        ("tools/reason_tool_use.jsonl", "messages", 274, 68, 11),
        ("dialogue/sharegpt_format_dummy_open.jsonl", "conversations", 390, 0, 0),
    ],
)
def test_every_turn_is_read_and_what_is_malformed_is_found(file: str, column: str, turns: int, calls: int, malformed: int) -> None:
    """Two of the Chinese ones have the result of a call that the assistant only speaks of; eleven end with a call."""
    read = ConvertMessages(tools="fields").run(str(DATA / file), input_messages=column, output_messages="converted", progress=False)
    conversations = [read_turns(value) for value in read.table.column("converted").to_pylist()]
    assert sum(map(len, conversations)) == turns
    assert sum(len(turn.calls) for conversation in conversations for turn in conversation) == calls
    result = ValidMessagesFilter().run(str(DATA / file), input_messages=column, progress=False)
    assert result.filtered == malformed
