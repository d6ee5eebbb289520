"""The tables of a schema as a graph: what can be asked of each, and how they are joined."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from operators.databases.schema import Column, Schema, Table
from operators.text2sql.sampling.roles import Role, role_of
from operators.text2sql.sampling.words import phrase, plural, singular, words

_LABELS: Final = re.compile(r"(^|_|\s)(name|title|label|caption|model|make)s?($|_|\s)|[Nn]ame$|[Tt]itle$")
_RESERVED: Final = frozenset(
    (
        "abort action add after all alter analyze and any as asc attach autoincrement before begin between by cascade case cast character "
        "check collate column commit condition conflict constraint create cross current database date day default deferrable deferred "
        "delete desc detach distinct div drop each else end escape except exclusive exists explain fail fetch fields first for foreign from "
        "full function glob grant group groups having if immediate in index indexed initially inner insert instead intersect interval into "
        "is isnull join key keys lag language last lead left like limit lines match mod month natural no not notnull null of offset on only "
        "optionally or order outer over partition plan position pragma primary procedure query raise range rank read recursive references "
        "regexp reindex release rename replace restrict right rollback row rows savepoint select separator set some starting system table "
        "temp temporary terminated then time timestamp to transaction trigger type union unique update usage user using vacuum values view "
        "virtual when where window with without write year "
    ).split()
)


@dataclass(frozen=True)
class Asked:
    """A column with its place in queries and its word in questions."""

    column: Column
    role: Role
    phrase: str

    @property
    def name(self) -> str:
        """In SQL."""
        return quoted(self.column.name)

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(value for value in self.column.samples if value not in (None, ""))

    @property
    def has_nulls(self) -> bool:
        return self.column.statistics is not None and self.column.statistics.nulls > 0


@dataclass(frozen=True)
class Node:
    """A table that something can be asked of."""

    table: Table
    columns: tuple[Asked, ...]

    @property
    def name(self) -> str:
        """In SQL."""
        return quoted(self.table.name)

    @cached_property
    def noun(self) -> str:
        return singular(words(self.table.name))

    @cached_property
    def nouns(self) -> str:
        return plural(self.noun)

    def of(self, *roles: Role) -> list[Asked]:
        return [column for column in self.columns if column.role in roles]

    @cached_property
    def label(self) -> Asked | None:
        """What a row is called: a column of names rather than of other texts."""
        labels = [column for column in self.of("label", "category") if column.column.type_class == "text"]
        named = [column for column in labels if _LABELS.search(column.column.name)]
        if not named:
            return None
        best = ("name", f"{self.noun} name", "full name", "last name", "surname", "title", f"{self.noun} title")
        return min(named, key=lambda column: best.index(column.phrase) if column.phrase in best else len(best) + (column.role == "category"))

    @property
    def key(self) -> str:
        """Of one column, in SQL; "" where there is none."""
        key = self.table.primary_key
        return quoted(key.columns[0]) if key and len(key.columns) == 1 else ""


@dataclass(frozen=True)
class Link:
    """Rows of `child` each point to one row of `parent`."""

    child: Node
    parent: Node
    pairs: tuple[tuple[str, str], ...]
    """(column of the child, column of the parent), in SQL."""
    phrase: str
    """What the parent is to the child: "artist" of an album, "support rep" of a customer."""

    def on(self, child: str, parent: str) -> str:
        return " AND ".join(f"{child}.{mine} = {parent}.{theirs}" for mine, theirs in self.pairs)


@dataclass(frozen=True)
class Graph:
    schema: Schema
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    by_child: dict[str, list[Link]] = field(default_factory=dict)


def graph_of(schema: Schema) -> Graph:
    """Tables with rows and columns to ask for; views and empty tables are left out."""
    nodes: dict[str, Node] = {}
    for table in schema.tables:
        if table.is_view or table.rows == 0:
            continue
        columns = tuple(Asked(column, role_of(column, table), phrase(column.name)) for column in table.columns)
        nodes[table.name.lower()] = Node(table, columns)
    links = []
    by_child: defaultdict[str, list[Link]] = defaultdict(list)
    for node in nodes.values():
        for key in node.table.foreign_keys:
            parent = nodes.get(key.other_table.lower())
            if parent is None or parent is node or not all(key.other_columns):
                continue
            pairs = tuple((quoted(mine), quoted(theirs)) for mine, theirs in zip(key.columns, key.other_columns, strict=True))
            link = Link(node, parent, pairs, _phrase_of(key.columns[0], parent))
            links.append(link)
            by_child[node.table.name].append(link)
    return Graph(schema, tuple(nodes.values()), tuple(links), dict(by_child))


def _phrase_of(column: str, parent: Node) -> str:
    """artist_id of album is its "artist"; support_rep_id of customer is its "support rep (employee)"."""
    stem = re.sub(r"\s+(id|code|key|no|nr|number|fk)$", "", words(column), flags=re.IGNORECASE)
    plain = stem.replace(" ", "").lower()
    noun, nouns = parent.noun.replace(" ", "").lower(), parent.nouns.replace(" ", "").lower()
    if plain in noun or plain in (nouns, "id", "code", "uid"):
        return parent.noun
    if parent.noun in stem:
        return stem
    return f"{stem} ({parent.noun})"


def quoted(name: str) -> str:
    """A name in SQLite's SQL: in quotes only where it has to be."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'
