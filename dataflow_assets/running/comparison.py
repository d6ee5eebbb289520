"""Two versions of a table, row by row: which were added, which taken out, which changed and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_assets.running.causes import causes
from operators.tables.types import PARENT_IDS, ROW_ID
from resources.warehouse import VersionStorage

EXAMPLES = 3


@dataclass(frozen=True)
class Comparison:
    """Rows are matched by row_id."""

    old: str
    new: str
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    changed_columns: dict[str, int] = field(default_factory=dict)
    """Column -> rows in which it differs."""
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    examples: tuple[tuple[str, dict[str, Any]], ...] = ()
    """("added", row), ("removed", row) and ("changed", {column: [old, new]}), each with its row_id."""

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed or self.columns_added or self.columns_removed)

    def headline(self) -> str:
        """In one line: "12 rows added, 3 removed, 40 changed (score 40)"."""
        if self.same:
            return f"the same {self.rows_after:,} rows"
        columns = ", ".join(f"{name} {count:,}" for name, count in sorted(self.changed_columns.items(), key=lambda item: -item[1]))
        parts = [f"{self.added:,} rows added", f"{self.removed:,} removed", f"{self.changed:,} changed" + (f" ({columns})" if columns else "")]
        parts += [f"new columns: {', '.join(self.columns_added)}"] if self.columns_added else []
        parts += [f"columns gone: {', '.join(self.columns_removed)}"] if self.columns_removed else []
        return ", ".join(parts)


def compare(old: VersionStorage, new: VersionStorage, examples: int = EXAMPLES) -> Comparison:
    """What differs between two versions of one table, and why."""
    facts_before, facts_after = old.run_facts(), new.run_facts()
    why = tuple(causes(facts_before, facts_after))
    rows = (old.count_rows(), new.count_rows())
    if facts_before["content_hash"] == facts_after["content_hash"]:
        return Comparison(old.version, new.version, *rows, causes=why)
    before, after = _ids(old), _ids(new)
    added = pc.indices_nonzero(pc.invert(pc.is_in(after, value_set=before)))
    removed = pc.indices_nonzero(pc.invert(pc.is_in(before, value_set=after)))
    places_after = pc.indices_nonzero(pc.is_in(after, value_set=before))
    places_before = pc.index_in(after.take(places_after), value_set=before)
    shared = [name for name in new.schema.names if name in old.schema.names and name not in (ROW_ID, PARENT_IDS)]
    differing = {name: _differs(old, new, name, places_before, places_after) for name in shared}
    anywhere = _any(list(differing.values()), len(places_after))
    shown: list[tuple[str, dict[str, Any]]] = [("added", row) for row in _rows(new, added[:examples])]
    shown += [("removed", row) for row in _rows(old, removed[:examples])]
    chosen = pc.indices_nonzero(anywhere)[:examples]
    pairs = zip(_rows(old, places_before.take(chosen)), _rows(new, places_after.take(chosen)), strict=True)
    for one, other in pairs:
        shown.append(("changed", {ROW_ID: other[ROW_ID], **{name: [one[name], other[name]] for name in shared if one[name] != other[name]}}))
    return Comparison(
        old.version,
        new.version,
        *rows,
        added=len(added),
        removed=len(removed),
        changed=pc.sum(anywhere).as_py() or 0,
        changed_columns={name: count for name, mask in differing.items() if (count := pc.sum(mask).as_py())},
        columns_added=tuple(name for name in new.schema.names if name not in old.schema.names),
        columns_removed=tuple(name for name in old.schema.names if name not in new.schema.names),
        causes=why,
        examples=tuple(shown),
    )


def _ids(storage: VersionStorage) -> pa.Array:
    return _whole(storage.read([ROW_ID]).column(ROW_ID))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _differs(old: VersionStorage, new: VersionStorage, name: str, places_before: pa.Array, places_after: pa.Array) -> pa.Array:
    before, after = (_whole(storage.read([name]).column(name)) for storage in (old, new))
    before, after = before.take(places_before), after.take(places_after)
    if before.type != after.type:
        return pa.array([True] * len(after))
    if pa.types.is_nested(after.type):
        return pa.array([one != other for one, other in zip(before.to_pylist(), after.to_pylist(), strict=True)], pa.bool_())
    either_null = pc.not_equal(before.is_null(), after.is_null())
    return pc.or_(either_null, pc.fill_null(pc.not_equal(before, after), False))


def _any(masks: list[pa.Array], rows: int) -> pa.Array:
    total = pa.array([False] * rows, pa.bool_())
    for mask in masks:
        total = pc.or_(total, mask)
    return total


def _rows(storage: VersionStorage, places: pa.Array) -> list[dict[str, Any]]:
    return [next(iter(storage.rows_from(place, 1))).to_pylist()[0] for place in places.to_pylist()]
