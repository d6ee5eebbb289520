"""Questions to a folder as Spider or BIRD is unpacked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from dataflow_assets.running.formats.settings import DatasetSettings
from dataflow_assets.running.formats.text_to_sql.database_files import check_sqlite, copy_database, link_database, write_descriptions
from dataflow_assets.running.formats.text_to_sql.questions import Question, question_columns, questions
from dataflow_assets.running.formats.text_to_sql.tables_json import tables_entry
from dataflow_assets.running.formats.text_to_sql.tokens import query_words, query_words_without_values, question_words
from dataflow_assets.running.formats.written import Written
from operators.databases.schema import Schema
from operators.tables.errors import ParameterError, Problem
from operators.tables.storage import Storage
from resources.databases import DatabaseSettings, open_databases
from resources.databases.target import Target

_BIRD: Final = ("question_id", "db_id", "question", "evidence", "SQL", "difficulty")
_SPIDER: Final = ("db_id", "query", "query_toks", "query_toks_no_value", "question", "question_toks")


def write_questions(table: Storage, settings: DatasetSettings, chosen: Sequence[str], folder: Path) -> Written:
    """The files of each split, and the databases that its questions are about. A question about a database that is not there is left out.

    Raises:
        ParameterError: the databases cannot be found, or are not SQLite.
    """
    try:
        targets = DatabaseSettings.at(settings.databases).targets()
    except ValueError as error:
        raise ParameterError([Problem(f"export: {error}")]) from None
    of_split: dict[str, list[Question]] = {split: [] for split in settings.splits}
    left_out = 0
    for split, question in zip(chosen, questions(table, question_columns(table.schema, settings)), strict=True):
        if question is None or question.db_id not in targets:
            left_out += 1
        else:
            of_split[split].append(question)
    asked = sorted({question.db_id for found in of_split.values() for question in found})
    if left_out and not asked:
        known = (("databases", ", ".join(targets) or "none"),)
        raise ParameterError([Problem("export: no row is a question about one of the databases", details=known, suggestion="set databases: PLACE")])
    check_sqlite([targets[name] for name in asked], settings.format)
    schemas = _schemas({name: targets[name] for name in asked})
    write = _spider if settings.format == "spider" else _bird
    files = write(of_split, {name: targets[name] for name in asked}, schemas, folder)
    names = _SPIDER if settings.format == "spider" else _BIRD
    types = {"question_id": pa.int64(), **{name: pa.list_(pa.string()) for name in names if "toks" in name}}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
    return Written({split: len(found) for split, found in of_split.items()}, left_out, [str(file.relative_to(folder)) for file in files], schema)


def _schemas(targets: Mapping[str, Target]) -> dict[str, Schema]:
    if not targets:
        return {}
    files = DatabaseSettings(urls={name: target.path for name, target in targets.items()})
    with open_databases(files) as databases:
        return {name: databases.schema(name) for name in targets}


def _spider(found: Mapping[str, Sequence[Question]], targets: Mapping[str, Target], schemas: Mapping[str, Schema], folder: Path) -> list[Path]:
    """SPLIT.json, SPLIT_gold.sql, tables.json and database/NAME/NAME.sqlite."""
    files = []
    for split, asked in found.items():
        rows = [
            {
                "db_id": one.db_id,
                "query": one.query,
                "query_toks": query_words(one.query),
                "query_toks_no_value": query_words_without_values(one.query),
                "question": one.question,
                "question_toks": question_words(one.question),
            }
            for one in asked
        ]
        files += [_json(folder / f"{split}.json", rows), _gold(folder / f"{split}_gold.sql", asked)]
    files.append(_json(folder / "tables.json", [tables_entry(schemas[name]) for name in targets]))
    return [*files, *(copy_database(target, folder / "database") for target in targets.values())]


def _bird(found: Mapping[str, Sequence[Question]], targets: Mapping[str, Target], schemas: Mapping[str, Schema], folder: Path) -> list[Path]:
    """SPLIT.json, SPLIT_gold.sql, SPLIT_tables.json and SPLIT_databases/NAME/NAME.sqlite with what its columns mean."""
    files = []
    copies: dict[str, Path] = {}
    for split, asked in found.items():
        told = [(number, one.db_id, one.question, one.evidence, one.query, one.difficulty) for number, one in enumerate(asked)]
        rows = [dict(zip(_BIRD, values, strict=True)) for values in told]
        names = sorted({one.db_id for one in asked})
        files += [_json(folder / f"{split}.json", rows), _gold(folder / f"{split}_gold.sql", asked)]
        files.append(_json(folder / f"{split}_tables.json", [tables_entry(schemas[name]) for name in names]))
        for name in names:
            place = folder / f"{split}_databases"
            made = link_database(copies[name], place) if name in copies else copy_database(targets[name], place)
            copies.setdefault(name, made)
            files += [made, *write_descriptions(schemas[name], made.parent)]
    return files


def _json(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _gold(path: Path, asked: Sequence[Question]) -> Path:
    """A line for each question, in order: the query, a tab, the database, as the official evaluations read it."""
    path.write_text("".join(f"{one.query}\t{one.db_id}\n" for one in asked), encoding="utf-8")
    return path
