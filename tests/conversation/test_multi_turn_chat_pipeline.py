"""The pipeline of conversations, run whole with a scripted model."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from dataflow_assets.pipelines.multi_turn_chat import MultiTurnChat
from operators.asking.requests import Request
from operators.conversation.turns import CleanTurnsFilter
from operators.testing import ScriptedServing
from operators.text.messages.valid import ValidMessagesFilter
from resources.sources.settings import open_source_by_name

WORDS = "the sea the moon a boat some salt two winds cold sand green weed an old pier loud gulls deep mud slow waves high cliffs".split()


def words(seed: str, count: int) -> str:
    """A sentence of its own for each seed."""
    drawn = hashlib.sha256(seed.encode()).digest()
    return " ".join(WORDS[byte % len(WORDS)] for byte in drawn[:count]).capitalize()


def model(request: Request) -> str:
    """It talks about anything, and refuses to talk about money."""
    said = " ".join(str(message.content) for message in request.messages)
    if request.json_schema:
        about = ", money or not?" if "loan" in said else "?"
        return json.dumps({"messages": [f"{words(said + str(number), 9)}, number {number}{about}" for number in range(3)]})
    if "money" in said:
        return "I'm sorry, but I can't help with that."
    return f"{words(said, 24)}."


def test_conversations_that_are_kept_pass_the_validators_and_keep_what_they_were_made_from() -> None:
    topics = open_source_by_name("chat_topics").read()
    chosen = topics.filter([("loan" in topic) or place % 40 == 0 for place, topic in enumerate(topics.column("topic").to_pylist())])
    pipeline = MultiTurnChat(exchanges=3)
    object.__setattr__(pipeline.talk, "max_failed", 1.0)
    result = pipeline.run(chosen, resources={"llm": ScriptedServing(model)}, progress=False)
    assert result.table.num_rows >= 5
    for check in (ValidMessagesFilter(min_exchanges=3, max_exchanges=3), CleanTurnsFilter()):
        assert check.run(result.table, progress=False).rows_out == result.table.num_rows
    row: dict[str, Any] = result.table.to_pylist()[0]
    assert all(row[name] for name in ("intent", "flow", "topic", "persona"))
    reasons = [one["rejected_reason"] for one in result.rejected.to_pylist() if "loan" in one["topic"]]
    assert len(reasons) == 2
    assert all("refuses" in reason for reason in reasons)
