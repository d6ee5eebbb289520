"""Near misses that one database calls equal, and that its test suite does.

python -m benchmarks.sql_test_suite                                  # Chinook, 60 sampled queries
python -m benchmarks.sql_test_suite --path FOLDER --queries 10       # each database of a folder
python -m benchmarks.sql_test_suite --read                           # with the pairs that the suite calls equal
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from operators.text2sql.mutants import mutants
from operators.text2sql.sampling.sampler import sample_queries
from resources.databases import DatabaseSettings, open_databases
from resources.databases.suites import build_suite


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", default="dataset:chinook")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--mutants", type=int, default=12)
    parser.add_argument("--read", action="store_true", help="print the pairs that the suite calls equal")
    options = parser.parse_args()
    pairs = one = suite = proven = 0
    with open_databases(DatabaseSettings(path=options.path, parallel=4)) as databases, tempfile.TemporaryDirectory() as folder:
        for name in databases.names():
            began = time.perf_counter()
            golds = [sampled.sql for sampled in sample_queries(databases, name, options.queries)]
            near = {gold: mutants(gold, databases.schema(name).dialect, options.mutants) for gold in golds}
            report = build_suite(databases, name, near, Path(folder) / name)
            pairs, one, suite = pairs + report.pairs, one + report.pairs - report.by_the_database, suite + report.pairs - report.by_the_suite
            proven += report.proven
            called = f"equal by the database {report.pairs - report.by_the_database}, by the suite {report.pairs - report.by_the_suite}"
            print(f"{name}: {report.pairs} pairs ({report.proven} more are proven equal), {called}")
            print(f"  {report.instances} instances of {report.tried}, {time.perf_counter() - began:.1f} s")
            for gold, other in report.left if options.read else ():
                print(f"  {gold}\n  {other}\n")
    print(f"{proven} near misses provably mean the same, and are left out")
    print(f"all: of {pairs} pairs the database alone calls {one} equal ({one / pairs:.1%}), the test suite {suite} ({suite / pairs:.1%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
