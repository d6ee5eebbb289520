"""What can be wrong, said so that the reader knows what, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `where` is "pipeline.stage"; `details` are (label, text) lines; `suggestion` is the closest valid name or the thing to do."""

    message: str
    where: str = ""
    details: tuple[tuple[str, str], ...] = ()
    suggestion: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        lines = [head, *(f"  {label:<9} {text}" for label, text in self.details if text)]
        if self.suggestion:
            lines.append(f"  {self.suggestion}")
        return "\n".join(lines)

    def at(self, where: str, *details: tuple[str, str]) -> Problem:
        """The same mistake, with the place where it was met."""
        return Problem(self.message, self.where or where, (*self.details, *details), self.suggestion)


class ProblemsFound(ValueError):
    """One or more mistakes in what a user wrote."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(str(problem) for problem in self.problems))


class ParameterError(ProblemsFound):
    """An operator was given a parameter that does not exist, or a value that it cannot take."""


class ColumnError(ProblemsFound):
    """An operator was bound to columns that are not there, have another type, or would be overwritten."""


class CompileError(ProblemsFound):
    """Everything that `Pipeline.compile()` found wrong, at once."""

    def __str__(self) -> str:
        count = len(self.problems)
        return f"{count} problem{'s' if count != 1 else ''}\n\n{super().__str__()}"


class PipelineWarning(UserWarning):
    """What `Pipeline.compile()` found that is no mistake, and costs more than it has to."""


class RowFailed(Exception):
    """Raised by an operator for one row: the row is set aside with this message, the stage goes on."""


class StageFailed(RuntimeError):
    """A stage could not be completed. Nothing of it was published; language model answers already paid for stay in the cache."""


class PromiseBroken(StageFailed):
    """An operator did what its kind promises not to do: a fault of the operator, not of the data."""


@contextmanager
def stage_named(where: str) -> Iterator[None]:
    """A stage that fails inside says which it is: "web_text.rate: 5 of 9 rows failed, ..."."""
    try:
        yield
    except StageFailed as error:
        error.args = (f"{where}: {error}",)
        raise


def closest(name: str, candidates: Iterable[str]) -> str:
    """'did you mean "text"?', or nothing when nothing is near."""
    known = sorted(set(candidates))
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.55)
    return f'did you mean "{by_lower[near[0]]}"?' if near else ""


def first_line(error: BaseException) -> str:
    """An exception in one line, for a rejected row or a message."""
    text = str(error).strip().split("\n", 1)[0]
    if isinstance(error, ValidationError):  # its first line says how many mistakes there are, and not which
        first = error.errors(include_url=False, include_context=False)[0]
        text = ": ".join(part for part in (".".join(map(str, first["loc"])), first["msg"]) if part)
    return text if isinstance(error, RowFailed) else f"{type(error).__name__}: {text}"
