"""dataflow usage: what language and embedding models cost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, fail, output, print_json, table

if TYPE_CHECKING:
    from resources.llm.accounting.usage_ledger import Spent

EXAMPLES = examples("dataflow usage", "dataflow usage --by day --since 2025-11-01", "dataflow usage --by model --json")


class Grouping(StrEnum):
    PIPELINE = "pipeline"
    STAGE = "stage"
    MODEL = "model"
    DAY = "day"


def usage(
    by: Annotated[Grouping, typer.Option(help="What to add up.")] = Grouping.STAGE,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only calls of this day (UTC) and later.")] = "",
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    file: Annotated[Path | None, typer.Option(help="The file of answers, where cache_path or DATAFLOW_LLM_CACHE names another.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the calls of language and embedding models: tokens, texts, time and cost. What a cache answers costs nothing and is not counted."""
    from resources.llm.accounting.usage_ledger import read
    from resources.llm.answers.paths import CACHE_VARIABLE, answers_file

    chosen = file or answers_file(warehouse)
    try:
        spent = read(chosen, by.value, _day(since))
    except FileNotFoundError:
        elsewhere = os.environ.get(CACHE_VARIABLE, "") if warehouse is not None and file is None else ""
        remedy = (
            f"{CACHE_VARIABLE} names {elsewhere}, which is read without --warehouse." if elsewhere else "--warehouse and --file name another place."
        )
        raise fail(f"no language model was asked yet: {chosen} is not there. {remedy}") from None
    except sqlite3.OperationalError as error:
        raise fail(f"{chosen} cannot be read: {error}.") from None
    except sqlite3.DatabaseError as error:
        raise fail(f"{chosen} does not hold the answers of language models: {error}.") from None
    if json:
        print_json([{**row.group, **{name: value for name, value in asdict(row).items() if name != "group"}} for row in spent])
        return
    groups = list(spent[0].group) if spent else [by.value]
    columns = (*groups, "calls", "texts", "tokens in", "tokens out", "seconds", "cost (USD)")
    rows = [
        (
            *(row.group[name] or "-" for name in groups),
            row.calls,
            row.texts or None,
            row.prompt_tokens,
            row.completion_tokens,
            row.seconds,
            _cost(row),
        )
        for row in spent
    ]
    output().print(table(columns, rows, right=columns[len(groups) :]))
    output().print(_total(spent, chosen), style="dim", markup=False)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise typer.BadParameter(f'--since takes a day such as 2025-11-01, not "{text}"') from None


def _total(spent: Sequence[Spent], file: Path) -> str:
    calls, unpriced = sum(row.calls for row in spent), sum(row.unpriced_calls for row in spent)
    cost = "cost unknown" if calls and unpriced == calls else f"${sum(row.cost_usd or 0.0 for row in spent):,.4f} at list prices"
    more = f"; {unpriced:,} calls of unknown price (name it in a file that DATAFLOW_LLM_PRICES names)" if unpriced else ""
    return f"{calls:,} paid calls, {cost}{more}. From {file}."


def _cost(row: Spent) -> str:
    if row.cost_usd is None:
        return "unknown"
    return f"{row.cost_usd:,.4f}" + (f" + {row.unpriced_calls:,} calls unknown" if row.unpriced_calls else "")
