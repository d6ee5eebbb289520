"""Rule filters on real texts: documents per CPU second of the fused stage, of plain Python deciding the same, and of datatrove; how often they agree.

    python -m benchmarks.text_rules [--documents 5000] [--datatrove PYTHON] [--json]

`--datatrove` names the Python of an environment with datatrove and spacy. Its decisions differ from ours by design in two points: it takes an n-gram
that occurs once for repeated (and so drops short texts of long words), and it counts blank lines.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.plain_rules import RULES, PlainText
from operators.core.batch import Batch
from operators.core.sequential import Sequential
from operators.core.storage import DEFAULT_BATCH_ROWS
from operators.kernels import warm_up
from operators.text import filter as rules
from operators.text import line_filter, stop_words

PUBLISHED: dict[str, Sequential] = {
    "GopherQuality": Sequential(
        *(
            rules.WordCountFilter(),
            rules.MeanWordLengthFilter(),
            rules.SymbolToWordRatioFilter(),
            rules.BulletLinesFilter(),
            rules.EllipsisLinesFilter(),
        ),
        *(rules.AlphabeticWordsFilter(), stop_words.StopWordsFilter()),
    ),
    "GopherRepetition": Sequential(line_filter.DuplicateParagraphsFilter(), line_filter.DuplicateLinesFilter(), line_filter.NGramRepetitionFilter()),
    "FineWebQuality": Sequential(
        *(line_filter.TerminalPunctuationFilter(quoted=False), line_filter.ShortLinesFilter(), line_filter.LineBreaksFilter()),
        line_filter.DuplicateLinesFilter(max_share=1, max_character_share=0.01),
    ),
}


def real_texts() -> Iterator[str]:
    """Descriptions, documentation and source of the installed packages and the standard library, in the same order on every run."""
    for distribution in sorted(importlib.metadata.distributions(), key=lambda found: found.metadata["Name"] or ""):
        yield str(distribution.metadata.get_payload() or "")
    for root in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib")):
        for path in sorted(Path(root).rglob("*")):
            if path.suffix in (".md", ".rst", ".txt", ".py") and path.is_file():
                yield path.read_text("utf-8", errors="replace")


def corpus(documents: int) -> list[str]:
    texts = dict.fromkeys(text for _, text in zip(range(10 * documents), real_texts(), strict=False) if 200 <= len(text) <= 20_000)
    found = list(texts)[:documents]
    return [found[number % len(found)] for number in range(documents)]


def batches(texts: list[str]) -> list[Batch]:
    table = pa.table({"row_id": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())})
    return [Batch(batch) for batch in table.to_batches(max_chunksize=DEFAULT_BATCH_ROWS)]


def decide(stage: Any, texts: list[str]) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], float]:
    """Which texts stay, and the CPU seconds that it took."""
    prepared = batches(texts)
    started = time.process_time()
    kept = [stage.process(batch, {}).kept.column("row_id") for batch in prepared]
    seconds = time.process_time() - started
    keep = np.zeros(len(texts), np.bool_)
    for rows in kept:
        keep[np.asarray(rows)] = True
    return keep, seconds


def timed(work: Callable[[], Any], rounds: int = 3) -> tuple[Any, float]:
    """The result, and the least CPU seconds of some rounds."""
    results = []
    for _ in range(rounds):
        results.append(work())
    return results[0][0], min(seconds for _, seconds in results)


def fused_stage() -> Sequential:
    parts = [getattr(rules, name, None) or getattr(line_filter, name, None) or getattr(stop_words, name) for name in RULES]
    return Sequential(*(part() for part in parts))


def compare_with_plain(texts: list[str], stage: Sequential) -> dict[str, Any]:
    fused, seconds = timed(lambda: decide(stage, texts))
    started = time.process_time()
    plain = np.array([all(rule(statistics) for rule in RULES.values()) for statistics in map(PlainText, texts)])
    plain_seconds = time.process_time() - started
    by_rule = {}
    for part in stage.parts:
        ours, _ = decide(part, texts)
        theirs = np.array([RULES[part.name](PlainText(text)) for text in texts])
        by_rule[part.name] = {"kept": float(ours.mean()), "equal": float((ours == theirs).mean())}
    all_seconds = timed(lambda: (None, sum(decide(part, texts)[1] for part in stage.parts)), 1)[1]
    return {
        "fused": {"documents_per_cpu_second": len(texts) / seconds, "kept": float(fused.mean())},
        "one_filter_at_a_time": {"documents_per_cpu_second": len(texts) / all_seconds},
        "plain_python": {"documents_per_cpu_second": len(texts) / plain_seconds, "equal_decisions": float((fused == plain).mean())},
        "rules": by_rule,
    }


def compare_with_datatrove(texts: list[str], python: str, limit: int) -> dict[str, Any]:
    """Speed with spaCy's words, as datatrove comes; decisions with the same words as ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts[:limit]), "utf-8")
        script = str(Path(__file__).parent / "datatrove_rules.py")

        def run(words: str) -> dict[str, Any]:
            command = [python, script, str(path), words, str(limit)]
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)  # type: ignore[no-any-return]

        as_it_comes, same_words = run("spacy"), run("words")
    result: dict[str, Any] = {}
    for name, stage in PUBLISHED.items():
        ours, _ = decide(stage, texts[:limit])
        seconds = timed(lambda stage=stage: decide(stage, texts))[1]
        theirs = np.array([kept for kept, _ in same_words[name]["decisions"]])
        reasons: dict[str, int] = {}
        for row in np.flatnonzero(ours != theirs):
            reason = same_words[name]["decisions"][row][1] or "kept by datatrove"
            reasons[reason] = reasons.get(reason, 0) + 1
        result[name] = {
            "ours": len(texts) / seconds,
            "datatrove": limit / as_it_comes[name]["cpu_seconds"],
            "datatrove_same_words": limit / same_words[name]["cpu_seconds"],
            "equal_decisions": float((ours == theirs).mean()),
            "different": reasons,
        }
    return result


def report(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    rules_table = results["rules"]
    speed = Table(
        "all rules",
        "documents / CPU second",
        "equal decisions",
        title=f"{results['documents']:,} real documents, mean {results['mean_characters']:,.0f} characters",
    )
    for name in ("fused", "one_filter_at_a_time", "plain_python"):
        equal = rules_table[name].get("equal_decisions")
        speed.add_row(name.replace("_", " "), f"{rules_table[name]['documents_per_cpu_second']:,.0f}", "" if equal is None else f"{equal:.2%}")
    console.print(speed)
    by_rule = Table("rule", "kept", "equal decisions")
    for name, row in rules_table["rules"].items():
        by_rule.add_row(name, f"{row['kept']:.1%}", f"{row['equal']:.2%}")
    console.print(by_rule)
    if "datatrove" in results:
        peers = Table(
            "published set",
            "ours / CPU s",
            "datatrove",
            "ratio",
            "same words",
            "equal",
            "datatrove's reason where different",
        )
        for name, row in results["datatrove"].items():
            different = ", ".join(f"{reason}: {count}" for reason, count in row["different"].items())
            ratio = f"{row['ours'] / row['datatrove']:,.0f}"
            peers.add_row(
                name,
                f"{row['ours']:,.0f}",
                f"{row['datatrove']:,.0f}",
                ratio,
                f"{row['datatrove_same_words']:,.0f}",
                f"{row['equal_decisions']:.2%}",
                different,
            )
        console.print(peers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--datatrove", metavar="PYTHON", help="the Python of an environment with datatrove and spacy")
    parser.add_argument("--datatrove-documents", type=int, default=400, help="how many documents datatrove is given (it is slow)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    texts = corpus(options.documents)
    warm_up()
    results: dict[str, Any] = {
        "documents": len(texts),
        "mean_characters": sum(map(len, texts)) / len(texts),
        "rules": compare_with_plain(texts, fused_stage()),
    }
    if options.datatrove:
        results["datatrove"] = compare_with_datatrove(texts, options.datatrove, min(options.datatrove_documents, len(texts)))
    if options.json:
        json.dump(results, sys.stdout, indent=2)
    else:
        report(results)


if __name__ == "__main__":
    main()
