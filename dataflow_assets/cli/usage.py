"""dataflow usage: what language models cost."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataflow_assets.cli.console import examples, fail, output, print_json, table

if TYPE_CHECKING:
    from resources.llm.usage_ledger import Spent

EXAMPLES = examples("dataflow usage", "dataflow usage --by day --since 2025-11-01", "dataflow usage --by model --json")


class Grouping(StrEnum):
    PIPELINE = "pipeline"
    STAGE = "stage"
    MODEL = "model"
    DAY = "day"


def usage(
    by: Annotated[Grouping, typer.Option(help="What to add up.")] = Grouping.STAGE,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only calls of this day (UTC) and later.")] = "",
    warehouse: Annotated[Path | None, typer.Option(help="Folder of the tables, instead of DATAFLOW_WAREHOUSE.")] = None,
    file: Annotated[Path | None, typer.Option(help="The file of answers, where cache_path or DATAFLOW_LLM_CACHE names another.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the calls of language models that were paid for: tokens and cost. Answers from the cache cost nothing and are not counted."""
    from resources.llm.opening import answers_file
    from resources.llm.usage_ledger import read

    chosen = file or answers_file(warehouse)
    try:
        spent = read(chosen, by.value, since)
    except FileNotFoundError:
        raise fail(f"no language model was asked yet: {chosen} is not there. --warehouse and --file name another place.") from None
    if json:
        print_json([{**row.group, **{name: value for name, value in asdict(row).items() if name != "group"}} for row in spent])
        return
    groups = list(spent[0].group) if spent else [by.value]
    columns = (*groups, "calls", "tokens in", "tokens out", "cost (USD)")
    rows = [(*(row.group[name] or "-" for name in groups), row.calls, row.prompt_tokens, row.completion_tokens, _cost(row)) for row in spent]
    output().print(table(columns, rows, right=columns[len(groups) :]))
    unpriced = sum(row.unpriced_calls for row in spent)
    known = sum(row.cost_usd or 0.0 for row in spent)
    more = f" and {unpriced:,} calls of unknown price (name it in a file that DATAFLOW_LLM_PRICES names)" if unpriced else ""
    output().print(
        f"${known:,.4f}{more}; {sum(row.calls for row in spent):,} paid calls in {chosen}. Prices are list prices.", style="dim", markup=False
    )


def _cost(row: Spent) -> str:
    if row.cost_usd is None:
        return "unknown"
    return f"{row.cost_usd:,.4f}" + (f" + {row.unpriced_calls:,} calls unknown" if row.unpriced_calls else "")
