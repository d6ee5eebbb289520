"""Running the calls of a conversation: the module that implements its functions, a database of its own, and all calls in their order.

Nothing is kept running between turns. Each time the module and the database are made anew, and the calls before are made again: what a later call
finds is what the earlier ones left, and calls that do not give the same again are noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from operators.bases.exact_json import parsed_json, written_json
from operators.sandboxes import Limits, Program, Verdict
from operators.tables.errors import RowFailed
from operators.tools.calls import Call

LONGEST_RESULT: Final = 4000
"""Characters of one result, as JSON."""

_PROGRAM: Final = """
import contextlib, io, json, sqlite3, sys, traceback

def place_of(error):
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "functions.py"]
    with open("functions.py", encoding="utf-8") as file:
        source = file.read().splitlines()
    return " in the line: " + source[lines[-1] - 1].strip()[:160] if lines else ""

def load():
    db = sqlite3.connect(":memory:")
    names = {"__name__": "functions", "db": db, "sqlite3": sqlite3, "json": json}
    with open("functions.py", encoding="utf-8") as file:
        source = file.read()
    exec(compile(source, "functions.py", "exec"), names)
    if isinstance(names.get("db"), sqlite3.Connection):
        db = names["db"]  # the module may have opened one of its own
    db.commit()
    return names, db

def plain(value):
    if isinstance(value, sqlite3.Row):
        return dict(value)
    raise TypeError("it returned " + type(value).__name__ + ", which is no plain value")

def call(names, db, name, arguments):
    function = names.get(name)
    if not callable(function):
        return {"missing": name}
    try:
        text = json.dumps(function(**arguments), default=plain, ensure_ascii=False)
        if len(text) > LONGEST:
            return {"fault": "ValueError", "error": "it returned " + str(len(text)) + " characters"}
        db.commit()
        return {"result": json.loads(text)}
    except RecursionError:
        return {"fault": "RecursionError", "error": "it calls itself without end"}
    except Exception as error:
        with contextlib.suppress(sqlite3.Error):
            db.rollback()
        return {"fault": type(error).__name__, "error": str(error)[:300], "place": place_of(error)}

with open("calls.json", encoding="utf-8") as file:
    calls = json.load(file)
printed = io.StringIO()
with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
    try:
        names, db = load()
    except Exception as error:
        outcome = {"not loaded": type(error).__name__ + ": " + str(error)[:300] + place_of(error)}
    else:
        outcome = {"calls": [call(names, db, one["name"], one["arguments"]) for one in calls]}
sys.__stdout__.write(json.dumps(outcome, ensure_ascii=False))
""".replace("LONGEST", str(LONGEST_RESULT))

_EXCUSED: Final = frozenset({"ValueError", "KeyError", "LookupError", "IndexError", "IntegrityError"})
"""Errors that arguments can be the reason of; others ("NameError", "OperationalError") are mistakes of the module."""
_NO_SUCH_COLUMN: Final = "tuple index out of range"
"""A row of a query is a tuple, and has its columns whatever the arguments are."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a call came to: a JSON value; or the error that it raised, with the name of its class, and the line of the module in words."""

    value: Any = None
    error: str = ""
    error_class: str = ""
    place: str = ""

    @property
    def text(self) -> str:
        """As the conversation has it."""
        return written_json({"error": self.error or self.error_class} if self.error_class else self.value)

    @property
    def is_excused(self) -> bool:
        """Whether it is an error that the arguments can be the reason of."""
        return self.error_class in _EXCUSED and self.error != _NO_SUCH_COLUMN

    @property
    def is_broken(self) -> bool:
        """Whether it is an error that is a mistake of the module."""
        return bool(self.error_class) and not self.is_excused


class NotLoaded(ValueError):
    """The module cannot be run at all; the message says why."""


def program_of(implementation: str, calls: Sequence[Call], limits: Limits) -> Program:
    """The program that makes the calls, and prints what each came to."""
    asked = written_json([{"name": call.name, "arguments": dict(call.arguments)} for call in calls]).encode()
    return Program(_PROGRAM, files={"functions.py": implementation, "calls.json": asked}, limits=limits)


def results_of(verdict: Verdict, calls: Sequence[Call]) -> list[Result]:
    """The results of the calls, in their order.

    Raises:
        NotLoaded: the module raised an error, lacks a function, or broke a limit.
        RowFailed: the sandbox did not run it.
    """
    if verdict.kind == "refused":
        raise RowFailed(f"refused: {verdict.reason}")
    if not verdict.passed:
        raise NotLoaded(f"{verdict.kind}: {verdict.reason}")
    try:
        outcome = parsed_json(verdict.stdout)
    except ValueError:
        raise NotLoaded("the module wrote over what its functions returned") from None
    if not isinstance(outcome, dict) or not isinstance(outcome.get("calls"), list) or len(outcome["calls"]) != len(calls):
        raise NotLoaded(str(outcome.get("not loaded", "it ended early")) if isinstance(outcome, dict) else "it printed no results")
    return [_result(one, call) for one, call in zip(outcome["calls"], calls, strict=True)]


def _result(told: Any, call: Call) -> Result:
    if not isinstance(told, dict) or "missing" in told:
        raise NotLoaded(f"it defines no {call.name}")
    if "fault" in told:
        return Result(error=str(told.get("error", "")), error_class=str(told["fault"]), place=str(told.get("place", "")))
    return Result(told.get("result"))
