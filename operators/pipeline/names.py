"""Names of stages: each is that of a table, beside those of the sources, and of an attribute, beside those that every pipeline has."""

from __future__ import annotations

from collections.abc import Sequence

from operators.tables.call_site import caller
from operators.tables.errors import Problem
from operators.tables.table_names import ALLOWED, names_a_table


def reserved_name(pipeline: str, stage: str, operator: str) -> Problem:
    """A stage has the name of something that every pipeline has, such as `run`."""
    return Problem(
        f'no stage can be named "{stage}": every pipeline has something of its own of this name',
        f"{pipeline}.{stage}",
        (("at", caller()),),
        f"give it another: self.{stage}_rows = {operator}(...)",
    )


def name_problems(pipeline: str, stages: Sequence[str], sources: Sequence[str]) -> list[Problem]:
    """Stages and sources whose name no table can have, and stages whose table would have the name of another. SQL does not tell names apart by their
    case."""
    taken = {source.lower(): f'the source "{source}"' for source in sources}
    problems = [
        Problem(f'"{name}" cannot name a table', f"{pipeline}.{name}", suggestion=ALLOWED) for name in (*sources, *stages) if not names_a_table(name)
    ]
    for stage in stages:
        other = taken.setdefault(stage.lower(), f'the stage "{stage}"')
        if other != f'the stage "{stage}"':
            what = f"the table of the stage would have the same name as that of {other}"
            problems.append(Problem(what, f"{pipeline}.{stage}", suggestion=f"give the stage another name: self.{stage}_2 = ..."))
    return problems
