"""When a deployed pipeline runs by itself, and how old its result may become: the settings of defs.yaml, and what Dagster makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import available_timezones

import dagster as dg
from dagster._check import CheckError
from dagster._utils.schedules import is_valid_cron_schedule
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from operators.tables.errors import ParameterError, Problem, closest

Automation: TypeAlias = Literal["eager", "on_code_change", "on_missing", "off"]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(minutes?|min|m|hours?|h|days?|d|weeks?|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class ScheduleSettings(BaseModel):
    """When to run: a cron expression alone, or with the time zone that it is meant in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cron: str = Field(description='Cron expression: "0 3 * * *" is every day at 3:00.')
    timezone: str = Field("UTC", description="Time zone of the cron expression, such as Europe/Berlin.")
    switched_on: bool = Field(False, description="Whether the schedule is on from the start. Else it is switched on in the UI.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return _known_timezone(name)

    @property
    def status(self) -> dg.DefaultScheduleStatus:
        return dg.DefaultScheduleStatus.RUNNING if self.switched_on else dg.DefaultScheduleStatus.STOPPED


class FreshnessSettings(BaseModel):
    """How old the result may become before Dagster calls it stale: an age, or a time of day at which it has to be new."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: str = Field("", description='Longest age of the result, such as "36 hours".')
    warn_after: str = Field("", description="Age from which on Dagster warns; shorter than `within`.")
    deadline: str = Field("", description="Instead of `within`: cron expression of the times by which the result has to be new.")
    lead: str = Field("1 hour", description="How long before a deadline a result counts as new.")
    timezone: str = Field("UTC", description="Time zone of `deadline`.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return _known_timezone(name)

    @field_validator("within", "warn_after", "lead")
    @classmethod
    def _is_a_duration(cls, text: str) -> str:
        if text:
            duration(text)
        return text

    @model_validator(mode="after")
    def _one_of_both(self) -> FreshnessSettings:
        if bool(self.within) == bool(self.deadline):
            raise ValueError('freshness is either `within` (such as "36 hours") or `deadline` (a cron expression)')
        if self.warn_after and not (self.within and duration(self.warn_after) < duration(self.within)):
            raise ValueError("warn_after has to be shorter than `within`")
        if self.deadline and not is_valid_cron_schedule(self.deadline):
            raise ValueError(f'deadline: "{self.deadline}" is no cron expression: write five fields, such as "0 9 * * *"')
        try:
            self.policy()
        except CheckError as error:
            raise ValueError(f"lead: {self.lead} is longer than from one deadline to the next") from error
        return self

    def policy(self) -> dg.FreshnessPolicy:
        if self.within:
            return dg.FreshnessPolicy.time_window(duration(self.within), duration(self.warn_after) if self.warn_after else None)
        return dg.FreshnessPolicy.cron(self.deadline, duration(self.lead), self.timezone)


def duration(text: str) -> timedelta:
    """ "36 hours", "90m", "2 days". Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f'"{text}" is no duration: write a number and minutes, hours, days or weeks, such as "36 hours"')
    return timedelta(**{_UNITS[found[2][0]]: float(found[1])})


def schedule_of(given: str | ScheduleSettings | None) -> ScheduleSettings | None:
    return ScheduleSettings(cron=given) if isinstance(given, str) else given


def automation_of(given: bool | str | Sequence[str]) -> tuple[Automation, ...]:
    """The conditions that are meant; none for `off`, which YAML reads as false. `true` means what it always did: eager and on_code_change.

    Raises:
        ParameterError: a name that is none.
    """
    if isinstance(given, bool):
        return ("eager", "on_code_change") if given else ()
    named = [given] if isinstance(given, str) else list(given)
    for name in named:
        if name not in _CONDITIONS and name != "off":
            known = ("known", ", ".join([*_CONDITIONS, "off"]))
            raise ParameterError([Problem(f'automation: there is no "{name}"', details=(known,), suggestion=closest(name, [*_CONDITIONS, "off"]))])
    return tuple(name for name in _CONDITIONS if name in named)


def condition_of(names: Sequence[Automation]) -> dg.AutomationCondition[Any] | None:
    """True when one of the named conditions is."""
    condition: dg.AutomationCondition[Any] | None = None
    for name in names:
        made = _CONDITIONS[name]()
        condition = made if condition is None else condition | made
    return condition


def _on_code_change() -> dg.AutomationCondition[Any]:
    """Since the code last changed, nothing was made or asked for; a change while the stage runs is not lost."""
    condition = dg.AutomationCondition
    handled = condition.newly_requested() | condition.newly_updated()
    return condition.code_version_changed().since(handled) & ~condition.in_progress() & ~condition.any_deps_missing()


def _on_missing() -> dg.AutomationCondition[Any]:
    """Not made and not asked for yet, and what it reads is there. Once: where the run fails, it is not asked for again and again.

    Dagster's own `on_missing` leaves out what was missing when it looked for the first time.
    """
    condition = dg.AutomationCondition
    handled = condition.newly_requested() | condition.newly_updated()
    return condition.in_latest_time_window() & condition.missing().newly_true().since(handled) & ~condition.any_deps_missing()


_CONDITIONS: dict[Automation, Any] = {
    "eager": dg.AutomationCondition.eager,
    "on_code_change": _on_code_change,
    "on_missing": _on_missing,
}


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'there is no time zone "{name}". {closest(name, available_timezones())}'.strip())
    return name
