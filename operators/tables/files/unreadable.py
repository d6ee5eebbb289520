"""How many lines of a file may be unreadable before reading it counts as failed."""

from __future__ import annotations

from operators.tables.errors import StageFailed
from operators.tables.files.bad_rows import BadRows
from operators.tables.files.storage import FileStorage

MAX_UNREADABLE = 0.05


def check_unreadable(source: FileStorage, most: float = MAX_UNREADABLE) -> BadRows:
    """The rows that the last reading set aside.

    Raises:
        StageFailed: they are more than the share `most` of all rows.
    """
    bad = BadRows(list(source.bad_rows), source.bad_row_count)
    if not bad.count:
        return bad
    total = bad.count + source.count_rows()
    if bad.count > most * total:
        shown = "; ".join(f"{row.path}:{row.line}: {row.error}" for row in bad.rows[:3])
        raise StageFailed(f"{bad.count} of {total} rows of {source.path} cannot be read, more than {most:.0%}. {shown}. Mend the file.")
    return bad
