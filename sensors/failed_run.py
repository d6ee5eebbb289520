"""What a person is told of a failed run: which stage, why in its own words, what to do, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

LONGEST_MESSAGE = 1500
"""Characters of a message; the run has all of it."""


@dataclass(frozen=True)
class FailedStep:
    """A step, or the run itself where it failed outside any step."""

    name: str
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class FailedRun:
    job: str
    run_id: str
    steps: Sequence[FailedStep]
    address: str = ""
    """Of the run in the UI, where that is known."""

    @property
    def title(self) -> str:
        first = self.steps[0]
        more = f", and {len(self.steps) - 1} more" if len(self.steps) > 1 else ""
        return f"{self.job} failed in {first.name}{more}"

    @property
    def text(self) -> str:
        """The whole message as plain text."""
        parts = [f"{self.title} (run {self.run_id[:8]})"]
        for step in self.steps:
            parts.append(f"{step.name}: {step.message}")
            parts += [step.remedy] if step.remedy else []
        return "\n\n".join([*parts, *([self.address] if self.address else [])])


def failed_run(context: dg.RunFailureSensorContext, ui: str = "") -> FailedRun:
    """`ui` is the address of the web interface, such as http://dagster.example.com:3000."""
    run = context.dagster_run
    steps = [_of_step(event) for event in context.get_step_failure_events()]
    whole = FailedStep(run.job_name, _shortened(context.failure_event.message or "the run failed without a message"))
    return FailedRun(run.job_name, run.run_id, steps or [whole], f"{ui.rstrip('/')}/runs/{run.run_id}" if ui else "")


def _of_step(event: dg.DagsterEvent) -> FailedStep:
    """A step that raised `dg.Failure` says itself what is wrong; of any other exception the message of the innermost."""
    data = event.step_failure_data
    told = data.user_failure_data
    name = (event.step_key or "").replace("__", "/")
    if told is not None and told.description:
        return FailedStep(name, _shortened(told.description), _text(told.metadata.get("remedy")))
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    message = (error.message if error is not None else event.message) or "no message"
    return FailedStep(name, _shortened(message.strip()))


def _text(value: dg.MetadataValue[Any] | None) -> str:
    return str(value.value) if value is not None else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + " ..."
