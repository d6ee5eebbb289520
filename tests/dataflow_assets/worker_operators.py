"""Operators that do to a worker process what tests need done. They stand in a module, so that a worker can import them.

In the process of the tests they are registered only while a test needs them (`known_here`): tests of every registered operator would run them too.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from operators.core.kinds import Evaluate, Filter, Generate
from operators.core.operator import registered
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed
from operators.tables.threads import usable_threads


class ProcessOf(Evaluate):
    """Say which process saw a row, and how many threads it may use."""

    input_text = Input(str)
    output_process = Output(int)
    output_threads = Output(int)

    def evaluate_batch(self, text: pa.Array) -> tuple[pa.Array, pa.Array]:
        count = len(text)
        return pa.array([os.getpid()] * count, pa.int64()), pa.array([usable_threads()] * count, pa.int64())


class KillsItsProcess(Filter):
    """Ends the process with SIGKILL at the text "kill", so often as the file `kills` has lines left."""

    input_text = Input(str)
    kills: str

    def keep_batch(self, text: pa.Array) -> pa.Array:
        if pc.any(pc.equal(text, "kill")).as_py():
            file = Path(self.kills)
            left = file.read_text().splitlines()
            if left:
                file.write_text("\n".join(left[1:]))
                os.kill(os.getpid(), signal.SIGKILL)
        return pc.not_equal(text, "")


class FailsTheStage(Filter):
    """Ends the stage at the text "fatal", and fails on the row "bad"."""

    input_text = Input(str)

    def keep(self, text: str) -> bool:
        if text == "fatal":
            raise StageFailed("the text is fatal")
        if text == "bad":
            raise ValueError("the text is bad")
        return True


class Sleeps(Filter):
    """Writes the number of its process into a file of the folder `seen`, and sleeps."""

    input_text = Input(str)
    seen: str
    seconds: float = 600

    def keep_batch(self, text: pa.Array) -> pa.Array:
        (Path(self.seen) / str(os.getpid())).touch()
        time.sleep(self.seconds)
        return pc.is_valid(text)


class KeepsOneOfMany(Filter):
    """Sleeps with each batch, and keeps the texts that end in two zeros."""

    input_text = Input(str)
    seconds: float = 0.3

    def keep_batch(self, text: pa.Array) -> pa.Array:
        time.sleep(self.seconds)
        return pc.ends_with(text, "00")


class Copies(Generate):
    """Two equal rows of each."""

    adds_rows = True
    input_text = Input(str)
    output_copy = Output(str)

    def generate(self, text: str) -> list[dict[str, str]]:
        return [{"copy": text}] * 2


OPERATORS = (ProcessOf, KillsItsProcess, FailsTheStage, Sleeps, KeepsOneOfMany, Copies)


@contextmanager
def known_here() -> Iterator[None]:
    """Registered inside; not before and after."""
    registered.update({cls.__name__: cls for cls in OPERATORS})
    try:
        yield
    finally:
        for cls in OPERATORS:
            registered.pop(cls.__name__, None)
