"""dataflow export: a table as a data set that trainers read."""

from __future__ import annotations

from typing import Annotated

import typer

from dataflow_assets.cli.console import WAREHOUSE_HELP, examples, output, print_json

EXAMPLES = examples(
    "dataflow export sft_filter.top --format alpaca -o exports/alpaca",
    "dataflow export sft_filter.top -f llama_factory -o exports/lf --split train=0.9 --split test=0.1 --column output=best_output",
    "dataflow export text2sql_refine.kept -f spider -o exports/spider --databases data/spider/database --split train=0.9 --split dev=0.1",
    "dataflow export web_text.worthwhile -f hugging_face -o exports/web_text --row-id",
    "dataflow export web_text.worthwhile -f delta -o exports/lake/web_text",
)


def export(
    table: Annotated[str, typer.Argument(metavar="PIPELINE.STAGE", help="The table to write.")],
    format_: Annotated[
        str, typer.Option("--format", "-f", help="alpaca, sharegpt, openai, hermes, llama_factory, hugging_face, delta, iceberg, ...")
    ],
    output_: Annotated[str, typer.Option("--output", "-o", help="The folder of the data set; of delta also an address such as s3://lake/pages.")],
    split: Annotated[list[str], typer.Option("--split", metavar="NAME=SHARE", help="Splits; all rows are in `train` without.")] = [],  # noqa: B006
    column: Annotated[
        list[str], typer.Option("--column", metavar="PART=COLUMN", help="Where instruction, input, output, system, messages, query, ... is.")
    ] = [],  # noqa: B006
    catalog: Annotated[str, typer.Option(help="With iceberg: a catalog that PyIceberg is configured for; --output is the table's name there.")] = "",
    databases: Annotated[str, typer.Option(help="With spider and bird: where the databases are, instead of DATAFLOW_DATABASES.")] = "",
    row_id: Annotated[bool, typer.Option("--row-id", help="Put the row_id into each sample.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another split.")] = 0,
    license_: Annotated[str, typer.Option("--license", help="For the card, such as apache-2.0.")] = "",
    warehouse: Annotated[str | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Write a table as a data set for trainers or, of questions and SQL, as Spider or BIRD, with a card and splits that do not leak."""
    from dataflow_assets.cli.stored_stages import open_warehouse
    from dataflow_assets.running.formats import dataset_settings
    from dataflow_assets.showing.datasets import export_dataset

    pipeline, _, stage = table.partition(".")
    if not stage:
        raise typer.BadParameter(f'a table is named PIPELINE.STAGE, such as sft_filter.top; "{table}" has no stage')
    shares = {name: _share(share) for name, share in _pairs("--split", split).items()}
    settings = dataset_settings(
        {
            "format": format_,
            "path": output_,
            **({"splits": shares} if shares else {}),
            "columns": _pairs("--column", column),
            "catalog": catalog,
            "databases": databases,
            "row_id": row_id,
            "seed": seed,
            "license": license_,
        }
    )
    written = export_dataset(open_warehouse(warehouse), pipeline, stage, settings)
    if json:
        print_json({"path": output_, "rows": dict(written.rows), "left_out": written.left_out, "files": list(written.files)})
        return
    for name, rows in written.rows.items():
        output().print(f"{rows:,} rows in {output_} ({name})", markup=False)
    if written.left_out:
        output().print(f"{written.left_out:,} rows left out: a part of the sample is empty, or holds no messages", markup=False)


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f'{option} takes NAME=VALUE, not "{pair}"')
        if name in pairs:
            raise typer.BadParameter(f"{option} gives {name} twice: {pairs[name]} and {value}")
        pairs[name] = value
    return pairs


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f'--split: "{text}" is not a share such as 0.9') from None
