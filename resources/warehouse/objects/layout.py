"""Which object is where, below the address of a warehouse.

    current/PIPELINE/STAGE/CURRENT                   which versions of a table count; replaced on condition of its ETag
    versions/PIPELINE/STAGE/whole/FOLDER/            one attempt at a version: Parquet files, and manifest.json, written last
    current/PIPELINE/STAGE/shards/SHARD/CURRENT      the same for each shard of a table that comes in shards
    versions/PIPELINE/STAGE/shards/SHARD/FOLDER/
    notes/PIPELINE/NAME.json                         such as which files were exported
    pins/PROCESS                                     what a process reads and writes (see session)
    probes/...                                       for moments, while a store is looked at

No list of objects says what counts: CURRENT names the versions, and their manifests the files.
"""

from __future__ import annotations

from urllib.parse import unquote

from resources.warehouse.names import checked_name, folder_of_shard

CURRENT, VERSIONS, NOTES, POINTER = "current", "versions", "notes", "CURRENT"
WHOLE, SHARDS = "whole", "shards"


def pointer_key(pipeline: str, stage: str, shard: str | None) -> str:
    inner = "" if shard is None else f"/{SHARDS}/{folder_of_shard(shard)}"
    return f"{CURRENT}/{pipeline}/{stage}{inner}/{POINTER}"


def versions_prefix(pipeline: str, stage: str, shard: str | None) -> str:
    inner = WHOLE if shard is None else f"{SHARDS}/{folder_of_shard(shard)}"
    return f"{VERSIONS}/{pipeline}/{stage}/{inner}"


def table_of_pointer(key: str) -> tuple[str, str, str | None] | None:
    """Pipeline, stage and shard; None for a key that is none of this project."""
    match key.split("/"):
        case [_, pipeline, stage, name] if name == POINTER:
            return _checked(pipeline, stage, None)
        case [_, pipeline, stage, shards, shard, name] if (shards, name) == (SHARDS, POINTER):
            return _checked(pipeline, stage, unquote(shard))
    return None


def table_of_object(key: str) -> tuple[str, str, str | None] | None:
    """The same for an object of a version."""
    match key.split("/"):
        case [_, pipeline, stage, whole, _, _] if whole == WHOLE:
            return _checked(pipeline, stage, None)
        case [_, pipeline, stage, shards, shard, _, _] if shards == SHARDS:
            return _checked(pipeline, stage, unquote(shard))
    return None


def _checked(pipeline: str, stage: str, shard: str | None) -> tuple[str, str, str | None] | None:
    try:
        return checked_name("pipeline", pipeline), checked_name("stage", stage), shard
    except ValueError:
        return None
