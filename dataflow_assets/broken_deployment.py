"""A deployment that does not load: one asset and one job under its name, which say what is wrong and fail with it."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster._core.definitions.utils import DISALLOWED_NAMES
from pydantic import ValidationError

from operators.tables.errors import Problem, ProblemsFound, first_line

ASSET = "does_not_load"
_WIDTH = 90
_SECONDS = 30


@dataclass(frozen=True)
class BrokenDeployment:
    """What is wrong with the deployment in a file. `name` is that of its folder, for its own cannot be known."""

    name: str
    file: str
    problems: tuple[Problem, ...]

    @property
    def text(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def problems_of(error: BaseException) -> tuple[Problem, ...]:
    """What a user has to mend, without what Dagster wraps around it."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and inner not in chain:
        chain.append(inner)
    for one in chain:
        if isinstance(one, ProblemsFound):
            return one.problems
        if isinstance(one, ValidationError):
            return tuple(_of_validation(one))
    return (Problem(_unwrapped(chain)),)


def broken_definitions(broken: BrokenDeployment, taken: Collection[str]) -> dg.Definitions:
    """`taken` are the jobs that there are: a deployment that loads keeps its name."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", broken.name)
    while name in taken or name in DISALLOWED_NAMES:
        name = f"{name}_broken"

    @dg.asset(
        key=[name, ASSET],
        group_name=name,
        kinds={"broken"},
        description=f"`{broken.file}` does not load:\n\n```\n{_wrapped(broken.text)}\n```\n\nMend the file and reload the definitions.",
        metadata={"file": broken.file, "problems": len(broken.problems)},
    )
    def does_not_load() -> None:
        raise dg.Failure(f"{broken.file} does not load:\n{broken.text}", metadata={"file": broken.file}, allow_retries=False)

    job = dg.define_asset_job(name, [does_not_load], description=f"{broken.file} does not load.\n\n{broken.text}")
    return dg.Definitions(assets=[does_not_load], jobs=[job], sensors=[_fails_once(name, job, broken.text)])


def _fails_once(name: str, job: dg.UnresolvedAssetJobDefinition, problems: str) -> dg.SensorDefinition:
    """Runs the job once for each text of problems: it fails, so that the pipeline is red in the UI and whoever is told of failed runs hears of it."""
    key = hashlib.sha256(problems.encode()).hexdigest()[:16]

    @dg.sensor(
        name=f"{name}_{ASSET}",
        job=job,
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Shows the deployment {name}, which does not load, as failed: once for each new error.",
    )
    def fails_once() -> dg.RunRequest:
        return dg.RunRequest(run_key=key)

    return fails_once


def _below_here(text: str) -> str:
    """Paths are told from the folder in which Dagster was started."""
    return text.replace(f"{Path.cwd()}/", "")


def _wrapped(text: str) -> str:
    """Long lines in several, for the UI wraps none of a block."""
    return "\n".join(textwrap.fill(line, _WIDTH, subsequent_indent="    ", break_on_hyphens=False) for line in text.splitlines())


def _of_validation(error: ValidationError) -> list[Problem]:
    """Of a setting that may be a text or something else pydantic says what is wrong with it as either; as a text only where nothing else is said."""
    found = []
    for item in error.errors():
        place, at, where = _below_here(".".join(str(part) for part in item["loc"])).partition(" at ")
        message = _below_here(item["msg"].removeprefix("Value error, "))
        setting = _without_branches(place)
        shown = f"{setting}{at}{where}" if setting else where
        found.append((setting, place.endswith(".str"), f"{shown}: {message}" if shown else message))
    others = [setting for setting, as_text, _ in found if not as_text]
    texts = [text for setting, as_text, text in found if not (as_text and any(f"{other}.".startswith(f"{setting}.") for other in others))]
    return [Problem(text) for text in dict.fromkeys(texts)]


def _without_branches(place: str) -> str:
    """The place of a setting without pydantic's names of the types that it may have: "schedule.nullable[union[str,ScheduleSettings]].str"."""
    while (shorter := re.sub(r"\[[^\[\]]*\]", "\0", place)) != place:
        place = shorter
    return re.sub(r"\.[\w-]+\0+|\.[A-Z]\w*Settings(?=\.|$)|\.str$", "", place)


def _unwrapped(chain: list[BaseException]) -> str:
    """What the user's file or code raised, as it was raised last."""
    cause = chain[0]
    return first_line(cause) if not str(cause).strip().count("\n") else f"{type(cause).__name__}: {cause}"
