"""What conversations are made from where a user has nothing of his own: topics with intents, people, situations for an assistant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from resources.sources.listed import ListedRows

TOPICS = Path(__file__).with_name("chat_topics.yaml")
PERSONAS = Path(__file__).with_name("personas.yaml")
SCENARIOS = Path(__file__).with_name("tool_scenarios.yaml")


class ChatTopics(ListedRows):
    """A row for each intent, flow of information and topic, with a person who might ask: drawn by a hash of the others, so that it never changes."""

    columns = dict.fromkeys(("intent", "flow", "topic", "persona"), pa.string())

    def rows(self) -> Iterator[dict[str, str]]:
        people = _read(PERSONAS)
        for entry in _read(TOPICS):
            for flow in entry["flows"]:
                for topic in entry["topics"]:
                    drawn = int.from_bytes(hashlib.blake2b(f"{flow}\0{topic}".encode(), digest_size=8).digest())
                    yield {"intent": entry["intent"], "flow": flow, "topic": topic, "persona": people[drawn % len(people)]}


class ToolScenarios(ListedRows):
    """A row for each situation in which an assistant with functions helps."""

    columns = {"scenario": pa.string()}

    def rows(self) -> Iterator[dict[str, str]]:
        yield from ({"scenario": scenario} for scenario in _read(SCENARIOS))


def _read(file: Path) -> list[Any]:
    found: list[Any] = yaml.safe_load(file.read_text("utf-8"))
    return found
