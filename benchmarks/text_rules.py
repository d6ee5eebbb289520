"""Rule filters on real texts: documents per CPU second of the fused stage, of plain Python deciding the same, and of datatrove; how often they agree.

    python -m benchmarks.text_rules [--documents 20000] [--datatrove PYTHON] [--memory-gigabytes 1] [--json]

`--datatrove` names the Python of an environment with datatrove and spacy. It is timed as it comes, in the two ways in which it is run: each text
through all filters, which share its words, and each filter by itself. Its decisions are compared when it splits words and sentences as ours does,
and, on the documents that it is timed with, with its own words, among which is every punctuation mark. Where they differ by design, `WHY` says how;
"mended" does away with that in datatrove, and every difference that is left is printed.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.installed_texts import corpus
from benchmarks.plain_rules import RULES, PlainText
from operators.core.sequential import Sequential
from operators.engine.batch import Batch
from operators.kernels import TextStatistics, warm_up
from operators.tables.storage import DEFAULT_BATCH_ROWS
from operators.text.rules import lines as line_filter
from operators.text.rules import rule_sets, stop_words
from operators.text.rules import whole_text as rules

PUBLISHED: dict[str, Sequential] = {
    "GopherQuality": Sequential(*rule_sets.gopher_quality(strict=True)),
    "GopherRepetition": Sequential(*rule_sets.gopher_repetition(strict=True)),
    "C4Quality": Sequential(*rule_sets.c4_quality(strict=True)),
    "FineWebQuality": Sequential(*rule_sets.fineweb_quality(strict=True)),
}
WHY = {
    "GopherQuality": "ours meets stop words with a capital or punctuation as well, and arrows and the like are symbols, not words",
    "GopherRepetition": "datatrove counts the nothing after the last line break as a line, and minds spaces at the ends of lines",
    "FineWebQuality": "datatrove minds spaces at the ends of lines",
}


TIMED = {
    "fused": "fused",
    "fused_languages_identified": "fused, languages identified",
    "one_filter_at_a_time": "one filter at a time",
    "plain_python": "plain python",
}
"""What is timed, and what the table calls it. Texts are said to be English where their languages are not identified."""


def batches(texts: list[str], language: str | None = None) -> list[Batch]:
    """Without a language it is identified, for each text."""
    table = pa.table({"row_id": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())})
    if language:
        table = table.append_column("language", pa.array([language] * len(texts), pa.string()))
    return [Batch(batch) for batch in table.to_batches(max_chunksize=DEFAULT_BATCH_ROWS)]


def decide(stage: Any, texts: list[str], language: str | None = "en") -> tuple[np.ndarray[Any, np.dtype[np.bool_]], float]:
    """Which texts stay, and the CPU seconds that it took."""
    prepared = batches(texts, language)
    started = time.process_time()
    kept = [stage.process(batch, {}).kept.column("row_id") for batch in prepared]
    seconds = time.process_time() - started
    keep = np.zeros(len(texts), np.bool_)
    for rows in kept:
        keep[np.asarray(rows)] = True
    return keep, seconds


def timed(work: Callable[[], Any], rounds: int = 9) -> tuple[Any, float]:
    """The result, and the least CPU seconds of some rounds."""
    results = []
    for _ in range(rounds):
        results.append(work())
    return results[0][0], min(seconds for _, seconds in results)


def fused_stage() -> Sequential:
    parts = [getattr(rules, name, None) or getattr(line_filter, name, None) or getattr(stop_words, name) for name in RULES]
    return Sequential(*(part() for part in parts))


def compare_with_plain(texts: list[str], stage: Sequential) -> dict[str, Any]:
    """Every text is taken for English, as plain Python takes it; and what it costs to identify the language of each."""
    fused, seconds = timed(lambda: decide(stage, texts))
    _, seconds_with_languages = timed(lambda: decide(stage, texts, None))
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
        "fused_languages_identified": {"documents_per_cpu_second": len(texts) / seconds_with_languages},
        "one_filter_at_a_time": {"documents_per_cpu_second": len(texts) / all_seconds},
        "plain_python": {"documents_per_cpu_second": len(texts) / plain_seconds, "equal_decisions": float((fused == plain).mean())},
        "rules": by_rule,
    }


def judge_everything(texts: list[str]) -> tuple[dict[str, np.ndarray[Any, np.dtype[np.bool_]]], float]:
    """The decision of every rule of the four sets on every text, none dropped early, and the CPU seconds of all."""
    prepared = batches(texts)
    started = time.process_time()
    decisions: dict[str, list[Any]] = {name: [] for name in PUBLISHED}
    for batch in prepared:
        for name, stage in PUBLISHED.items():
            verdicts = [part.judge(batch, {}).keep for part in stage.parts]  # type: ignore[attr-defined]
            decisions[name].append(np.logical_and.reduce(verdicts))
    seconds = time.process_time() - started
    return {name: np.concatenate(parts) for name, parts in decisions.items()}, seconds


def texts_of(path: str, most: int) -> list[str]:
    """The texts of a file, no more than so many."""
    from operators.tables.files import FileStorage

    return [text for text in FileStorage(path, types={"text": str}).read(["text"])["text"].to_pylist() if text][:most]


def sentences_of_lines(texts: list[str]) -> dict[str, int]:
    """How many sentences ours sees in each line, so that datatrove can be given the same."""
    citation = re.compile(r"\[\d*]|\[edit]|\[citation needed]")
    lines = list({citation.sub("", line.strip()) for text in texts for line in text.splitlines()})
    return dict(zip(lines, TextStatistics.of(pa.array(lines)).sentences.tolist(), strict=True))


def compare_with_datatrove(texts: list[str], python: str, timed_documents: int, compared_documents: int) -> dict[str, Any]:
    """Speed with spaCy's words, as datatrove comes; decisions with our words and sentences; what is left when its known differences are mended."""
    few, many = (texts[:: max(1, len(texts) // wanted)][:wanted] for wanted in (timed_documents, compared_documents))
    with tempfile.TemporaryDirectory() as folder:

        def run(documents: list[str], words: str) -> dict[str, Any]:
            path = Path(folder) / "input.json"
            path.write_text(json.dumps({"texts": documents, "sentences": sentences_of_lines(documents)}), "utf-8")
            command = [python, str(Path(__file__).parent / "datatrove_rules.py"), str(path), words]
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)  # type: ignore[no-any-return]

        as_it_comes, alone, same_words, mended = run(few, "spacy"), run(few, "alone"), run(many, "words"), run(many, "mended")
    decisions, _ = judge_everything(many)
    of_few, _ = judge_everything(few)
    ours = min(judge_everything(texts)[1] for _ in range(3)) / len(texts)
    theirs = as_it_comes["cpu_seconds"] / len(few)
    sets: dict[str, Any] = {}
    for name in PUBLISHED:
        reasons: dict[str, int] = {}
        left = []
        for row, kept in enumerate(decisions[name].tolist()):
            given, reason = same_words["decisions"][name][row]
            if kept == given:
                continue
            explained = kept == mended["decisions"][name][row][0]
            reasons[reason or "kept by datatrove"] = reasons.get(reason or "kept by datatrove", 0) + 1
            if not explained:
                left.append({"reason": reason or "kept by datatrove", "text": many[row][:300]})
        sets[name] = {
            "equal_decisions": 1 - sum(reasons.values()) / len(many),
            "equal_with_its_own_words": float(np.mean([a == b[0] for a, b in zip(of_few[name], as_it_comes["decisions"][name], strict=True)])),
            "kept_with_its_own_words": float(np.mean([kept for kept, _ in as_it_comes["decisions"][name]])),
            "equal_when_mended": float(np.mean([a == b[0] for a, b in zip(decisions[name], mended["decisions"][name], strict=True)])),
            "different": reasons,
            "unexplained": left,
            "kept": float(decisions[name].mean()),
        }
    return {
        "ours_documents_per_cpu_second": 1 / ours,
        "datatrove_documents_per_cpu_second": 1 / theirs,
        "datatrove_same_words_documents_per_cpu_second": len(many) / same_words["cpu_seconds"],
        "datatrove_alone_documents_per_cpu_second": len(few) / alone["cpu_seconds"],
        "ratio": theirs / ours,
        "ratio_alone": alone["cpu_seconds"] / len(few) / ours,
        "timed_documents": len(few),
        "compared_documents": len(many),
        "sets": sets,
    }


def scaling(texts: list[str]) -> dict[str, float]:
    """Seconds of one thread and of two, which share the batches: the kernels hold no lock of the interpreter."""
    from concurrent.futures import ThreadPoolExecutor

    def work(part: list[Batch]) -> None:
        for batch in part:
            for stage in PUBLISHED.values():
                for rule in stage.parts:
                    rule.judge(batch, {})  # type: ignore[attr-defined]

    rounds = []
    for _ in range(3):
        prepared = batches(texts)
        started = time.perf_counter()
        work(prepared)
        between, prepared = time.perf_counter(), batches(texts)
        again = time.perf_counter()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(work, [prepared[::2], prepared[1::2]]))
        rounds.append((between - started, time.perf_counter() - again))
    one, two = (min(seconds) for seconds in zip(*rounds, strict=True))
    return {"one_thread_seconds": one, "two_threads_seconds": two, "speed_up": one / two}


def memory(texts: list[str], gigabytes: float) -> dict[str, float]:
    """Peak memory of the process over so much text, streamed through the fused stage."""
    stage = Sequential(*(part for named in PUBLISHED.values() for part in named.parts))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    done = 0
    while done < gigabytes * 1e9:
        for batch in batches(texts[:DEFAULT_BATCH_ROWS]):
            stage.process(batch, {})
            done += batch.column("text").nbytes
    return {"gigabytes": done / 1e9, "peak_mb_before": before, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


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
    for name, label in TIMED.items():
        equal = rules_table[name].get("equal_decisions")
        speed.add_row(label, f"{rules_table[name]['documents_per_cpu_second']:,.0f}", "" if equal is None else f"{equal:.2%}")
    console.print(speed)
    by_rule = Table("rule", "kept", "equal decisions")
    for name, row in rules_table["rules"].items():
        by_rule.add_row(name, f"{row['kept']:.1%}", f"{row['equal']:.2%}")
    console.print(by_rule)
    if "scaling" in results:
        console.print("two threads: {speed_up:.2f} times as fast as one".format(**results["scaling"]))
    if "memory" in results:
        console.print("{gigabytes:.2f} GB of text: at most {peak_mb:,.0f} MB of memory ({peak_mb_before:,.0f} before)".format(**results["memory"]))
    if "datatrove" in results:
        found = results["datatrove"]
        console.print(
            "four sets, every rule on every document: {ours_documents_per_cpu_second:,.0f} documents a CPU second, datatrove "
            "{datatrove_documents_per_cpu_second:,.1f}: {ratio:,.0f} times; with each of its filters by itself "
            "{datatrove_alone_documents_per_cpu_second:,.1f}: {ratio_alone:,.0f} times".format(**found)
        )
        peers = Table("set", "kept", "equal", "equal when mended", "equal with its own words", "kept so", "datatrove's reason where different", "why")
        for name, row in found["sets"].items():
            different = ", ".join(f"{reason}: {count}" for reason, count in row["different"].items())
            peers.add_row(
                name,
                f"{row['kept']:.1%}",
                f"{row['equal_decisions']:.2%}",
                f"{row['equal_when_mended']:.2%}",
                f"{row['equal_with_its_own_words']:.1%}",
                f"{row['kept_with_its_own_words']:.1%}",
                different,
                WHY.get(name, "") if different else "",
            )
            for case in row["unexplained"][:5]:
                console.print(f"{name}, {case['reason']}: {case['text']!r}", markup=False)
        console.print(peers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--texts", metavar="FILE", help="a JSONL file with a column text, instead of the installed documentation")
    parser.add_argument("--plain-documents", type=int, default=1000, help="how many documents plain Python is given")
    parser.add_argument("--datatrove", metavar="PYTHON", help="the Python of an environment with datatrove and spacy")
    parser.add_argument("--datatrove-documents", type=int, default=300, help="how many documents datatrove is timed with (it is slow)")
    parser.add_argument("--compared-documents", type=int, default=5000, help="how many decisions are compared with datatrove's")
    parser.add_argument("--memory-gigabytes", type=float, default=0, help="stream so much text and report the peak memory")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    texts = texts_of(options.texts, options.documents) if options.texts else corpus(options.documents)
    warm_up()
    results: dict[str, Any] = {
        "documents": len(texts),
        "mean_characters": sum(map(len, texts)) / len(texts),
    }
    if options.memory_gigabytes:
        results["memory"] = memory(texts, options.memory_gigabytes)
    results["scaling"] = scaling(texts)
    results["rules"] = compare_with_plain(texts[:: max(1, len(texts) // options.plain_documents)], fused_stage())
    if options.datatrove:
        results["datatrove"] = compare_with_datatrove(texts, options.datatrove, options.datatrove_documents, options.compared_documents)
    if options.json:
        json.dump(results, sys.stdout, indent=2)
    else:
        report(results)


if __name__ == "__main__":
    main()
