"""How the command speaks: tables and JSON on standard output, errors and progress on standard error."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH_OF_A_FILE = 200
"""Columns of a table that goes to a file or a pipe: nothing has to be cut there for lack of a window."""

WAREHOUSE_HELP = "Folder or address (s3://bucket/prefix) of the tables, instead of DATAFLOW_WAREHOUSE."
"""Of the option --warehouse."""


LACKING = "dataflow.lacking"
"""What becomes of characters that the encoding of a terminal lacks."""


def say_warnings() -> None:
    """Warnings in a sentence, without the line of code that Python shows of them."""

    def said(message: Warning | str, category: type[Warning], filename: str, lineno: int, file: object = None, line: str | None = None) -> None:
        messages().print(Text("warning ", style="yellow") + Text(str(message)), soft_wrap=True)

    warnings.showwarning = said


def open_missing_streams() -> None:
    """Who starts a command without a standard stream (`>&-`) wants nothing said there. No file may get its number, in child processes neither."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 as long as the process
            if stream.fileno() == number:
                os.set_inheritable(number, True)
            setattr(sys, name, stream)


def forget_output() -> None:
    """What is still to be written to standard output goes nowhere: nobody reads it, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_all_characters() -> None:
    """A terminal that is not UTF-8 shows the number of a character that it lacks: no command ends because of an arrow."""
    codecs.register_error(LACKING, _lacking)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=LACKING)


def _lacking(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes of a file's name that were no text stay what they are."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def for_programs() -> IO[str]:
    """Standard output in UTF-8, whatever the terminal is: JSON and CSV are data."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def output() -> Console:
    return _console(sys.stdout)


def messages() -> Console:
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    known = os.environ["COLUMNS"] != "0" if "COLUMNS" in os.environ else stream.isatty()  # a width of 0 would show nothing
    return Console(file=stream, width=None if known else WIDTH_OF_A_FILE, highlight=False, soft_wrap=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """A table for `output().print`; `right` names the columns of numbers. Cells are shown as they are, never read as markup.

    Where the terminal is narrow, columns of numbers and those named in `whole` stay in one line; the others give way.
    """
    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        stays = name in right or name in whole
        made.add_column(name, justify="right" if name in right else "left", overflow="ellipsis" if stays else "fold", no_wrap=stays)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row))
    return made


def shown(value: Any) -> str:
    """A value in a cell: counts with separators, what is missing as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return str(value)


def print_json(value: Any) -> None:
    """One JSON document, as UTF-8 text that keeps every character readable."""
    import orjson

    for_programs().write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")


def explain(error: BaseException | str) -> None:
    """Say on standard error what is wrong. What this project raises says it in full; of anything else the type and the traceback help too."""
    from pydantic import ValidationError

    text = str(error)
    if isinstance(error, ValidationError):  # its own text begins with the name of a class, and ends with an address of pydantic's
        found = error.errors(include_input=False, include_url=False, include_context=False)
        text = "; ".join(": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")))) for one in found)
    elif isinstance(error, BaseException) and not _said_by_us(error):
        text = f"{type(error).__name__}: {text}\nRun again with {program()} --debug for the traceback."
    messages().print(Text("error ", style="bold red") + Text(text), soft_wrap=True)


def _said_by_us(error: BaseException) -> bool:
    """Whether a line of this project raised it."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    module = "" if traceback is None else str(traceback.tb_frame.f_globals.get("__name__", ""))
    return module.split(".")[0] in ("operators", "resources", "dataflow_assets", "sensors")


def program() -> str:
    """What to type for this command: `dataflow`, or its path where it is not on PATH."""
    called = Path(sys.argv[0])
    if called.name != "dataflow":
        return "dataflow"
    found = shutil.which("dataflow")
    if found and Path(found).resolve() == called.resolve():
        return "dataflow"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def paragraphs(text: str) -> str:
    """A description, each paragraph in one line, so that the terminal's width decides where it is broken; indented lines stay as they are."""
    return "\n\n".join(part if part.startswith(" ") else " ".join(part.split()) for part in text.split("\n\n"))


def examples(*commands: str) -> str:
    """The end of a command's help: one example a line."""
    return "\n\n".join(("[bold]Examples[/bold]", *(f"  [dim]$[/dim] {command.replace('[', chr(92) + '[')}" for command in commands)))


def fail(text: str) -> typer.Exit:
    """Say what is wrong and end with status 1: `raise fail("...")`."""
    explain(text)
    return typer.Exit(1)
