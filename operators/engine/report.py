"""What a run of one operator did, in numbers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from operators.asking.answers import Usage

MOST_ERRORS = 1000
"""Different errors that are told apart; what comes after is counted as "other errors"."""


_COUNTED = ("rejected_by", "changed_by", "no_say", "failures", "totals", "scores")
MOST_SCORES = 1000
"""Different scores that are told apart; rows with others are not counted."""
ENOUGH_ROWS = 20
"""If so many rows have one score, that is no accident."""


class Progress(Protocol):
    """Told from time to time how far a run is; `total` is the number of rows that come in."""

    def __call__(self, done: int, total: int, report: Report, /) -> None: ...


@dataclass(frozen=True, slots=True)
class OtherTable:
    """A second input table whose rows are accounted for: how many there were, and of how many something came. The rest was set aside."""

    rows: int
    used: int

    @property
    def unused(self) -> int:
        return self.rows - self.used


@dataclass(slots=True)
class Report:
    """Rows in, out and set aside; time; what language models cost.

    `rows_in` are those of the first table: rows_in == rows_out + filtered + failed, less what was set aside of other tables, unless the operator
    makes rows.
    """

    operator: str
    rows_in: int = 0
    rows_out: int = 0
    rejected_by: Counter[str] = field(default_factory=Counter)
    """Rows filtered out, by the operator (of a Sequential: the part) that did."""
    changed_by: Counter[str] = field(default_factory=Counter)
    """Rows in which a refiner (of a Sequential: the part) changed something."""
    no_say: Counter[str] = field(default_factory=Counter)
    """Rows that a filter (of a Sequential: the part) could not judge, as a rule without data for their language, and kept."""
    failures: Counter[str] = field(default_factory=Counter)
    """Rows that failed, by error."""
    totals: Counter[str] = field(default_factory=Counter)
    """Sums over the rows that went on, by column, where an operator counts something: tokens."""
    scores: Counter[str] = field(default_factory=Counter)
    """Rows that went on, by the score that a language model gave them: "rating = 4"."""
    seconds: float = 0.0
    other_tables: dict[str, OtherTable] = field(default_factory=dict)
    """By the name that the operator gives to the table."""
    usage: dict[str, Usage] = field(default_factory=dict)
    """By the name of the resource."""

    @property
    def filtered(self) -> int:
        return sum(self.rejected_by.values())

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    @property
    def rejected(self) -> int:
        return self.filtered + self.failed

    def same_scores(self) -> dict[str, int]:
        """Scores that tell no row from another, since a model gave no other: "rating = 4" -> how many rows have it."""
        columns = Counter(score.rpartition(" = ")[0] for score in self.scores)
        return {score: rows for score, rows in self.scores.items() if rows >= ENOUGH_ROWS and columns[score.rpartition(" = ")[0]] == 1}

    def add(self, part: Report) -> None:
        """Count what was done to further rows of the same table. Seconds are added, so of parts done at once they are no time on a clock."""
        self.rows_in += part.rows_in
        self.rows_out += part.rows_out
        self.rejected_by.update(part.rejected_by)
        self.changed_by.update(part.changed_by)
        self.no_say.update(part.no_say)
        self.totals.update(part.totals)
        for score, count in part.scores.items():
            if score in self.scores or len(self.scores) < MOST_SCORES:
                self.scores[score] += count
        for error, count in part.failures.items():
            self.failures[error if error in self.failures or len(self.failures) < MOST_ERRORS else "other errors"] += count
        self.seconds += part.seconds
        for name, table in part.other_tables.items():
            known = self.other_tables.get(name, OtherTable(0, 0))
            self.other_tables[name] = OtherTable(known.rows + table.rows, known.used + table.used)
        for name, usage in part.usage.items():
            self.usage[name] = added(self.usage[name], usage) if name in self.usage else usage

    @staticmethod
    def merged(operator: str, parts: Iterable[Report]) -> Report:
        """Of all parts of a table, in their order."""
        whole = Report(operator)
        for part in parts:
            whole.add(part)
        return whole

    def counts(self) -> dict[str, Any]:
        """What was counted of rows, as plain data that another process can send; `counted` makes a report of it."""
        told = {"rows_in": self.rows_in, "rows_out": self.rows_out}
        return {**told, **{name: dict(getattr(self, name)) for name in _COUNTED}}

    @staticmethod
    def counted(operator: str, counts: Mapping[str, Any]) -> Report:
        report = Report(operator, rows_in=counts["rows_in"], rows_out=counts["rows_out"])
        for name in _COUNTED:
            getattr(report, name).update(counts[name])
        return report

    def as_dict(self) -> dict[str, Any]:
        return {
            "operator": self.operator,
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "rows_filtered": self.filtered,
            "rows_failed": self.failed,
            "rejected_by": dict(self.rejected_by.most_common()),
            "changed_by": dict(self.changed_by.most_common()),
            "no_say": dict(self.no_say.most_common()),
            "failures": dict(self.failures.most_common(20)),
            "totals": dict(self.totals),
            "scores": dict(self.scores.most_common()),
            "seconds": round(self.seconds, 3),
            "other_tables": {name: {"rows": table.rows, "used": table.used} for name, table in self.other_tables.items()},
            "usage": {name: usage.as_dict() for name, usage in self.usage.items()},
        }


def added(one: Usage, other: Usage) -> Usage:
    """What two sessions spent together. A cost that is unknown of one is that of the other."""
    total: dict[str, Any] = {}
    for spent in dataclasses.fields(Usage):
        left, right = getattr(one, spent.name), getattr(other, spent.name)
        total[spent.name] = right if left is None else left if right is None else left + right
    return Usage(**total)
