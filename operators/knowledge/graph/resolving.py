"""Which names mean the same entity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.asking.serving import EmbeddingServing
from operators.bases.embedding import embed_each
from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.engine.rows_reader import RowsReader
from operators.knowledge.graph.names import initials, plain_name, short_forms
from operators.tables.columns import Input, Output


class EntityResolutionEvaluator(Evaluate):
    """Put beside the subject and the object of each relation the name of the entity that they mean: the same for all its names in the table.

    Names are the same that differ in case, article, title, legal form or punctuation, and a short form is what a quote explains in brackets. The name
    of an entity is the one that stands there most often; of equals the longest.
    """

    source = "entity resolution by normalised names"
    asks = ("merge the same entity under one name", "deduplicate nodes of a knowledge graph", "resolve aliases of entities")
    scope: ClassVar[Literal["row", "table"]] = "table"

    input_subject = Input(str)
    input_object = Input(str)
    input_quotes = Input(Any, optional=True, nulls="pass", description="quotes of the relation, where short forms are explained")
    output_subject_entity = Output(str, "subject_entity")
    output_object_entity = Output(str, "object_entity")

    def evaluate_table(self, rows: RowsReader, **resources: Any) -> dict[str, pa.Array]:
        names: list[tuple[str, str]] = []
        texts: set[str] = set()
        for batch in rows.batches():
            names += zip(batch.column("subject").to_pylist(), batch.column("object").to_pylist(), strict=True)
            quotes = batch.column("quotes").to_pylist() if "quotes" in batch.schema.names else []
            texts.update(str(quote["quote"]) if isinstance(quote, Mapping) else str(quote) for given in quotes for quote in given or ())
        counts = Counter(name for pair in names for name in pair)
        entities = self._entities(counts, short_forms(sorted(texts)), **resources)
        columns = {short: [entities[pair[place]] for pair in names] for place, short in enumerate(("subject_entity", "object_entity"))}
        return {short: pa.array(values, pa.string()) for short, values in columns.items()}

    def _entities(self, counts: Counter[str], short: Mapping[str, str], **resources: Any) -> dict[str, str]:
        """Name -> the name of its entity."""
        groups = _Groups(counts)
        by_plain: defaultdict[str, list[str]] = defaultdict(list)
        for name in counts:
            plain = plain_name(name)
            by_plain[short.get(plain, plain)].append(name)
        for same in by_plain.values():
            groups.join(same)
        for one, other in self.alike(
            {plain: max(same, key=lambda name: (counts[name], len(name), name)) for plain, same in by_plain.items()}, **resources
        ):
            groups.join((one, other))
        return groups.named()

    def alike(self, names: Mapping[str, str], **resources: Any) -> Iterator[tuple[str, str]]:
        """Further pairs of names that mean the same, given plain name -> name. Here: none."""
        yield from ()


class EmbeddingEntityResolutionEvaluator(EntityResolutionEvaluator):
    """As EntityResolutionEvaluator, and names whose embeddings are at least as similar as `threshold` are the same too.

    Compared are only names of one block: that have a word in common, or of which one has the initials of the other. A word that more than `most`
    names have in common makes no block. Names that differ in a number are never the same.
    """

    source = "blocking (Papadakis et al. 2020) with embeddings"
    asks = ("entity linking with embeddings", "merge near duplicate entity names by meaning", "cluster spelling variants of names")
    needs: ClassVar[tuple[Need, ...]] = ("embedding",)

    embedding: str = Field("embedding", description="Name of the embedding model resource.")
    threshold: float = Field(0.85, gt=0, le=1, description="Cosine from which two names are one entity.")
    most: int = Field(50, ge=2, description="Names in a block, at most.")

    def alike(self, names: Mapping[str, str], **resources: Any) -> Iterator[tuple[str, str]]:
        pairs = [pair for pair in _blocked(names, self.most) if _numbers(pair[0]) == _numbers(pair[1])]
        wanted = sorted({plain for pair in pairs for plain in pair})
        if not wanted:
            return
        serving: EmbeddingServing = resources["embedding"]
        vectors, without = embed_each(serving, [names[plain] for plain in wanted])
        places = {plain: place for place, plain in enumerate(wanted) if place not in without}
        for one, other in pairs:
            if one in places and other in places and float(np.dot(vectors[places[one]], vectors[places[other]])) >= self.threshold:
                yield names[one], names[other]


def _blocked(names: Iterable[str], most: int) -> list[tuple[str, str]]:
    """Pairs of plain names that are worth comparing, in order."""
    blocks: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        for key in {*name.split(), initials(name), *([name] if " " not in name else [])} - {""}:
            blocks[key].add(name)
    pairs = {pair for block in blocks.values() if len(block) <= most for pair in combinations(sorted(block), 2)}
    return sorted(pairs)


def _numbers(name: str) -> list[str]:
    return [word for word in name.split() if any(map(str.isdigit, word))]


class _Groups:
    """Names joined to groups, however they were joined."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._leader = {name: name for name in counts}

    def join(self, names: Sequence[str]) -> None:
        first = self._find(names[0])
        for name in names[1:]:
            self._leader[self._find(name)] = first

    def named(self) -> dict[str, str]:
        members: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._counts:
            members[self._find(name)].append(name)
        return {name: max(same, key=lambda one: (self._counts[one], len(one), one)) for same in members.values() for name in same}

    def _find(self, name: str) -> str:
        while self._leader[name] != name:
            self._leader[name] = self._leader[self._leader[name]]
            name = self._leader[name]
        return name
