"""What went wrong in an asset, said to people who look at Dagster: the message first, then how far it came and what to do there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from operators.asking.answers import ServingStopped, ServingUnreachable
from operators.engine.report import Report
from operators.tables.errors import ProblemsFound, StageFailed, first_line
from operators.tables.files.errors import FileFormatError, MissingFileError
from resources.warehouse.errors import WarehouseError


@dataclass
class Progressed:
    """How far an asset came: what its progress said last."""

    done: int = 0
    total: int = 0
    report: Report | None = None

    def see(self, done: int, total: int, report: Report) -> None:
        self.done, self.total, self.report = done, total, report


@dataclass(frozen=True)
class Place:
    """An asset, as Dagster names it and as defs.yaml does."""

    deployment: str
    stage: str
    parameters: Collection[str] = ()
    """What can be set of it in the launchpad."""
    yaml: str = "stages"
    """The key of defs.yaml below which its parameters stand: "stages", or "source"."""

    @property
    def op(self) -> str:
        return f"{self.deployment}__{self.stage}"

    def remedy(self, message: str) -> str:
        """Where the parameters that a message speaks of are set; "" where it speaks of none."""
        named = [name for name in self.parameters if re.search(rf"\b{re.escape(name)}\b", message)]
        return "\n".join(f"- {name}: in the launchpad {self._launchpad(name)}; for good in defs.yaml {self._defs_yaml(name)}" for name in named)

    def _launchpad(self, name: str) -> str:
        return f"`ops: {{{self.op}: {{config: {{{name}: ...}}}}}}`"

    def _defs_yaml(self, name: str) -> str:
        return f"`stages: {{{self.stage}: {{{name}: ...}}}}`" if self.yaml == "stages" else f"`source: {{path: ..., {name}: ...}}`"


@dataclass(frozen=True)
class Retries:
    """How often a stage may be tried again, and how often it was.

    No retry policy of Dagster's: it would try a stage again that somebody terminates.
    """

    most: int = 0
    done: int = 0
    seconds: float = 20.0
    """Wait before the first; twice as long before each further one."""

    def next(self) -> dg.RetryRequested | None:
        return dg.RetryRequested(max_retries=self.most, seconds_to_wait=self.seconds * 2**self.done) if self.done < self.most else None


@contextmanager
def told_to_dagster(place: Place, progressed: Progressed, retries: Retries = Retries()) -> Iterator[None]:
    """What is raised inside becomes a `dg.Failure`, whose message Dagster, its sensors and its alerts show first.

    Only failures that can pass are tried again: a model server that is gone, a lock, a disk. What a user has to mend is not.
    """
    try:
        yield
    except dg.Failure:
        raise
    except (StageFailed, ProblemsFound, ServingStopped, WarehouseError, MissingFileError) as error:
        again = retries.next() if isinstance(error, ServingUnreachable) else None
        raise again or _failure(str(error), place, progressed) from error
    except OSError as error:
        raise retries.next() or _failure(first_line(error), place, progressed) from error
    except FileFormatError as error:
        raise _failure(str(error), place, progressed) from error


def _failure(message: str, place: Place, progressed: Progressed) -> dg.Failure:
    metadata: dict[str, Any] = {"asset": f"{place.deployment}/{place.stage}", **_rows(progressed)}
    remedy = place.remedy(message)
    if remedy:
        metadata["remedy"] = dg.MetadataValue.md(remedy)
    after = "Nothing of it was published; the table of the run before stays. Answers of language models that were paid for are in the cache."
    metadata["then"] = f"{after} Materialize {place.deployment}/{place.stage} again to go on."
    return dg.Failure(message, metadata=metadata, allow_retries=False)


def _rows(progressed: Progressed) -> Mapping[str, Any]:
    report = progressed.report
    if report is None:
        return {}
    rows: dict[str, Any] = {"rows done": progressed.done, "rows in": progressed.total}
    rows |= {"rows set aside": report.rejected, "rows failed": report.failed}
    if report.failures:
        errors = "\n".join(f"- {count} x {error}" for error, count in report.failures.most_common(5))
        rows["errors"] = dg.MetadataValue.md(errors)
    calls = {f"{name} calls": used.calls for name, used in report.usage.items()}
    costs = {f"{name} cost in USD": used.cost_usd for name, used in report.usage.items() if used.cost_usd is not None}
    return {**rows, **calls, **costs}
