"""Which questions belong together: those about related things, and those with exactly one answer in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.answer_overlap import answer_units, exact_match
from operators.bases.verified_quotes import VerifiedQuote
from operators.core.kinds import Generate
from operators.engine.rows_reader import RowsReader
from operators.rag.task import LIST_MARK, Step, Task, task_or_none
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID

_MOST_SHARING: Final = 50
"""A word of more questions than this says nothing of which of them belong together: so time stays linear in the table."""


class PairsQuestions(Generate, abstract=True):
    """Makes a row of each pair of questions that belong together, with both under `pair`. Each question is used at most `uses` times; the pairs that
    belong together most are made first. Questions of one document make no pair. A question in no pair is set aside."""

    scope: ClassVar[Literal["row", "table"]] = "table"
    adds_rows = True

    input_question = Input(str)
    input_answer = Input(str)
    input_kind = Input(str)
    input_topic = Input(str)
    input_documents = Input(list[str])
    input_document_ids = Input(list[str])
    input_quotes = Input(list[VerifiedQuote])
    input_steps = Input(list[Step])
    input_hidden = Input(list[str])
    output_pair = Output(list[Task], description="the two questions, with all that they stand on")

    carry: Literal["all", "none"] | tuple[str, ...] = Field("none", description="Columns of the first question that a pair keeps.", repr=False)
    uses: int = Field(1, ge=1, le=100, description="Pairs that a question may be in.")

    @abstractmethod
    def related(self, tasks: Mapping[int, Task]) -> Iterator[tuple[float, int, int]]:
        """How much two questions belong together, above 0, and their places, the lower one first; each pair once."""

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        tasks: list[Task | None] = []
        ids: list[str] = []
        for batch in rows.batches():
            tasks += [task_or_none(row) for row in batch.to_pylist()]
            ids += batch.column(ROW_ID).to_pylist()
        chosen = self._chosen(tasks)
        made = [[tasks[place].as_row() for place in pair] for pair in chosen]  # type: ignore[union-attr]
        new = {
            self.output_columns()["pair"]: pa.array(made, self._output_fields()["pair"].type),
            PARENT_IDS: pa.array([[ids[place] for place in pair] for pair in chosen], PARENT_IDS_FIELD.type),
        }
        names = [name for name in self.schema_out(rows.storage.schema).names if name != ROW_ID]
        carried = rows.storage.read([ROW_ID, *(name for name in names if name not in new)]).filter(pa.array(rows.present()))
        firsts = carried.take(pa.array([one for one, _ in chosen], pa.int64()))
        arrays = [new[name] if name in new else firsts.column(name).combine_chunks() for name in names]
        yield pa.RecordBatch.from_arrays(arrays, names=names)

    def _chosen(self, tasks: Sequence[Task | None]) -> list[tuple[int, int]]:
        """Places of the questions of each pair."""
        known = {place: task for place, task in enumerate(tasks) if task is not None}
        used: Counter[int] = Counter()
        chosen = []
        for _, one, other in sorted(self.related(known), key=lambda found: (-found[0], found[1], found[2])):
            apart = not set(known[one].document_ids) & set(known[other].document_ids)
            if apart and used[one] < self.uses and used[other] < self.uses:
                used.update((one, other))
                chosen.append((one, other))
        return sorted(chosen)


class RelatedPairsGenerator(PairsQuestions):
    """Pair questions of different documents that are about related things: those that share the rarest words, in question and topic.

    Questions with the same answer make no pair: nothing could be compared. For each pair ComparisonQuestionGenerator or BothQuestionGenerator makes
    a question.
    """

    asks = ("pair related questions from different documents", "which questions can be merged", "find questions about similar things")

    min_shared: int = Field(1, ge=1, description="Words that both have to share, at least; words of more than 50 questions do not count.")

    def related(self, tasks: Mapping[int, Task]) -> Iterator[tuple[float, int, int]]:
        words = {place: set(answer_units(f"{task.topic} {task.question}")) for place, task in tasks.items()}
        shared: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
        for pair, weight in _sharing(words):
            shared[pair].append(weight)
        for (one, other), weights in shared.items():
            if len(weights) >= self.min_shared and not exact_match(tasks[one].answer, [tasks[other].answer]):
                yield sum(weights) / math.sqrt(len(words[one]) * len(words[other])), one, other


class CommonAnswerPairsGenerator(PairsQuestions):
    """Pair questions with several answers that have exactly one answer in common, each having others too: only both together name it.

    For each pair IntersectionQuestionGenerator makes a question.
    """

    source = "QAMPARI (Amouyal et al. 2022)"
    asks = ("pair list questions that share one answer", "intersect the answers of two questions", "find intersections between documents")

    def related(self, tasks: Mapping[int, Task]) -> Iterator[tuple[float, int, int]]:
        names = {place: _names(task) for place, task in tasks.items() if len(_names(task)) > 1}
        shared: Counter[tuple[int, int]] = Counter(pair for pair, _ in _sharing(names))
        for (one, other), count in shared.items():
            if count == 1:
                yield 1 / (len(names[one]) + len(names[other])), one, other


def common_answer(one: Task, other: Task) -> str | None:
    """The one name that both list, as the first writes it; None where there is none or more than one."""
    theirs = _names(other)
    common = [name for name in one.answer.split(LIST_MARK) if tuple(answer_units(name)) in theirs]
    return common[0] if len(common) == 1 else None


def _names(task: Task) -> set[tuple[str, ...]]:
    return {tuple(answer_units(name)) for name in task.answer.split(LIST_MARK)} if task.kind == "list" else set()


def _sharing(keys: Mapping[int, set[Any]]) -> Iterator[tuple[tuple[int, int], float]]:
    """Each pair of places that have a key in common, once for each such key, with how rare that is. Keys that too many have are passed over."""
    having: defaultdict[Any, list[int]] = defaultdict(list)
    for place, mine in keys.items():
        for key in mine:
            having[key].append(place)
    for places in having.values():
        if 2 <= len(places) <= _MOST_SHARING:
            weight = math.log(1 + len(keys) / len(places))
            yield from (((one, other), weight) for at, one in enumerate(places) for other in places[at + 1 :])
