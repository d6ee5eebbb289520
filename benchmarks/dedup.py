"""MinHash end to end on planted near-duplicates: recall by similarity, precision, speed and memory, beside datatrove's.

    python -m benchmarks.dedup [--documents 20000] [--datatrove PYTHON] [--million]

Documents are of random words, so that every likeness is planted: pairs of Jaccard similarity 0.7, 0.8, 0.9, 0.95 (of word 5-grams), the rest unlike
anything. `--million` does a million documents of 60 words. `--datatrove` names the Python of an environment with datatrove; it is given the same
texts, and run once with words split at spaces, and once as it comes, with spaCy's. Its bands have their threshold near 0.72.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from operators.kernels import MinHash, warm_up
from operators.kernels.minhash import jaccard
from operators.tables.storage import MemoryStorage
from operators.text.duplicates.minhash import MinHashDedup

SIMILARITIES = (0.7, 0.8, 0.9, 0.95)
PAIR_SHARE = 0.4
"""Of the documents, so many belong to a planted pair."""


def documents(count: int, words: int, seed: int = 1) -> tuple[list[str], dict[float, list[tuple[int, int]]]]:
    """Texts in random order, and the planted pairs (row of the original, row of the copy) by their similarity."""
    random = np.random.default_rng(seed)
    letters = np.array(list("bcdfghjklmnpqrstvwxz"))  # digits would not do: datatrove takes all numbers for one
    vocabulary = np.array(["".join(word) for word in letters[random.integers(0, len(letters), (50_000, 7))]])
    pairs_each = int(count * PAIR_SHARE / 2 / len(SIMILARITIES))
    texts: list[str] = []
    pairs: dict[float, list[tuple[int, int]]] = {similarity: [] for similarity in SIMILARITIES}
    for similarity in SIMILARITIES:
        shared = math.ceil(2 * similarity / (1 + similarity) * (words - 4)) + 4  # of words - 4 shingles each
        for _ in range(pairs_each):
            original = vocabulary[random.integers(0, len(vocabulary), words)]
            copy = np.concatenate([original[:shared], vocabulary[random.integers(0, len(vocabulary), words - shared)]])
            pairs[similarity].append((len(texts), len(texts) + 1))
            texts += [" ".join(original), " ".join(copy)]
    while len(texts) < count:
        texts.append(" ".join(vocabulary[random.integers(0, len(vocabulary), words)]))
    order = random.permutation(count)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    return [texts[row] for row in order], {s: [(int(place[a]), int(place[b])) for a, b in planted] for s, planted in pairs.items()}


def deduplicate(texts: list[str], operator: MinHashDedup) -> tuple[set[int], float, float]:
    """The rows that stay, CPU seconds and seconds."""
    table = pa.table({"row_id": pa.array([str(row) for row in range(len(texts))]), "text": pa.array(texts, pa.string())})
    kept = MemoryStorage()
    cpu, wall = time.process_time(), time.perf_counter()
    operator.run(MemoryStorage(table), into=kept)
    return {int(row) for row in kept.read()["row_id"].to_pylist()}, time.process_time() - cpu, time.perf_counter() - wall


def judge(kept: set[int], rows: int, pairs: dict[float, list[tuple[int, int]]]) -> dict[str, Any]:
    """Recall of the pairs of each similarity; precision: of the rows dropped, those with a planted copy that stayed, at the threshold or above."""
    found = {str(s): float(np.mean([(a not in kept) or (b not in kept) for a, b in planted])) for s, planted in pairs.items() if planted}
    partner = {row: (other, s) for s, planted in pairs.items() for a, b in planted for row, other in ((a, b), (b, a))}
    dropped = set(range(rows)) - kept
    right = sum(row in partner and partner[row][0] in kept and partner[row][1] >= 0.8 for row in dropped)
    return {"found": found, "dropped": len(dropped), "precision": right / max(1, len(dropped))}


def planted_similarities(texts: list[str], pairs: dict[float, list[tuple[int, int]]]) -> dict[str, float]:
    """The mean true similarity of some of the pairs: that the planting is what it says."""
    result = {}
    for similarity, planted in pairs.items():
        some = planted[:50]
        shingles = MinHash().shingles(pa.array([texts[row] for pair in some for row in pair]))
        result[str(similarity)] = float(np.mean([jaccard(a, b) for a, b in zip(shingles[::2], shingles[1::2], strict=True)]))
    return result


def compare_with_datatrove(texts: list[str], python: str, words: str) -> tuple[set[int], float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts), "utf-8")
        command = [python, str(Path(__file__).parent / "datatrove_dedup.py"), str(path), folder, words]
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    answer = json.loads(output.splitlines()[-1])
    return set(answer["kept"]), answer["cpu_seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--datatrove", metavar="PYTHON")
    parser.add_argument("--datatrove-documents", type=int, default=2000)
    parser.add_argument("--million", action="store_true", help="a million documents of 60 words as well")
    options = parser.parse_args()
    warm_up()
    deduplicate(["warm up"], MinHashDedup())
    texts, pairs = documents(options.documents, options.words)
    results: dict[str, Any] = {"documents": len(texts), "words": options.words, "true_similarity": planted_similarities(texts, pairs)}
    for name, operator in (("ours", MinHashDedup()), ("ours_unverified", MinHashDedup(verify=False))):
        kept, cpu, wall = deduplicate(texts, operator)
        results[name] = {**judge(kept, len(texts), pairs), "cpu_seconds": cpu, "seconds": wall, "documents_per_cpu_second": len(texts) / cpu}
    if options.datatrove:
        few, few_pairs = documents(options.datatrove_documents, options.words)
        for words, name in (("words", "datatrove_at_spaces"), ("spacy", "datatrove_as_it_comes")):
            kept, cpu = compare_with_datatrove(few, options.datatrove, words)
            results[name] = {**judge(kept, len(few), few_pairs), "cpu_seconds": cpu, "documents_per_cpu_second": len(few) / cpu}
            results[name]["ratio"] = results["ours"]["documents_per_cpu_second"] / results[name]["documents_per_cpu_second"]
    if options.million:
        many, many_pairs = documents(1_000_000, 60)
        kept, cpu, wall = deduplicate(many, MinHashDedup())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        results["million"] = {**judge(kept, len(many), many_pairs), "cpu_seconds": cpu, "seconds": wall, "peak_mb_with_the_texts": peak}
    json.dump(results, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
