"""Reading CSV and JSON Lines beside pyarrow's own readers, in one run: ratios of medians over several rounds.

    python -m benchmarks.files [--rows 30000] [--rounds 5]

pyarrow reads with its defaults (threads on), and with the types that FileStorage gives. It does not look whether "001" is a text in every row,
whether an integer was rounded or two objects stand on a line: the ratio is the price of that. The file is read from the page cache. JSON Lines
are parsed twice behind their first 64 MB, which more --rows show. `ids` is the share of row ids in the time of reading with ids.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json

from operators.tables.files import FileStorage
from operators.tables.row_ids import with_row_ids

KINDS = ("documents", "records", "conversations")
"""Long texts; short fields of several types; nested messages (JSON only)."""


def table(kind: str, rows: int) -> pa.Table:
    random_ = random.Random(0)
    words = [f"word{number}" * random_.randint(1, 2) for number in range(3000)]

    def text(length: int) -> str:
        return " ".join(random_.choices(words, k=length)) + random_.choice(["", "\nA second line, with a comma.", ' "Quoted" words.'])

    if kind == "documents":
        return pa.table({"text": [text(250) for _ in range(rows)], "url": [f"http://example.org/{number}" for number in range(rows)]})
    if kind == "records":
        numbers = range(rows * 6)
        return pa.table(
            {
                "id": pa.array(numbers, pa.int64()),
                "name": [text(3) for _ in numbers],
                "score": [random_.random() for _ in numbers],
                "kept": [bool(number % 3) for number in numbers],
                "note": [random_.choice([None, "x"]) for _ in numbers],
            }
        )
    messages = [[{"role": role, "content": text(60)} for role in ("user", "assistant")] for _ in range(rows)]
    return pa.table({"messages": messages, "source": ["made"] * rows})


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def plain(path: Path, schema: pa.Schema) -> Callable[[], object]:
    """pyarrow's own reading of the same file."""
    if ".csv" in path.name:
        types = {name: pa.string() for name in schema.names}
        options = pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
        return lambda: pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(newlines_in_values=True), convert_options=options)
    return lambda: pa_json.read_json(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=30_000, help="documents; of records there are six times as many")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'file':<26}{'MB':>6}{'pyarrow MB/s':>14}{'ours MB/s':>11}{'rows/s':>11}{'times slower':>14}{'ids':>6}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            rows = table(kind, options.rows)
            for ending in (".jsonl", ".csv", ".jsonl.gz", ".csv.gz"):
                if kind == "conversations" and ".csv" in ending:
                    continue
                path = Path(folder) / (kind + ending)
                FileStorage(path).write(rows)
                raw = gzip.decompress(path.read_bytes()) if ending.endswith(".gz") else path.read_bytes()
                theirs, ours, with_ids = [], [], []
                for _ in range(options.rounds):
                    theirs.append(seconds(plain(path, rows.schema)))
                    ours.append(seconds(lambda: [batch.num_rows for batch in FileStorage(path).batches()]))  # noqa: B023 (called at once)
                    with_ids.append(seconds(lambda: [batch.num_rows for batch in with_row_ids(FileStorage(path).batches())]))  # noqa: B023
                one, other, ids = statistics.median(theirs), statistics.median(ours), statistics.median(with_ids)
                megabytes = len(raw) / 1e6
                worst = max(worst, other / one)
                print(
                    f"{path.name:<26}{megabytes:>6.0f}{megabytes / one:>14.0f}{megabytes / other:>11.0f}{rows.num_rows / other:>11,.0f}"
                    f"{other / one:>14.2f}{max(0.0, (ids - other) / ids):>6.0%}"
                )
                path.unlink()
    print(f"slowest: {worst:.2f} times pyarrow")
    return 0


if __name__ == "__main__":
    sys.exit(main())
