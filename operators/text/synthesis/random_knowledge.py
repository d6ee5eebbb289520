"""Rows about anything, out of nothing: topics drawn from a tree by weights, no two alike, and an instruction with its answer for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.draws import draws, uniform
from operators.bases.implausible_answers import as_said, implausible
from operators.core.kinds import Generate
from operators.core.llm import LLMGenerate
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed, closest
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, ROW_ID_FIELD
from operators.text.synthesis.domain_tree import TASK_TYPES, Theme, load_domain_tree
from operators.text.synthesis.prompts import KnowledgeRow, KnowledgeRowPrompt

Level: TypeAlias = Literal["beginner", "practitioner", "expert"]
Weights: TypeAlias = Annotated[
    tuple[tuple[str, float], ...],
    BeforeValidator(lambda value: tuple(value.items()) if isinstance(value, Mapping) else value),
    PlainSerializer(dict),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}),
]
"""Topic, or "topic/domain", -> weight."""


class DomainTopicRowsGenerator(Generate):
    """Make `each` new rows of each row, with a topic, domain, theme, task and level drawn from a tree of domains by weights: no two alike.

    Drawn without replacement over the whole table, so that no two rows ask for the same; more rows than the tree has combinations are refused. Start
    from a table of one row. `weights` says how much more often a topic ("Physics") or a domain ("Physics/Mechanics") is drawn than the others, which
    have 1; 0 leaves it out. The draw depends on the seed and the ids of the rows alone. `tree` is a JSON file of topic -> domain -> [themes].
    """

    adds_rows = True
    scope = "table"
    covers = ("RandomDomainKnowledgeRowGenerator",)
    source = "weighted sampling without replacement: Efraimidis and Spirakis (2006)"
    asks = ("diverse topics for zero-seed data, none twice", "draw subjects by weights", "start a synthetic dataset from a topic tree")

    output_topic = Output(str)
    output_domain = Output(str)
    output_theme = Output(str)
    output_task_type = Output(str)
    output_level = Output(str, description="beginner, practitioner or expert")

    each: int = Field(10, ge=1, description="New rows of each row.")
    weights: Weights = Field(default=(), description='Topic, or "topic/domain" -> weight; 1 for all others.')
    tree: str = Field("", description="JSON file of topic -> domain -> [themes]; the package's own tree where empty.")
    task_types: tuple[str, ...] = Field(TASK_TYPES, min_length=1, description="Kinds of tasks to draw from.")
    levels: tuple[Level, ...] = Field(get_args(Level), min_length=1)
    seed: int = 0

    def schema_out(self, *tables: pa.Schema) -> pa.Schema:
        return pa.schema([ROW_ID_FIELD, *self._output_fields().values(), PARENT_IDS_FIELD])

    def carried_columns(self, table: pa.Schema) -> list[str]:
        return []

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        ids = [row_id for batch in rows.batches([]) for row_id in batch.column(ROW_ID).to_pylist()]
        if not ids:
            return
        ordered = [ids[place] for place in np.argsort(draws(self.seed, ids), kind="stable")]
        drawn = self._drawn(len(ids) * self.each)
        fields = self._output_fields()
        names = ("topic", "domain", "theme", "task_type", "level")
        for place, parent in enumerate(ordered):
            own = drawn[place * self.each : (place + 1) * self.each]
            columns = {fields[name].name: pa.array([one[at] for one in own], pa.string()) for at, name in enumerate(names)}
            yield pa.RecordBatch.from_pydict({**columns, PARENT_IDS: pa.array([[parent]] * self.each, PARENT_IDS_FIELD.type)})

    def _drawn(self, count: int) -> list[tuple[str, ...]]:
        """So many different combinations, those of the largest keys u^(1/weight)."""
        leaves = load_domain_tree(self.tree)
        of_leaf = self._weights_of(leaves)
        ways = list(itertools.product(self.task_types, self.levels))
        combinations = [(*leaf, *way) for leaf, weight in zip(leaves, of_leaf, strict=True) if weight > 0 for way in ways]
        if count > len(combinations):
            remedy = "take fewer, or give more task_types or a larger tree"
            raise StageFailed(f"{self.name}: {count:,} rows are asked for, and the tree has {len(combinations):,} different ones: {remedy}.")
        weights = np.repeat([weight for weight in of_leaf if weight > 0], len(ways))
        keys = np.log(uniform(self.seed, ["\0".join(one) for one in combinations])) / weights
        return [combinations[place] for place in np.argsort(-keys, kind="stable")[:count]]

    def _weights_of(self, leaves: Sequence[Theme]) -> list[float]:
        given = dict(self.weights)
        known = {name for topic, domain, _ in leaves for name in (topic, f"{topic}/{domain}")}
        if unknown := [name for name in given if name not in known]:
            raise StageFailed(f'{self.name}: weights names "{unknown[0]}", which the tree does not have. {closest(unknown[0], known)}')
        return [given.get(f"{topic}/{domain}", given.get(topic, 1.0)) for topic, domain, _ in leaves]


class DomainKnowledgeGenerator(LLMGenerate):
    """Write an instruction, with an input where it needs one, and its answer, for the topic, theme, task and level of each row.

    Rows from `DomainTopicRowsGenerator` are all asked for something else, so that neither a cache nor temperature 0 gives one answer for many. An
    answer that repeats its instruction, or a field that is missing, is asked for again; what never fits is set aside with the reason. Near-duplicates
    that are left: `MinHashDedup` on the instruction.
    """

    covers = ("RandomDomainKnowledgeRowGenerator",)
    source = "zero-seed instruction data: GLAN (Li et al. 2024)"
    asks = ("write SFT samples about random subjects", "knowledge questions out of nothing", "instruction input output from a topic")

    input_topic = Input(str)
    input_domain = Input(str)
    input_theme = Input(str)
    input_task_type = Input(str)
    input_level = Input(str)
    output_instruction = Output(str)
    output_input = Output(str, description="what the instruction is about; empty where it needs nothing")
    output_output = Output(str)

    prompt: PromptTemplate[KnowledgeRow] = KnowledgeRowPrompt()
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        def check(row: KnowledgeRow) -> str | None:
            if row.input and as_said(row.input) == as_said(row.output):
                return "the output repeats the input"
            return implausible(row.output, row.instruction)

        return self.columns_of(await self.ask(llm, values, check=check))
