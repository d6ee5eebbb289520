"""What a run of one operator did, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from operators.asking.answers import Usage


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
            "seconds": round(self.seconds, 3),
            "other_tables": {name: {"rows": table.rows, "used": table.used} for name, table in self.other_tables.items()},
            "usage": {name: usage.as_dict() for name, usage in self.usage.items()},
        }
