"""What is run: a program, its tests and its limits, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["python", "javascript", "bash", "c", "cpp", "go", "java", "rust"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program and its tests may use together. What goes over ends with the verdict of that limit."""

    seconds: float = 10.0
    """Wall time of the program with all its tests, compiling included."""
    memory_mb: int = 512
    """Memory of all its processes."""
    processes: int = 32
    """Processes and threads at once. One more cannot be started: the program sees an error."""
    disk_mb: int = 64
    """What can be written to files, all in memory and gone afterwards."""
    output_kb: int = 256
    """Standard output and standard error together."""


@dataclass(frozen=True, slots=True)
class Test:
    """Code that passes when it raises nothing.

    In Python it is run in another process than the program, and calls it from there: what the program returns arrives as plain data, so that no
    object of the program's own can pretend to be equal to what is expected. In the other languages it is put after the program's code.
    """

    code: str
    name: str = ""

    __test__ = False  # pytest takes classes of this name for its own


@dataclass(frozen=True, slots=True)
class Exchange:
    """One run of the program, which passes when it ends with status 0 and prints what is expected. White space at line ends is not compared."""

    stdin: str
    expected: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests in their order. Several programs can be given the same suite."""

    tests: tuple[Test | Exchange, ...] = ()
    setup: str = ""
    """Code that is run once before the tests, on their side: imports, constants, functions that they share."""
    stop_at_first_failure: bool = False
    """Leave the other tests out once one has failed: enough where it only counts whether a program passes."""


@dataclass(frozen=True, slots=True)
class Program:
    """Source code to be run. Without tests it passes when it ends with status 0."""

    code: str
    language: Language = "python"
    suite: Suite = Suite()
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Relative path -> content, in its working folder when it starts."""
    stdin: str = ""
    """For a program without exchanges, which bring their own."""
    arguments: tuple[str, ...] = ()
    limits: Limits = Limits()
