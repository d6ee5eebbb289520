"""Damaged files of all formats: what becomes of their rows. No damage may lose a row without a word, or end in a traceback.

    python -m benchmarks.hostile_files [--damages 2400] [--seed 0]

Tables of known rows are written, their bytes are cut, inserted, deleted, replaced, swapped and repeated, and read again. The verdicts:

    right     every row that the damage did not touch is there, and no row was set aside
    counted   rows that were not touched are missing, and at least as many bad rows are counted
    refused   the reading failed with an error of this project that names the file
    WRONG     rows that were not touched are missing without a word, a column was lost or renamed, or something else was raised

Rows are touched where the damage lies in the bytes of their record, for text formats. In compressed and columnar formats any row may be: there
either all rows are as they were, or the reading has to fail. Exit status 1 where anything is WRONG.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from operators.tables.files import FileFormatError, FileStorage

FORMATS = ("t.jsonl", "t.json", "t.csv", "t.tsv", "t.jsonl.gz", "t.csv.gz", "t.jsonl.zst", "t.json.zst", "t.parquet", "t.arrow")
TEXT_FORMATS = ("t.jsonl", "t.json", "t.csv", "t.tsv")
MARKS = [bytes([byte]) for byte in b'"\n\r,\t{}[]:\\ \0\xff'] + [b'""', b'",', b"},{", b"][", b"\r\n", b"\xef\xbb\xbf", b"\xed\xa0\x80"]
KINDS = ("cut", "insert", "delete", "replace", "swap", "repeat", "cut out")


class Damage(NamedTuple):
    """`touched` are the first byte and the one behind the last, in the undamaged file."""

    kind: str
    content: bytes
    touched: tuple[int, int]


class Sample(NamedTuple):
    """A file as it was written, and where each of its rows stands in it: (begin, end), for text formats."""

    name: str
    raw: bytes
    table: pa.Table
    places: Sequence[tuple[int, int]]


def samples(random_: random.Random, folder: Path) -> Iterator[Sample]:
    for name in FORMATS:
        for plain in (True, False):
            table = _table(random_, 60, plain)
            FileStorage(folder / name, overwrite=True).write(table)
            raw = (folder / name).read_bytes()
            yield Sample(name, raw, table, list(_places(raw, table, folder, name)) if name in TEXT_FORMATS else [])


def _table(random_: random.Random, rows: int, plain: bool) -> pa.Table:
    """Rows that all differ; without `plain`, texts with quotes, delimiters, line ends and brackets."""
    odd = [
        "plain",
        "com,ma",
        "ta\tb",
        'quo"te',
        '"all quoted"',
        "two\nlines",
        "two\r\nlines",
        'br}ack{ets[],"x":1',
        "",
        "\u00e9\U0001f600",
        '5" pipe',
    ]
    texts = [f"{number}: " + " ".join(random_.choices(["word"] if plain else odd, k=random_.randint(1, 6))) for number in range(rows)]
    return pa.table({"id": [f"row-{number}" for number in range(rows)], "text": texts, "note": [random_.choice(["x", None]) for _ in range(rows)]})


def _places(raw: bytes, table: pa.Table, folder: Path, name: str) -> Iterator[tuple[int, int]]:
    """A record goes from where the text up to the row before ends to where the text up to it ends: found by writing fewer rows."""
    begin = 0
    for count in range(table.num_rows + 1):
        FileStorage(folder / f"part-{name}", overwrite=True).write(table.slice(0, count))
        part = (folder / f"part-{name}").read_bytes()
        end = next((place for place, (one, other) in enumerate(zip(part, raw, strict=False)) if one != other), min(len(part), len(raw)))
        if count:
            yield begin, end
        begin = end


def damaged(random_: random.Random, raw: bytes) -> Damage:
    kind = random_.choice(KINDS)
    place = random_.randrange(len(raw))
    if kind == "cut":
        return Damage(kind, raw[:place], (place, len(raw)))
    if kind == "insert":
        return Damage(kind, raw[:place] + random_.choice(MARKS) + raw[place:], (place, place + 1))
    if kind == "replace":
        return Damage(kind, raw[:place] + random_.choice(MARKS)[:1] + raw[place + 1 :], (place, place + 1))
    if kind == "delete":
        return Damage(kind, raw[:place] + raw[place + 1 :], (place, place + 1))
    end = min(len(raw), place + random_.randint(2, 200))
    if kind == "swap":
        middle = (place + end) // 2
        return Damage(kind, raw[:place] + raw[middle:end] + raw[place:middle] + raw[end:], (place, end))
    if kind == "repeat":
        return Damage(kind, raw[:end] + raw[place:end] + raw[end:], (place, end))
    return Damage(kind, raw[:place] + raw[end:], (place, end))


def verdict(sample: Sample, damage: Damage, path: Path) -> tuple[str, str]:
    """The verdict, and what to say of one that is WRONG."""
    storage = FileStorage(path)
    try:
        found = storage.read()
    except FileFormatError as error:
        return ("refused", "") if path.name in str(error) else ("WRONG", f"the file is not named: {error}")
    except Exception as error:  # the very thing that is looked for
        return "WRONG", f"{type(error).__name__}: {error}"
    if not sample.places:
        return ("right", "") if found.equals(sample.table) else ("WRONG", f"{found.num_rows} rows of other content")
    begin, end = damage.touched
    untouched = [row for row, (first, last) in zip(sample.table.to_pylist(), sample.places, strict=True) if last < begin or first > end]
    if begin < sample.places[0][0] and not set(sample.table.schema.names) <= set(found.schema.names):
        # the header itself was damaged, and its columns are named otherwise: the rows below can only be counted
        lost = len(untouched) - found.num_rows - storage.bad_row_count
        return ("right", "") if lost <= 0 else ("WRONG", f"{lost} rows are missing below a damaged header")
    left = Counter(_key(row) for row in untouched)
    left.subtract(_key(row) for row in found.to_pylist())
    missing = sum(count for count in left.values() if count > 0)
    if not missing:
        return ("counted" if storage.bad_row_count else "right"), ""
    if missing <= storage.bad_row_count:
        return "counted", ""
    return "WRONG", f"{missing} rows are missing, {storage.bad_row_count} bad rows counted"


def _key(row: dict[str, object]) -> tuple[object, ...]:
    """A row by its known columns: the damage may add a key to another row, which makes a column here."""
    return row.get("id"), row.get("text"), row.get("note")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damages", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random_, started = random.Random(options.seed), time.perf_counter()
    verdicts: dict[str, Counter[str]] = {name: Counter() for name in FORMATS}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        written = list(samples(random_, Path(folder)))
        for number in range(options.damages):
            sample = written[number % len(written)]
            damage = damaged(random_, sample.raw)
            path = Path(folder) / sample.name
            path.write_bytes(damage.content)
            what, why = verdict(sample, damage, path)
            verdicts[sample.name][what] += 1
            if what == "WRONG":
                wrong.append(f"{sample.name}, damage {number} ({damage.kind} at {damage.touched}): {why}")
    print(f"{'format':<14}{'right':>8}{'counted':>9}{'refused':>9}{'WRONG':>7}")
    for name, counts in [*verdicts.items(), ("all", sum(verdicts.values(), Counter()))]:
        print(f"{name.removeprefix('t.'):<14}{counts['right']:>8}{counts['counted']:>9}{counts['refused']:>9}{counts['WRONG']:>7}")
    print(f"{options.damages} damages in {time.perf_counter() - started:.0f} s, seed {options.seed}")
    for line in wrong[:20]:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
