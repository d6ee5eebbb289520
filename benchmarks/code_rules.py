"""The rules of `code_pretrain_filter` on real source files: files per CPU second, fused and in plain Python; equal decisions; what stays by language.

    python -m benchmarks.code_rules [--files 20000] [--plain 1500] [--also FILE.jsonl[.gz]:COLUMN:LANGUAGE]... [--examples FOLDER] [--json]

The files are those of the standard library and of installed packages. `--also` adds programs of a table, all of one language, or of the column
that LANGUAGE names. `--plain` files, every so many-th, are judged in plain Python too; the decisions of each rule are compared on all of them, though
another rule may have dropped the file. `--examples` writes 20 kept and 20 rejected files to two JSON lines files, to be read.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.plain_source_rules import RULES, PlainFile
from operators.code.language.files import SourceFiles
from operators.code.rules.rule_set import source_quality
from operators.core.sequential import Sequential
from operators.engine.batch import Batch
from operators.kernels import warm_up
from operators.tables.files import FileStorage
from operators.tables.storage import DEFAULT_BATCH_ROWS
from resources.sources.installed_sources import source_files

ROUNDS = 3
ENDINGS = {"python": ".py", "js": ".js", "java": ".java", "go": ".go", "cpp": ".cpp", "rust": ".rs"}


def rows_of(files: int, also: list[str]) -> list[dict[str, str]]:
    rows = [{"text": row["text"], "filename": row["filename"]} for row in islice(source_files(), files)]
    for place in also:
        path, column, spoken = place.rsplit(":", 2)
        for number, row in enumerate(FileStorage(path).read().to_pylist()):
            ending = ENDINGS.get(str(row.get(spoken, spoken)), f".{spoken}")
            if row.get(column):
                rows.append({"text": row[column], "filename": f"{Path(path).stem}/{number}{ending}"})
    return rows


def batches(rows: list[dict[str, str]]) -> list[Batch]:
    table = pa.table({"row_id": [str(row) for row in range(len(rows))], **{name: [row[name] for row in rows] for name in ("text", "filename")}})
    return [Batch(batch) for batch in table.to_batches(max_chunksize=DEFAULT_BATCH_ROWS)]


def decide(stage: Sequential, rows: list[dict[str, str]]) -> tuple[np.ndarray[Any, Any], dict[int, str], float]:
    """Which rows stay, why each other does not, and the CPU seconds."""
    prepared = batches(rows)
    started = time.process_time()
    processed = [stage.process(batch, {}) for batch in prepared]
    seconds = time.process_time() - started
    keep = np.ones(len(rows), np.bool_)
    reasons = {}
    for one in processed:
        for rejection in one.rejections:
            for row, reason in zip(rejection.rows.column("row_id").to_pylist(), rejection.reasons, strict=True):
                keep[int(row)] = False
                reasons[int(row)] = reason
    return keep, reasons, seconds


def compare(rows: list[dict[str, str]], stage: Sequential) -> dict[str, Any]:
    """Equal decisions of each rule, with no rule spared by another, and the CPU seconds of plain Python, which stops at the first that drops."""
    started = time.process_time()
    plain = [all(rule(file) for rule in RULES.values()) for file in (PlainFile(row["text"], row["filename"]) for row in rows)]
    seconds = time.process_time() - started
    fused, _, _ = decide(stage, rows)
    batch = batches(rows)
    by_rule, differing = {}, []
    alone = 0.0
    for part in stage.parts:
        ours = np.concatenate([part.judge(one, {}).keep for one in batch])  # type: ignore[attr-defined]
        started = time.process_time()
        theirs = np.array([RULES[part.name](PlainFile(row["text"], row["filename"])) for row in rows])
        alone += time.process_time() - started
        by_rule[part.name] = float((ours == theirs).mean())
        differing += [(part.name, rows[row]["filename"], bool(ours[row])) for row in np.flatnonzero(ours != theirs).tolist()]
    return {"seconds": seconds, "alone": alone, "equal": float((fused == np.array(plain)).mean()), "by_rule": by_rule, "differing": differing}


def by_language(rows: list[dict[str, str]], keep: np.ndarray[Any, Any]) -> dict[str, tuple[int, float]]:
    """Of each language with 20 files or more: how many, and the share that stays."""
    spoken = SourceFiles.of(pa.array([row["text"] for row in rows]), pa.array([row["filename"] for row in rows]), None).languages.names
    total, stays = Counter(spoken), Counter(name for name, kept in zip(spoken, keep.tolist(), strict=True) if kept)
    return {name or "(none)": (count, stays[name] / count) for name, count in total.most_common() if count >= 20}


def write_examples(folder: Path, rows: list[dict[str, str]], keep: np.ndarray[Any, Any], reasons: dict[int, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = random.Random(0)
    for name, places in (("kept", np.flatnonzero(keep).tolist()), ("rejected", sorted(reasons))):
        chosen = drawn.sample(places, min(20, len(places)))
        lines = (json.dumps({**rows[row], "reason": reasons.get(row, "")}) + "\n" for row in chosen)
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--plain", type=int, default=1500)
    parser.add_argument("--also", action="append", default=[])
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warm_up()
    rows = rows_of(options.files, options.also)
    stage = Sequential(*source_quality())
    rounds = [decide(stage, rows) for _ in range(ROUNDS)]
    keep, reasons, _ = rounds[0]
    seconds = min(spent for _, _, spent in rounds)
    some = rows[:: max(1, len(rows) // options.plain)]
    plain = compare(some, stage)
    fused = len(rows) / seconds
    plainly = len(some) / plain["seconds"]
    megabytes = sum(len(row["text"]) for row in rows) / 1e6
    found = {
        "files": len(rows),
        "megabytes": round(megabytes, 1),
        "fused_files_per_cpu_second": round(fused),
        "fused_megabytes_per_cpu_second": round(megabytes / seconds, 1),
        "plain_files": len(some),
        "plain_files_per_cpu_second": round(plainly, 1),
        "ratio": round(fused / plainly, 1),
        "plain_files_per_cpu_second_one_rule_at_a_time": round(len(some) / plain["alone"], 1),
        "ratio_one_rule_at_a_time": round(fused / (len(some) / plain["alone"]), 1),
        "equal_decisions": plain["equal"],
        "equal_decisions_by_rule": plain["by_rule"],
        "differing": plain["differing"],
        "kept": float(keep.mean()),
        "rejected_by": Counter(reason.partition(":")[0] for reason in reasons.values()),
        "by_language": by_language(rows, keep),
    }
    if options.examples:
        write_examples(options.examples, rows, keep, reasons)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{name}:", *(f"\n    {key:28} {one}" for key, one in value.items()))
        else:
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
