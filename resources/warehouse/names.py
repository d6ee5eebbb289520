"""Names of tables, folders of shards, and ids of versions."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Sequence
from urllib.parse import quote

from operators.tables.table_names import ALLOWED, names_a_table

VERSION = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}")
_TIME = "%Y%m%d-%H%M%S-%f"
_TIME_LENGTH = len("20261122-203500-000000")
_LONGEST_NAME = 240


def folder_of_shard(shard: str) -> str:
    """Names of shards are names of files, with folders perhaps: anything; percent-encoded they name one folder."""
    folder = quote(shard, safe=" ")
    folder = folder.replace(".", "%2E", 1) if folder.startswith(".") else folder
    if not folder or len(folder) > _LONGEST_NAME:
        raise ValueError(
            f"{shard!r} cannot name a shard: it has to be 1 to {_LONGEST_NAME} characters long, where others than letters count threefold."
        )
    return folder


def new_version(existing: Sequence[str]) -> str:
    """An id that sorts behind all existing ones."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    if existing:  # also where the clock was set back
        latest = datetime.datetime.strptime(existing[-1][:_TIME_LENGTH], _TIME)
        now = max(now, latest + datetime.timedelta(microseconds=1))
    return f"{now.strftime(_TIME)}-{secrets.token_hex(4)}"


def checked_name(what: str, given: str) -> str:
    """Raises ValueError for what cannot name a table."""
    if not names_a_table(given):
        raise ValueError(f"{what} {given!r} cannot name a table: {ALLOWED}.")
    return given
