"""A card for a data set: README.md with the header that Hugging Face reads, and croissant.json, the metadata of MLCommons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml

from dataflow_assets.running.formats import DatasetSettings, Written
from dataflow_assets.running.stored_pipeline import StoredTable
from dataflow_assets.showing.markdown import cell, table
from dataflow_assets.showing.page.page import cautions
from operators.tables.types import PARENT_IDS, ROW_ID, type_name

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))
CROISSANT_TYPES = {"integer": "sc:Integer", "number": "sc:Float", "truth value": "sc:Boolean"}
CONTEXT: Mapping[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip


def size_of(rows: int) -> str:
    """As Hugging Face says it: "1K<n<10K"."""
    return next((name for limit, name in SIZES if rows < limit), "n>10M")


def header(name: str, settings: DatasetSettings | None, written: Written) -> str:
    """The YAML between the dashes."""
    said: dict[str, Any] = {"pretty_name": name, "size_categories": [size_of(sum(written.rows.values()))], "tags": ["dataflow"]}
    if settings is not None and settings.license:
        said = {"license": settings.license, **said}
    if settings is not None:
        files = {split: _pattern(settings.format, split) for split in written.rows}
        said["configs"] = [{"config_name": "default", "data_files": [{"split": split, "path": path} for split, path in files.items()]}]
    return f"---\n{yaml.safe_dump(said, sort_keys=False, allow_unicode=True)}---\n"


def card(name: str, description: str, tables: Sequence[StoredTable], settings: DatasetSettings | None, written: Written) -> str:
    """What is in the data set, how each stage made it, what has to be known of it."""
    splits = table(["split", "rows"], [[split, f"{rows:,}"] for split, rows in written.rows.items()], right=["rows"])
    columns = table(["column", "type"], [[cell(field.name), type_name(field.type)] for field in written.schema])
    stages = [_stage_row(one) for one in tables]
    how = table(["stage", "operator", "rows in", "rows out", "most dropped by"], stages, right=["rows in", "rows out"])
    parts = [
        header(name, settings, written),
        f"# {name}",
        " ".join(description.split("\n\n")[0].split()),
        *(f"> **Caution.** {cell(line, 600)}" for line in cautions(tables)),
        "## Rows",
        splits,
        *([f"{written.left_out:,} rows are left out: a part of a sample is empty in them."] if written.left_out else []),
        "Rows made from one parent, and texts that are nearly the same, are in one split." if len(written.rows) > 1 else "",
        "## Columns",
        columns,
        "## How it was made",
        how,
        "## Versions",
        table(["stage", "code and parameters", "content"], [_version_row(one) for one in tables]),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def croissant(name: str, description: str, settings: DatasetSettings | None, written: Written) -> str:
    """JSON-LD of Croissant 1.0: the files, and the columns of a record."""
    encoding, extract = _encoding(settings.format if settings is not None else "hugging_face")
    patterns = {split: _pattern(settings.format, split) for split in written.rows} if settings is not None else {}
    file_sets = [
        {"@type": "cr:FileObject", "@id": "folder", "name": "folder", "contentUrl": ".", "encodingFormat": "git+https", "sha256": "none"},
        *(
            {"@type": "cr:FileSet", "@id": split, "name": split, "containedIn": {"@id": "folder"}, "encodingFormat": encoding, "includes": pattern}
            for split, pattern in patterns.items()
        ),
    ]
    records = [
        {
            "@type": "cr:RecordSet",
            "@id": f"records_{split}",
            "name": f"records_{split}",
            "description": f"{written.rows[split]} rows",
            "field": [_field(split, field, extract) for field in written.schema if field.name not in (ROW_ID, PARENT_IDS)],
        }
        for split in patterns
    ]
    said = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": " ".join(description.split("\n\n")[0].split()) or name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **({"license": settings.license} if settings is not None and settings.license else {}),
        "distribution": file_sets,
        "recordSet": records,
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _field(split: str, field: pa.Field, extract: str) -> dict[str, Any]:
    is_list = pa.types.is_list(field.type) or pa.types.is_large_list(field.type)
    kind = type_name(field.type.value_type if is_list else field.type)
    source = {"fileSet": {"@id": split}, "extract": {extract: field.name if extract == "column" else f"$.{field.name}"}}
    repeated = {"repeated": True} if is_list else {}
    identifier = f"records_{split}/{field.name}"
    return {
        "@type": "cr:Field",
        "@id": identifier,
        "name": field.name,
        "dataType": CROISSANT_TYPES.get(kind, "sc:Text"),
        "source": source,
        **repeated,
    }


def _encoding(layout: str) -> tuple[str, str]:
    if layout in ("hugging_face", "delta", "iceberg"):
        return "application/x-parquet", "column"
    return ("application/x-tar", "jsonPath") if layout == "webdataset" else ("application/json", "jsonPath")


def _pattern(layout: str, split: str) -> str:
    if layout == "hugging_face":
        return f"data/{split}-*.parquet"
    if layout in ("delta", "iceberg"):
        return "**/*.parquet"
    if layout == "webdataset":
        return f"{split}-*.tar"
    return f"{split}.jsonl" if layout == "openai" else f"{split}.json"


def _version_row(one: StoredTable) -> list[str]:
    return [one.name, str(one.facts.get("fingerprint") or "–"), str(one.facts["content_hash"])]


def _stage_row(one: StoredTable) -> list[str]:
    facts = one.facts
    most = next(iter((facts.get("rejected_by") or {}).items()), None)
    dropped = f"{cell(most[0])} ({most[1]:,})" if most else ""
    return [one.name, cell(one.operator), f"{facts.get('rows_in') or 0:,}", f"{facts['rows']:,}", dropped]
