"""What conversations are made from where a user has nothing of his own: topics with intents, people, situations for an assistant."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pyarrow as pa
import yaml

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

TOPICS = Path(__file__).with_name("chat_topics.yaml")
PERSONAS = Path(__file__).with_name("personas.yaml")
SCENARIOS = Path(__file__).with_name("tool_scenarios.yaml")


class Seeds(Storage):
    """A small table that the package brings, of texts alone."""

    columns: ClassVar[tuple[str, ...]]

    @abstractmethod
    def rows(self) -> Iterator[dict[str, str]]:
        """All rows, always in the same order."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(name, pa.string()) for name in self.columns])

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        left = self.rows()
        while some := list(islice(left, size)):
            batch = pa.RecordBatch.from_pylist(some, schema=self.schema)
            yield batch if columns is None else batch.select(list(columns))

    def count_rows(self) -> int:
        return sum(1 for _ in self.rows())

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise TypeError("seeds can only be read: copy them into a file of your own to change them")


class ChatTopics(Seeds):
    """A row for each intent, flow of information and topic, with a person who might ask: drawn by a hash of the others, so that it never changes."""

    columns = ("intent", "flow", "topic", "persona")

    def rows(self) -> Iterator[dict[str, str]]:
        people = _read(PERSONAS)
        for entry in _read(TOPICS):
            for flow in entry["flows"]:
                for topic in entry["topics"]:
                    drawn = int.from_bytes(hashlib.blake2b(f"{flow}\0{topic}".encode(), digest_size=8).digest())
                    yield {"intent": entry["intent"], "flow": flow, "topic": topic, "persona": people[drawn % len(people)]}


class ToolScenarios(Seeds):
    """A row for each situation in which an assistant with functions helps."""

    columns = ("scenario",)

    def rows(self) -> Iterator[dict[str, str]]:
        yield from ({"scenario": scenario} for scenario in _read(SCENARIOS))


def _read(file: Path) -> list[Any]:
    found: list[Any] = yaml.safe_load(file.read_text("utf-8"))
    return found
