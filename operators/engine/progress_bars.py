"""A bar for each stage of a run, where somebody looks at it: in a terminal or a notebook."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from operators.engine.report import Progress, Report

if TYPE_CHECKING:
    from rich.console import Console

ProgressOf: TypeAlias = Callable[[str], Progress]
"""Gives what is told how far a stage is, by the name of the stage."""


def somebody_looks() -> bool:
    """Whether standard error is a terminal, or this is a notebook that can show bars (it needs the package ipywidgets for that)."""
    return sys.stderr.isatty() or ("ipykernel" in sys.modules and importlib.util.find_spec("ipywidgets") is not None)


@contextmanager
def progress_bars(shown: bool | None = None, console: Console | None = None) -> Iterator[ProgressOf]:
    """Bars on standard error: rows done of all, rows a second, rows set aside, and calls of models. `shown` None: where somebody looks."""
    if not (somebody_looks() if shown is None else shown):
        yield lambda stage: _say_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("[dim]{task.fields[note]}"), TimeElapsedColumn())
    with Bars(*columns, console=console or Console(stderr=True)) as bars:

        def progress_of(stage: str) -> Progress:
            bar = bars.add_task(stage, total=None, note="")
            started = time.monotonic()

            def show(done: int, total: int, report: Report) -> None:
                bars.update(bar, completed=done, total=total, note=note(done, time.monotonic() - started, report))

            return show

        yield progress_of


def note(done: int, seconds: float, report: Report) -> str:
    """What stands beside a bar: "1,200 rows/s, 14 set aside, 300 calls, 20 cached"."""
    parts = [f"{done / seconds:,.0f} rows/s"] if seconds > 0 and done else []
    parts += [f"{report.rejected:,} set aside"] if report.rejected else []
    parts += [f"{usage.calls:,} calls, {usage.cached:,} cached" for usage in report.usage.values()]
    return ", ".join(parts)


def _say_nothing(done: int, total: int, report: Report, /) -> None:
    """Nobody looks."""
