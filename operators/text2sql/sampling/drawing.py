"""Drawing the parts of a query: tables, columns, conditions, each with its words."""

from __future__ import annotations

import decimal
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from operators.text2sql.sampling.graph import Asked, Graph, Link, Node
from operators.text2sql.sampling.words import listed, value

Item = TypeVar("Item")


class CannotDraw(Exception):
    """The schema has nothing for this template: no measure, no key to join along."""


@dataclass(frozen=True, slots=True)
class Condition:
    """In SQL, and as words after a noun: "whose country is "Brazil"" or "with a total greater than 5"."""

    sql: str
    words: str


def literal(of: Any) -> str:
    """A value in SQL."""
    if isinstance(of, bool):
        return "TRUE" if of else "FALSE"
    if isinstance(of, int | float | decimal.Decimal):
        return str(of)
    return "'" + str(of).replace("'", "''") + "'"


class Draws:
    """Choices among the parts of one schema. What was chosen often is chosen less, so that all of it is covered."""

    def __init__(self, graph: Graph, random_: random.Random) -> None:
        self.graph = graph
        self.random = random_
        self._used: Counter[Any] = Counter()

    def one_of(self, items: Sequence[Item], key: Any = id) -> Item:
        if not items:
            raise CannotDraw
        weights = [1 / (1 + self._used[key(item)]) ** 0.5 for item in items]
        item = self.random.choices(items, weights)[0]
        self._used[key(item)] += 1
        return item

    def node(self, *roles: Any) -> Node:
        """A table that has a column of each of these roles."""
        fitting = [node for node in self.graph.nodes if all(node.of(role) for role in roles)]
        return self.one_of(fitting, lambda node: node.table.name)

    def column(self, node: Node, *roles: Any, but: Sequence[Asked] = (), full: bool = False) -> Asked:
        """One of these roles. `full`: without nulls."""
        fitting = [column for column in node.of(*roles) if column not in but and not (full and column.has_nulls)]
        return self.one_of(fitting, lambda column: (node.table.name, column.column.name))

    def link(self, child: Any = (), parent: Any = (), labelled: bool = True) -> Link:
        """A child with columns of the roles `child`, whose parent has some of the roles `parent`, and a label."""
        fitting = [
            link
            for link in self.graph.links
            if (not labelled or link.parent.label is not None)
            and all(link.child.of(role) for role in child)
            and all(link.parent.of(role) for role in parent)
        ]
        return self.one_of(fitting, lambda link: (link.child.table.name, link.phrase))

    def shown(self, node: Node, count: int, but: Sequence[Asked] = ()) -> list[Asked]:
        """Columns to show of a row: what it is called first."""
        label = [node.label] if node.label is not None and node.label not in but else []
        rest = [column for column in node.of("label", "category", "measure", "year", "date") if column not in label and column not in but]
        chosen = list(label)
        while len(chosen) < count:
            left = [column for column in rest if column not in chosen]
            chosen.append(self.one_of(left, lambda column: (node.table.name, column.column.name)))
        return chosen[:count]

    def label(self, node: Node) -> Asked:
        if node.label is None:
            raise CannotDraw
        return node.label

    def condition(self, node: Node, prefix: str = "", but: Sequence[Asked] = (), roles: Sequence[Any] = ()) -> Condition:
        """On one column of a table. `prefix` is its alias, with the dot."""
        column = self.column(node, *(roles or ("category", "measure", "year", "date", "label")), but=but)
        return self.condition_on(column, prefix)

    def condition_on(self, column: Asked, prefix: str = "") -> Condition:
        name = prefix + column.name
        choices = {"category": self._of_category, "measure": self._of_number, "year": self._of_number, "date": self._of_date, "label": self._of_label}
        if column.has_nulls and self.random.random() < 0.12:
            missing = self.random.random() < 0.5
            return Condition(f"{name} IS {'' if missing else 'NOT '}NULL", f"whose {column.phrase} is {'not known' if missing else 'known'}")
        if column.role not in choices or not column.values:
            raise CannotDraw
        return choices[column.role](column, name)

    def _of_category(self, column: Asked, name: str) -> Condition:
        values = list(column.values)
        kind = self.random.random()
        if kind < 0.15 and len(values) >= 3:
            some = self.random.sample(values[:8], 2)
            return Condition(f"{name} IN ({', '.join(map(literal, some))})", f"whose {column.phrase} is {listed(list(map(value, some)), 'or')}")
        one = self.random.choice(values)
        if kind < 0.25 and len(values) >= 2:
            known = "is known and " if column.has_nulls else ""  # NULL <> 'a' is not true
            return Condition(f"{name} <> {literal(one)}", f"whose {column.phrase} {known}is not {value(one)}")
        return Condition(f"{name} = {literal(one)}", f"whose {column.phrase} is {value(one)}")

    def _of_number(self, column: Asked, name: str) -> Condition:
        seen = column.column.statistics
        assert seen is not None
        ordered = sorted(number for number in column.values if isinstance(number, int | float | decimal.Decimal))
        if not ordered or seen.low is None or seen.low == seen.high:
            raise CannotDraw
        is_year = column.role == "year"
        least, most = (int(seen.low), int(seen.high)) if is_year else (seen.low, seen.high)
        bound = self._between(least, most, ordered)
        kind = self.random.random()
        if kind < 0.2 and isinstance(least, int):
            other = self._between(least, most, ordered)
            low, high = min(bound, other), max(bound, other)
            if low < high:
                return Condition(f"{name} BETWEEN {low} AND {high}", f"whose {column.phrase} is between {low} and {high}")
        if kind < 0.3 and isinstance(bound, int) and is_year:
            return Condition(f"{name} = {bound}", f"whose {column.phrase} is {bound}")
        if kind < 0.65:
            return Condition(f"{name} > {bound}", f"whose {column.phrase} is {'after' if is_year else 'greater than'} {bound}")
        if kind < 0.8:
            return Condition(f"{name} >= {bound}", f"whose {column.phrase} is {bound} or {'later' if is_year else 'more'}")
        return Condition(f"{name} < {bound}", f"whose {column.phrase} is {'before' if is_year else 'less than'} {bound}")

    def _between(self, low: Any, high: Any, ordered: Sequence[Any]) -> Any:
        """A bound that somebody would name: a value that occurs, or a round number."""
        if self.random.random() < 0.5:
            one = self.random.choice(ordered)
            return int(one) if isinstance(one, float) and one.is_integer() else one
        at = float(low) + (float(high) - float(low)) * self.random.uniform(0.15, 0.85)
        if isinstance(low, int):
            digits = len(str(abs(int(at)))) - 2
            return int(round(at, -max(digits, 0)))
        bound = float(f"{at:.2g}")
        return int(bound) if bound.is_integer() else bound

    def _of_date(self, column: Asked, name: str) -> Condition:
        days = sorted(str(day)[:10] for day in column.values)
        day = self.random.choice(days)
        kind = self.random.random()
        if kind < 0.4:
            year = day[:4]
            return Condition(f"STRFTIME('%Y', {name}) = '{year}'", f"whose {column.phrase} is in the year {year}")
        if kind < 0.7:
            return Condition(f"{name} >= '{day}'", f"whose {column.phrase} is on or after {day}")
        return Condition(f"{name} < '{day}'", f"whose {column.phrase} is before {day}")

    def _of_label(self, column: Asked, name: str) -> Condition:
        texts = [text for text in column.values if isinstance(text, str) and re.search(r"[A-Za-z]{3,}", text)]
        if not texts:
            raise CannotDraw
        text = self.random.choice(texts)
        if self.random.random() < 0.5:
            return Condition(f"{name} = {literal(text)}", f"whose {column.phrase} is {value(text)}")
        part = self.random.choice(re.findall(r"[A-Za-z]{3,}", text))
        if self.random.random() < 0.3:
            return Condition(f"{name} LIKE '{text[0] if text[0].isalpha() else part[0]}%'", self._starts(column, text, part))
        return Condition(f"{name} LIKE '%{part}%'", f'whose {column.phrase} contains "{part}"')

    @staticmethod
    def _starts(column: Asked, text: str, part: str) -> str:
        return f'whose {column.phrase} starts with "{text[0] if text[0].isalpha() else part[0]}"'
