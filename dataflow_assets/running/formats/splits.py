"""Which row is in which split: rows made from one parent, and texts that are nearly the same, are never in two."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from operators.engine.rows_reader import RowsReader
from operators.kernels.minhash import connected_components
from operators.tables.storage import MemoryStorage, Storage
from operators.tables.types import PARENT_IDS, ROW_ID
from operators.text.duplicates.minhash import MinHashDedup

Places = np.ndarray[Any, np.dtype[np.int64]]


def split_of_rows(table: Storage, splits: Mapping[str, float], similarity: float, seed: int) -> list[str]:
    """A split for each row, in order. Groups are drawn by a hash of the seed and the group's first id, so that a table that grows keeps most of them.

    The shares hold as well as the groups allow: a group that is larger than a split's share goes whole to where most is lacking.
    """
    names = list(splits)
    if len(names) == 1:
        return names * table.count_rows()
    ids: list[str] = table.read([ROW_ID]).column(ROW_ID).to_pylist()
    group = _groups(table, ids, similarity)
    members: dict[int, list[int]] = {}
    for place, first in enumerate(group.tolist()):
        members.setdefault(first, []).append(place)
    drawn = sorted(members.values(), key=lambda places: _draw(seed, min(ids[place] for place in places)))
    found, filled = [""] * len(ids), dict.fromkeys(names, 0)
    done = 0
    for places in drawn:
        done += len(places)
        lacking = max(names, key=lambda name: splits[name] * done - filled[name])
        filled[lacking] += len(places)
        for place in places:
            found[place] = lacking
    return found


def _draw(seed: int, row_id: str) -> str:
    return hashlib.blake2b(f"{seed} {row_id}".encode(), digest_size=8).hexdigest()


def _groups(table: Storage, ids: Sequence[str], similarity: float) -> Places:
    """For each row the first row of its group."""
    left, right = _siblings(table, ids)
    winners = _alike(table, similarity)
    every = np.arange(len(ids), dtype=np.int64)
    found: Places = connected_components(len(ids), np.concatenate([left, every]), np.concatenate([right, winners]))
    return found


def _siblings(table: Storage, ids: Sequence[str]) -> tuple[Places, Places]:
    """Pairs of rows of one parent, and of a row and its parent where both are there."""
    if PARENT_IDS not in table.schema.names:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first: dict[str, int] = {row_id: place for place, row_id in enumerate(ids)}
    pairs = []
    for place, parents in enumerate(table.read([PARENT_IDS]).column(PARENT_IDS).to_pylist()):
        pairs += [(first.setdefault(parent, place), place) for parent in parents or ()]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0].copy(), found[:, 1].copy()


def _alike(table: Storage, similarity: float) -> Places:
    """For each row the row that stands for all that are nearly the same text."""
    texts = pa.table({ROW_ID: table.read([ROW_ID]).column(ROW_ID), "text": pa.array(_texts(table), pa.string())})
    dedup = MinHashDedup(threshold=similarity)
    found: Places = dedup.find(RowsReader(dedup, MemoryStorage(texts))).kept
    return found


def _texts(table: Storage) -> list[str]:
    """All that a row says, in one text."""
    names = [field.name for field in table.schema if field.name not in (ROW_ID, PARENT_IDS)]
    return [_said([row[name] for name in names]) for batch in table.batches(names) for row in batch.to_pylist()]


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return " ".join(_said(part) for name, part in value.items() if name not in ("role", "from"))
    return " ".join(filter(None, map(_said, value))) if isinstance(value, list | tuple) else ""
