"""The grammar sampler: speed, hardness mix, and how many of its queries run on the other engines after transpiling.

python -m benchmarks.sql_sampler                                        # Chinook, 1,000 queries, four engines
python -m benchmarks.sql_sampler --path FOLDER --count 200              # every database of a folder
python -m benchmarks.sql_sampler --read 50 --seed 3                     # queries with their questions, to read
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import sqlglot

from operators.databases.execution import NotExecuted, Rows, Statement
from operators.text2sql.equivalence import orders_rows, same_answer
from operators.text2sql.sampling.sampler import SampledQuery, sample_queries
from resources.databases import DatabaseSettings, open_databases
from resources.databases.serving import Databases
from resources.databases.target import Target, read_address
from tests import database_servers
from tests.database_copies import copy_into_duckdb, copy_onto


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", default="dataset:chinook")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--read", type=int, default=0, help="print so many of each database")
    parser.add_argument("--engines", default="duckdb,postgres,mysql")
    options = parser.parse_args()
    settings = DatabaseSettings(path=options.path, parallel=4)
    engines = [engine for engine in options.engines.split(",") if engine]
    total: Counter[str] = Counter()
    same: Counter[str] = Counter()
    queries = 0
    with ExitStack() as stack:
        databases = stack.enter_context(open_databases(settings))
        servers = {
            engine: stack.enter_context(database_servers.postgres() if engine == "postgres" else database_servers.mariadb())
            for engine in engines
            if engine != "duckdb"
        }
        for name in databases.names():
            began = time.perf_counter()
            sampled = list(sample_queries(databases, name, options.count, seed=options.seed))
            seconds = time.perf_counter() - began
            queries += len(sampled)
            mix = Counter(one.hardness for one in sampled)
            shown = ", ".join(f"{level} {mix[level]}" for level in ("easy", "medium", "hard", "extra"))
            print(f"{name}: {len(sampled)} queries of {len({one.template for one in sampled})} templates in {seconds:.1f} s; {shown}")
            for one in random.Random(options.seed).sample(sampled, min(options.read, len(sampled))):
                print(f"  [{one.hardness}, {one.template}, {one.rows} rows]\n    {one.question}\n    {one.sql}")
            schema = databases.schema(name)
            if schema.dialect != "sqlite":
                continue
            source = Path(settings.targets()[name].path)
            for engine in engines:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                if engine == "duckdb":
                    copy_into_duckdb(schema, source, folder / "copy.duckdb")
                    target = read_address(name, str(folder / "copy.duckdb"))
                else:
                    copy_onto(servers[engine], schema, source, name)
                    target = read_address(name, servers[engine].url(database=name), "secret words")
                ran, agreed = on_engine(sampled, name, target, databases)
                total[engine] += ran
                same[engine] += agreed
        for engine in engines:
            print(f"{engine}: {total[engine]} of {queries} run ({total[engine] / queries:.1%}), {same[engine]} with the answer of SQLite")
    return 0


def on_engine(sampled: list[SampledQuery], name: str, target: Target, original: Databases) -> tuple[int, int]:
    """How many run there, and how many of them have the answer that SQLite has."""
    engine = target.engine
    texts = [sqlglot.transpile(one.sql, read="sqlite", write=engine, identify=True)[0] for one in sampled]
    expected = original.execute_all([Statement(name, one.sql) for one in sampled])
    with Databases({name: target}, DatabaseSettings(parallel=4, seconds=20)) as databases:
        ran = agreed = 0
        for one, text, answer, here in zip(sampled, texts, databases.execute_all([Statement(name, text) for text in texts]), expected, strict=True):
            if isinstance(answer, Rows):
                ran += 1
                agreed += same_answer(here, answer, "spider", orders_rows(one.sql))
            elif isinstance(answer, NotExecuted):
                print(f"  {engine} does not run [{one.template}] {text[:300]}\n    {answer}")
    return ran, agreed


if __name__ == "__main__":
    sys.exit(main())
