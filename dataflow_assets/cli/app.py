"""The commands put together. Each module imports what is heavy when its command runs, so that `--help` answers at once."""

from __future__ import annotations

import errno
import functools
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from dataflow_assets.cli import compile as compile_command
from dataflow_assets.cli import (
    datasets,
    diff,
    doctor,
    estimate,
    export,
    gc,
    lineage,
    models,
    new,
    operators,
    partitions,
    pipelines,
    plan,
    report,
    serve,
    sql,
    tables,
    trace,
    usage,
)
from dataflow_assets.cli import run as run_command
from dataflow_assets.cli.console import examples, explain, forget_output, open_missing_streams, say_all_characters, say_warnings
from dataflow_assets.cli.extension_commands import WithExtensions

DEBUG_VARIABLE = "DATAFLOW_DEBUG"
INTERRUPTED = 130

app = typer.Typer(
    name="dataflow",
    cls=WithExtensions,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "dataflow operators list --kind filter",
        "dataflow run web_text --input pages.jsonl --output kept.parquet",
        "dataflow sql 'select * from web_text.rate limit 10'",
    ),
)


@app.callback()
def settings(
    debug: Annotated[bool, typer.Option("--debug", envvar=DEBUG_VARIABLE, help="Show the traceback of an error.")] = False,
) -> None:
    """Prepare training data for language models: look up operators, check and run pipelines, follow a row."""
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"


app.add_typer(operators.app, name="operators")
app.add_typer(pipelines.app, name="pipelines")
app.command("compile", epilog=compile_command.EXAMPLES)(compile_command.compile_pipeline)
app.command("run", epilog=run_command.EXAMPLES)(run_command.run_pipeline)
app.command("partitions", epilog=partitions.EXAMPLES)(partitions.partitions)
app.command("report", epilog=report.EXAMPLES)(report.report)
app.command("sql", epilog=sql.EXAMPLES)(sql.sql)
app.command("tables", epilog=tables.EXAMPLES)(tables.tables)
app.command("trace", epilog=trace.EXAMPLES)(trace.trace)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("lineage", epilog=lineage.EXAMPLES)(lineage.lineage)
app.command("estimate", epilog=estimate.EXAMPLES)(estimate.estimate)
app.command("plan", epilog=plan.EXAMPLES)(plan.plan)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("usage", epilog=usage.EXAMPLES)(usage.usage)
app.command("gc", epilog=gc.EXAMPLES)(gc.collect)
app.add_typer(models.app, name="models")
app.add_typer(datasets.app, name="datasets")
app.add_typer(new.app, name="new")
app.add_typer(serve.app, name="serve")
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)


@functools.cache
def _command() -> Callable[..., object]:
    """All commands as typer reads them from the signatures of their functions: once a process, however many are run."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str] | None) -> int:
    """The exit status of one command: 0 done, 1 something is wrong and was said, 2 the command was not understood, 130 interrupted, 143 ended."""
    open_missing_streams()
    say_all_characters()
    with warnings.catch_warnings():
        say_warnings()
        status = _ended_in_order(arguments)
    try:
        sys.stdout.flush()  # here, and not at the end of Python, it can be said that the disk is full
    except BrokenPipeError:
        forget_output()
    except OSError as error:
        explain(f"standard output: cannot be written: {error.strerror}. What was written is not whole.")
        forget_output()
        return status or 1
    return status


def _ended_in_order(arguments: Sequence[str] | None) -> int:
    """SIGTERM and SIGHUP end a command as an interrupt from the keyboard does: what is half written is removed. A second one ends it at once."""
    received: list[int] = []

    def interrupt(number: int, _: object) -> None:
        received.append(number)
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    in_charge = threading.current_thread() is threading.main_thread()
    taken = [number for number in (signal.SIGTERM, signal.SIGHUP) if in_charge and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, interrupt)
    try:
        status = _run(arguments)
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
    return 128 + received[0] if received else status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        _command()(args=None if arguments is None else list(arguments))
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # seen by typer or rich before us
            return 0
        if isinstance(end.code, str):  # of what a pipeline's code or an operator calls
            explain(end.code)
        if end.code == INTERRUPTED:  # typer ends so, and says nothing
            explain("interrupted")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        explain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, say `head`, has seen enough
        forget_output()
        return 0
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            explain(f"standard output, or a temporary file, cannot be written: {error.strerror}. What was written is not whole.")
            forget_output()
        else:
            explain(error)
        return 1
    return 0
