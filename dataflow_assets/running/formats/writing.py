"""A table to a data set: the splits are drawn, each is written in its layout, and the folder takes its place when it is complete."""

from __future__ import annotations

import errno
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataflow_assets.running.formats import layouts
from dataflow_assets.running.formats.images import PLACEHOLDER, DataUrls, PictureFiles, with_images
from dataflow_assets.running.formats.lakes import OF_LAKES, write_lake_table
from dataflow_assets.running.formats.samples import PREFERENCE, Sample, columns_of, samples
from dataflow_assets.running.formats.settings import DatasetSettings
from dataflow_assets.running.formats.splits import split_of_rows
from dataflow_assets.running.formats.written import Written
from operators.tables.errors import ParameterError, Problem
from operators.tables.files.errors import access_error, explained
from operators.tables.storage import Storage
from operators.tables.types import PARENT_IDS, ROW_ID

FORMATS = {
    "alpaca": "instruction, input and output, or chosen and rejected: SPLIT.json",
    "sharegpt": "conversations of human and gpt: SPLIT.json",
    "openai": "messages for fine-tuning at OpenAI, with tools where functions are called, or preferences: SPLIT.jsonl",
    "hermes": "conversations with functions and their calls as text between tags, as Hermes and Qwen have them: SPLIT.json",
    "llama_factory": "SPLIT.json and dataset_info.json, with pictures as files beside them",
    "hugging_face": "Parquet shards and a card: datasets.load_dataset, TRL",
    "webdataset": "tar shards: SPLIT-000000.tar",
    "delta": "a Delta Lake table: Spark, DuckDB, polars, Databricks",
    "iceberg": "an Apache Iceberg table: Spark, Trino, DuckDB, Snowflake",
    "spider": "questions with queries, tables.json and the databases: SPLIT.json",
    "bird": "questions with evidence, queries, difficulty and the databases: SPLIT.json",
}
OF_TABLES = ("hugging_face", "webdataset", *OF_LAKES)
"""Formats that take any columns; the others are made of samples."""
OF_QUESTIONS = ("spider", "bird")
"""Formats of questions about databases."""
WITH_PICTURES = ("llama_factory", "sharegpt", "alpaca", "openai", "hugging_face", "webdataset")
"""Formats that have a place for pictures."""
OF_PREFERENCES = ("llama_factory", "sharegpt", "alpaca", "openai", "hugging_face")
"""Formats that have a place for a better answer beside a worse one."""
MARKER = ".dataflow-export"
"""A file in a folder that an export wrote, and may replace."""


def check_dataset(schema: pa.Schema, settings: DatasetSettings) -> None:
    """Raises ParameterError for a table from which the format cannot be made."""
    if settings.format in OF_QUESTIONS:
        from dataflow_assets.running.formats.text_to_sql import question_columns

        question_columns(schema, settings)
    elif settings.format not in OF_TABLES:
        columns = columns_of(schema, settings)
        if settings.format == "hermes" and "chosen" in columns:
            raise ParameterError(
                [Problem("export: hermes has no place for preferences", suggestion=f"formats that have: {', '.join(OF_PREFERENCES)}")]
            )
        if settings.format == "hermes" and "images" in columns:
            raise ParameterError([Problem("export: hermes has no place for pictures", suggestion=f"formats that have: {', '.join(WITH_PICTURES)}")])


def write_dataset(table: Storage, settings: DatasetSettings, name: str, card: Callable[[Written], Mapping[str, str]]) -> Written:
    """Write all rows as a data set called `name`, after the pipeline. `card` gives files to lie beside the data, file name -> text.

    Raises:
        ParameterError: the table cannot be made into the format, no row of it makes a sample, or the folder holds what no export wrote.
    """
    check_dataset(table.schema, settings)
    if settings.format in OF_LAKES:
        return write_lake_table(table, settings, name, split_of_rows(table, settings.splits, settings.similarity, settings.seed), card)
    folder = Path(settings.path)
    if folder.exists() and not folder.is_dir():
        raise ParameterError([Problem(f"export: {folder} is a file; a data set is a folder")])
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise ParameterError([Problem(f"export: {folder} holds files that no export wrote", suggestion="name an empty folder, or a new one")])
    unfinished = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    with explained(folder, "written"):
        unfinished.mkdir(parents=True)
    try:
        return _written(table, settings, name, card, unfinished)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise access_error(folder, "written", error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _written(table: Storage, settings: DatasetSettings, name: str, card: Callable[[Written], Mapping[str, str]], unfinished: Path) -> Written:
    """Of the formats that are folders of files: all of it in a folder beside the final one, which then takes its place."""
    chosen = split_of_rows(table, settings.splits, settings.similarity, settings.seed)
    if settings.format in OF_TABLES:
        written = _write_tables(table, settings, chosen, unfinished)
    elif settings.format in OF_QUESTIONS:
        from dataflow_assets.running.formats.text_to_sql import write_questions

        written = write_questions(table, settings, chosen, unfinished)
    else:
        written = _write_samples(table, settings, chosen, unfinished, name)
    for file, text in card(written).items():
        (unfinished / file).write_text(text, encoding="utf-8")
    (unfinished / MARKER).write_text("", encoding="utf-8")
    _replace(unfinished, Path(settings.path))
    return written


def _write_tables(table: Storage, settings: DatasetSettings, chosen: Sequence[str], folder: Path) -> Written:
    names = [name for name in table.schema.names if settings.row_id or name not in (ROW_ID, PARENT_IDS)]
    rows = table.read(names)
    splits = np.array(chosen, dtype=object)
    files, counts = [], {}
    for split in settings.splits:
        part = rows.filter(pa.array(splits == split, pa.bool_()))
        counts[split] = part.num_rows
        if settings.format == "hugging_face":
            part = with_images(part)
            files += layouts.parquet_shards(part, folder, split, settings.shard_rows)
        else:
            files += layouts.tar_shards(part, folder, split, settings.shard_rows, settings.row_id)
    schema = with_images(rows).schema if settings.format == "hugging_face" else rows.schema
    return Written(counts, 0, [str(file.relative_to(folder)) for file in files], schema)


def _write_samples(table: Storage, settings: DatasetSettings, chosen: Sequence[str], folder: Path, name: str) -> Written:
    of_split: dict[str, list[Sample]] = {split: [] for split in settings.splits}
    left_out = 0
    pictures = DataUrls() if settings.format == "openai" else PictureFiles(folder)
    for split, sample in zip(chosen, samples(table, columns_of(table.schema, settings), pictures), strict=True):
        if sample is None or _has_no_place(sample, settings):
            left_out += 1
        else:
            of_split[split].append(sample)
    everything = [sample for found in of_split.values() for sample in found]
    if left_out and not everything:
        taken = ", ".join(f"{part}: {column}" for part, column in columns_of(table.schema, settings).items())
        said = f"export: none of the {left_out:,} rows makes a sample: a part of each is empty, holds no messages, or has no place there"
        raise ParameterError([Problem(said, details=(("columns", taken),), suggestion="say which column is what: columns: {output: answer}")])
    plain = all(sample.is_single and not sample.images for sample in everything)
    as_alpaca = settings.format == "alpaca" or (settings.format == "llama_factory" and plain)
    files = {}
    for split, found in of_split.items():
        if settings.format == "openai":
            rows, files[split] = layouts.openai(found, settings.row_id), f"{split}.jsonl"
            (folder / files[split]).write_text("".join(_lines(rows)), encoding="utf-8")
        else:
            layout = layouts.alpaca if as_alpaca else layouts.hermes if settings.format == "hermes" else layouts.sharegpt
            rows, files[split] = layout(found, settings.row_id), f"{split}.json"
            if settings.format == "llama_factory":
                nothing: dict[str, Any] = {name: [] if name == "images" else "" for name in layouts.named_columns(everything)}
                rows = [nothing | row for row in rows]
            (folder / files[split]).write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    more = [PictureFiles.FOLDER] if isinstance(pictures, PictureFiles) and pictures.names else []
    if settings.format == "llama_factory":
        more.append("dataset_info.json")
        (folder / more[-1]).write_text(json.dumps(layouts.dataset_info(name, files, everything), indent=2), encoding="utf-8")
    counts = {split: len(found) for split, found in of_split.items()}
    return Written(counts, left_out, [*files.values(), *more], _schema(settings, as_alpaca, any(sample.rejected for sample in everything)))


def _has_no_place(sample: Sample, settings: DatasetSettings) -> bool:
    """Alpaca has no place for calls, and none for two turns of one side. OpenAI has none for pictures of the assistant, and the others have none for
    a system message between turns. LLaMA-Factory reads no conversation whose sides do not take turns."""
    if settings.format == "openai":
        return bool(sample.images) and any(PLACEHOLDER in text for role, text in sample.messages if role != "user")
    if any(turn.role == "system" for turn in sample.conversation[1:]):
        return True
    return not sample.alternates and (settings.format == "alpaca" or (settings.format == "llama_factory" and not sample.calls))


def _schema(settings: DatasetSettings, as_alpaca: bool, of_preferences: bool) -> pa.Schema:
    message, turn = (pa.struct([(name, pa.string()) for name in names]) for names in (("role", "content"), ("from", "value")))
    if settings.format == "openai" and of_preferences:
        asked = pa.struct([("messages", pa.list_(message))])
        return pa.schema([("input", asked), ("preferred_output", pa.list_(message)), ("non_preferred_output", pa.list_(message))])
    if settings.format == "openai":
        return pa.schema([("messages", pa.list_(message))])
    if as_alpaca:
        return pa.schema([(part, pa.string()) for part in ("instruction", "input", *(PREFERENCE if of_preferences else ("output",)))])
    return pa.schema([("conversations", pa.list_(turn)), *((part, turn) for part in PREFERENCE if of_preferences)])


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _replace(complete: Path, folder: Path) -> None:
    """Readers of the old folder find it whole until the moment in which the new one is there."""
    if not folder.exists():
        complete.rename(folder)
        return
    old = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    folder.rename(old)
    complete.rename(folder)
    shutil.rmtree(old)
