"""Whether the path of a source tells each partition by time from every other, and names no part of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from operators.tables.errors import Problem

_DAYS = {"hour": 800, "day": 30 * 366, "week": 30 * 366, "month": 30 * 366}
"""How far the paths of partitions are compared: far enough for every unit above to come again."""
_EXAMPLES = {"hour": "data/%Y-%m-%d-%H.jsonl", "day": "data/%Y-%m-%d/*.jsonl", "week": "data/%G-W%V/*.jsonl", "month": "data/%Y-%m/*.jsonl"}


def problem_of_path(path: str, by: str, start: datetime) -> Problem | None:
    """Of a path as strftime writes it, for partitions of an hour, day, week or month."""
    first: dict[str, datetime] = {}
    for begin in _begins(by, start):
        if (other := first.setdefault(begin.strftime(path), begin)) is not begin:
            what = f"partitions: by {by}, but the path {path} is the same for {_told(other)} and {_told(begin)}: {begin.strftime(path)}"
            return Problem(what, suggestion=f"write the whole time into the path, as strftime does: {_EXAMPLES[by]}")
    begin, last = next(_begins(by, start)), _last_moment(by, start)
    if begin.strftime(path) != last.strftime(path):
        what = f"partitions: by {by}, but the path {path} names a part of one: {begin.strftime(path)} is not all of it, {last.strftime(path)} is too"
        return Problem(what, suggestion=f"write * for what is finer, or take partitions of it: {_EXAMPLES[by]}")
    return None


def days_of_week(begin: datetime, path: str) -> list[str]:
    """The paths of the other days of a week, where the path names days: one that names the week changes at most once in it."""
    paths = [(begin + timedelta(days=day)).strftime(path) for day in range(7)]
    return paths[1:] if len(set(paths)) == len(paths) else []


def _begins(by: str, start: datetime) -> Iterator[datetime]:
    """When partitions begin."""
    begin = start.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    begin = begin if by == "hour" else begin.replace(hour=0)
    if by == "month":
        begin = begin.replace(day=1)
    end = begin + timedelta(days=_DAYS[by])
    while begin < end:
        yield begin
        begin = (begin + timedelta(days=32)).replace(day=1) if by == "month" else begin + timedelta(**{f"{by}s": 1})


def _last_moment(by: str, start: datetime) -> datetime:
    """Of the first partition. Of a week that of its first day: a path may name the week by the day on which it begins."""
    begins = _begins(by, start)
    begin = next(begins)
    return (begin + timedelta(days=1) if by == "week" else next(begins)) - timedelta(microseconds=1)


def _told(begin: datetime) -> str:
    return begin.isoformat(sep=" ", timespec="minutes")
