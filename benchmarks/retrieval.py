"""Search by words, by meaning and by both: how long an index takes, how many queries a second, how much memory, and whether the passage is found.

    python -m benchmarks.retrieval                        # 100,000 chunks by words; 2,500 of them by meaning too
    python -m benchmarks.retrieval --embedded 100000 --vectors FILE     # two hours on two cores; with the file, a run that was ended goes on
    python -m benchmarks.retrieval --chunks 20000 --embedded 1000 --paraphrased 40

Known-item questions: of XQuAD, each written for one paragraph. Paraphrased: the same questions in other words, by the embedded language model.
Each engine runs in a process of its own; "memory" is the most that it took above what it began with. The first that searches by meaning computes the
vectors of the passages (that is its build), the others find them in its cache; queries are embedded before they are timed. bm25s is timed where it is
installed. "plain BM25" does what rank_bm25 does: a dict of counts for each passage, and all passages looked at for each term of a query. Seconds and
queries/s are of processor time, so that a busy machine changes them little.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.retrieval_corpus import corpus_of

TOP = 5
VECTORS = "RETRIEVAL_BENCHMARK_VECTORS"
Answers = list[list[int]]
Find = Callable[[Sequence[str]], Answers]
Build = Callable[[list[str], Path], Find]


def embeddings() -> Any:
    """The embedded model, with a cache of this run: the first engine computes, the others find what it computed."""
    from resources.embeddings import EmbeddingSettings, open_embeddings

    return open_embeddings(EmbeddingSettings(cache_path=Path(os.environ[VECTORS]), ledger=False))


def ours(by: str) -> Build:
    def build(passages: list[str], folder: Path) -> Find:
        from operators.bases.retrieval.corpus_index import make_index, open_index
        from operators.retrieval.passages import Query
        from operators.tables.storage import MemoryStorage

        table = pa.table({"row_id": [str(place) for place in range(len(passages))], "text": passages})
        embedding = embeddings() if by != "words" else None
        make_index(MemoryStorage(table), "text", [], folder / "index")
        index = open_index(folder / "index")

        def find(queries: Sequence[str]) -> Answers:
            found = index.find([Query(query) for query in queries], TOP, by, embedding)  # type: ignore[arg-type]
            return [[int(passage.id) for passage in one] for one in found if isinstance(one, tuple)]

        index.find([Query("which makes what is missing")], TOP, by, embedding)  # type: ignore[arg-type]
        return find

    return build


def with_bm25s(passages: list[str], folder: Path) -> Find:
    import bm25s

    pattern = r"(?u)\b\w+\b"
    index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    index.index(bm25s.tokenize(passages, stopwords=None, show_progress=False, token_pattern=pattern), show_progress=False)

    def find(queries: Sequence[str]) -> Answers:
        tokens = bm25s.tokenize(list(queries), stopwords=None, show_progress=False, token_pattern=pattern)
        return index.retrieve(tokens, k=TOP, show_progress=False)[0].tolist()

    return find


def plain_bm25(passages: list[str], folder: Path) -> Find:
    split = [re.findall(r"\w+", passage.lower()) for passage in passages]
    counts = [Counter(words) for words in split]
    lengths = np.array([len(words) for words in split])
    having = Counter(word for count in counts for word in count)
    norm = 1.5 * (0.25 + 0.75 * lengths / lengths.mean())

    def find_one(query: str) -> list[int]:
        scores = np.zeros(len(passages))
        for word in re.findall(r"\w+", query.lower()):
            idf = math.log(1 + (len(passages) - having[word] + 0.5) / (having[word] + 0.5))
            count = np.array([of_passage.get(word, 0) for of_passage in counts])
            scores += idf * count / (count + norm)
        return np.argsort(-scores, kind="stable")[:TOP].tolist()

    return lambda queries: [find_one(query) for query in queries]


def plain_numpy(passages: list[str], folder: Path) -> Find:
    """One matrix in memory, one multiplication and one sort a query; the vectors come from the same model and cache."""
    embedding = embeddings()
    vectors = embedding.embed(passages)
    return lambda queries: [np.argsort(-(vectors @ query), kind="stable")[:TOP].tolist() for query in embedding.embed(list(queries))]


ENGINES: dict[str, Build] = {
    "words": ours("words"),
    "bm25s": with_bm25s,
    "plain BM25": plain_bm25,
    "meaning": ours("meaning"),
    "both": ours("both"),
    "plain numpy": plain_numpy,
}
SLOW = {"plain BM25": 20}
"""Of these so few queries are timed."""


def run_engine(name: str, given: dict[str, Any]) -> dict[str, float]:
    queries, wanted = given["queries"], given["wanted"]
    queries, wanted = queries[: SLOW.get(name, len(queries))], wanted[: SLOW.get(name, len(queries))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        started = _cpu()
        find = ENGINES[name](given["passages"], Path(folder))
        built = _cpu() - started
        find(queries if name not in SLOW else queries[:1])  # embeds them, and compiles what is compiled
        started, clock = _cpu(), time.perf_counter()
        found = find(queries)
        searched, wall = _cpu() - started, time.perf_counter() - clock
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    recall = sum(place in one for place, one in zip(wanted, found, strict=True)) / len(queries)
    return {"build": built, "queries": len(queries) / searched, "wall": len(queries) / wall, "memory": memory, "recall": recall}


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def in_a_process(name: str, passages: list[str], queries: list[str], wanted: list[int]) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({"passages": passages, "queries": queries, "wanted": wanted}, file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.retrieval", "--engine", name, "--given", file.name]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{name}: {result.stderr[-2000:]}")
    return dict(json.loads(result.stdout.splitlines()[-1]))


def paraphrased(questions: list[str]) -> list[str]:
    """In other words, by the embedded language model; a question of which it made none stays as it is."""
    from operators.generic.prompted import PromptedGenerator

    prompt = {
        "system": "You ask the same thing in other words. Use synonyms wherever you can, and keep the meaning. Answer with the question alone.",
        "user": "{{ question }}",
    }
    made = PromptedGenerator(prompt=prompt, max_failed=1.0, max_tokens=60).run({"question": questions}, progress=False).table.to_pylist()
    by_question = {row["question"]: row["generated"] for row in made}
    return [by_question.get(question) or question for question in questions]


def show(title: str, engines: Sequence[str], passages: list[str], queries: list[str], wanted: list[int]) -> None:
    print(f"\n{title}: {len(passages):,} chunks, {len(queries)} questions")
    print(f"{'':<14}{'build s':>9}{'queries/s':>11}{'memory MB':>11}{'recall@5':>10}")
    for name in engines:
        if name == "bm25s" and not _is_installed("bm25s"):
            continue
        found = in_a_process(name, passages, queries, wanted)
        print(f"{name:<14}{found['build']:>9.1f}{found['queries']:>11,.0f}{found['memory']:>11,.0f}{found['recall']:>10.3f}", flush=True)


def _is_installed(package: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(package) is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data", help="the shared data; the default is beside the checkout"
    )
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--embedded", type=int, default=2_500, help="chunks that are searched by meaning: what the embedded model does in minutes")
    parser.add_argument("--vectors", type=Path, help="a file that keeps the vectors for the next run, whose build seconds are then without them")
    parser.add_argument("--paraphrased", type=int, default=0, help="questions that the embedded language model is asked to put in other words")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--given", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(run_engine(options.engine, json.loads(options.given.read_text("utf-8")))))
        return
    if not (options.data / "rag").is_dir():
        sys.exit(f"{options.data} is not there: give the shared data with --data")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[VECTORS] = str((options.vectors or Path(folder) / "vectors.sqlite").absolute())
        compare(options)


def compare(options: argparse.Namespace) -> None:
    corpus = corpus_of(options.data, options.chunks)
    queries, wanted = [one.text for one in corpus.questions], [one.passage for one in corpus.questions]
    show("by words", ["words", "bm25s", "plain BM25"], corpus.passages, queries, wanted)
    few = corpus.passages[: options.embedded]
    engines = ["words", "meaning", "both", "plain numpy"]
    show("as they were asked", engines, few, queries, wanted)
    if options.paraphrased:
        kept = slice(0, len(queries), max(1, len(queries) // options.paraphrased))
        others = paraphrased(queries[kept])
        for asked, other in list(zip(queries[kept], others, strict=True))[:5]:
            print(f"    {asked}\n    -> {other}")
        show("paraphrased", engines, few, others, wanted[kept])


if __name__ == "__main__":
    main()
