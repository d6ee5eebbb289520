"""How well languages are told apart, and how many good texts of each the default rules keep.

    python -m benchmarks.languages --data FOLDER
    python -m benchmarks.languages --speed

Two tables. The first: sentences of FLORES-200, cuts of 3 and 6 words of them, and the sentences in capitals, by language. The second: paragraphs of
five sentences of FLORES-200, and twelve paragraphs of the Declaration of Human Rights, through the rules of the pipeline web_text.

`--speed` needs no data: CPU time a text, of the pages that are installed here. Beside `identify_texts`, by batches of 1,000, stand the model alone
and fastText's package, both given the same pieces of 300 characters.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from dataflow_assets.pipelines.web_text import WebText
from operators.engine.batch import Batch
from operators.kernels.arrow_text import TextSpans
from operators.kernels.fasttext import FastText
from operators.kernels.fasttext_file import read_fasttext
from operators.kernels.prose import Pieces, Prose, line_of
from operators.kernels.prose_bytes import CHARACTERS
from operators.text.language.codes import known_code
from operators.text.language.detection import identify_texts, model_file
from operators.text.language.function_words import FUNCTION_WORDS, UNSPACED

ISO: dict[str, str] = dict(
    pair.split(":")
    for pair in (
        "afr:af amh:am bul:bg cat:ca cym:cy est:et hrv:hr ind:id isl:is kat:ka lit:lt mkd:mk slv:sl srp:sr swh:sw tgl:tl lat:la epo:eo "
        "nob:no pes:fa arb:ar tel:te heb:he"
    ).split()
)
PARAGRAPH_SENTENCES, DECLARATION_PARAGRAPHS = 5, 12
SPEED_TEXTS, SPEED_SHORTEST = 4000, 3500


class Labelled(NamedTuple):
    """A text and the code of its language."""

    language: str
    text: str


def code_of(name: str) -> str:
    """ "deu_Latn" and "deu" are "de"."""
    first = name.split("_")[0]
    return ISO.get(first) or known_code(first) or first


def read(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def flores(folder: Path) -> list[Labelled]:
    return [Labelled(code_of(row["lang"]), row["text"]) for row in read(folder / "flores_dev_parallel_open.jsonl")]


def good_prose(folder: Path) -> list[Labelled]:
    """Paragraphs of FLORES, and parts of the Declaration."""
    sentences: dict[str, list[str]] = defaultdict(list)
    for row in read(folder / "flores_dev_parallel_open.jsonl"):
        sentences[row["lang"]].append(row["text"])
    texts = [
        Labelled(code_of(name), " ".join(some[start : start + PARAGRAPH_SENTENCES]))
        for name, some in sentences.items()
        for start in range(0, len(some) - PARAGRAPH_SENTENCES + 1, PARAGRAPH_SENTENCES)
    ]
    for row in read(folder / "udhr_texts.jsonl"):
        paragraphs = row["paragraphs"]
        texts += [
            Labelled(code_of(row["lang"]), "\n\n".join(paragraphs[start : start + DECLARATION_PARAGRAPHS]))
            for start in range(0, len(paragraphs) - DECLARATION_PARAGRAPHS + 1, DECLARATION_PARAGRAPHS)
        ]
    return texts


def cut(texts: list[Labelled], words: int) -> list[Labelled]:
    """Some words from the middle of each text that has spaces."""
    parts = [(text, text.text.split()) for text in texts if text.language not in UNSPACED]
    return [Labelled(text.language, " ".join(all_[(len(all_) - words) // 2 :][:words])) for text, all_ in parts if len(all_) > words]


def identified(texts: list[Labelled]) -> dict[str, tuple[int, int]]:
    """Language -> how many texts are named right, and how many there are."""
    right, every = Counter[str](), Counter[str]()
    for text, found in zip(texts, identify_texts(pa.array([text.text for text in texts])), strict=True):
        every[text.language] += 1
        right[text.language] += found.language == text.language
    return {language: (right[language], every[language]) for language in sorted(every)}


def kept(texts: list[Labelled]) -> tuple[dict[str, tuple[int, int, str]], Counter[str]]:
    """Language -> kept, all, and the rule that dropped most; and how many rows each rule had no say on."""
    rows = pa.record_batch({"row_id": [str(row) for row in range(len(texts))], "text": [text.text for text in texts]})
    processed = WebText(rate=False).operators()["quality"].process(Batch(rows), {})
    stayed = {int(row) for row in processed.kept.column("row_id").to_pylist()}
    dropped: dict[str, Counter[str]] = defaultdict(Counter)
    for rejection in processed.rejections:
        for row in rejection.rows.column("row_id").to_pylist():
            dropped[texts[int(row)].language][rejection.by] += 1
    every = Counter(text.language for text in texts)
    stayed_by = Counter(texts[row].language for row in stayed)
    return {
        language: (stayed_by[language], every[language], ", ".join(f"{rule} {count}" for rule, count in dropped[language].most_common(1)))
        for language in sorted(every)
    }, processed.no_say


def speed() -> None:
    """Print the CPU time of three ways to read the same texts, by turns: the first time, and the best of three more."""
    import fasttext

    from benchmarks.installed_texts import corpus
    from operators.kernels import warm_up

    warm_up()
    texts = [text for text in corpus(2 * SPEED_TEXTS) if len(text) > SPEED_SHORTEST][:SPEED_TEXTS]
    batches = [pa.array(texts[start : start + 1000]) for start in range(0, len(texts), 1000)]
    prose = Prose.of(TextSpans.of(pa.array(texts)))
    pieces = Pieces.of(prose.lines, prose.counts[:, CHARACTERS].copy(), size=300, longest=450, most=10_000)
    lines = [line_of(pieces.spans, piece) + "\n" for piece in range(len(pieces.spans))]
    ours, theirs = FastText(read_fasttext(model_file())), fasttext.load_model(str(model_file())).f
    ways: dict[str, Callable[[], object]] = {
        "identify_texts": lambda: [identify_texts(batch) for batch in batches],
        "  of it the model": lambda: ours.predict(pieces.spans, 8, 0.02),
        "the package's predict": lambda: [theirs.predict(line, 8, 0.02, "replace") for line in lines],
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(4):
        for way, run in ways.items():
            started = time.process_time()
            run()
            times[way].append((time.process_time() - started) / len(texts))
    print(f"{len(texts)} texts of {sum(map(len, texts)) / len(texts):.0f} characters, {len(lines) / len(texts):.1f} pieces of prose each")
    for way, (first, *more) in times.items():
        print(f"{way:24} {1000 * first:.3f} ms a text the first time, {1000 * min(more):.3f} ms again: {1 / min(more):,.0f} texts/s")


def main() -> None:
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, help="the folder with flores_dev_parallel_open.jsonl and udhr_texts.jsonl")
    what.add_argument("--speed", action="store_true", help="measure the time instead")
    arguments = parser.parse_args()
    if arguments.speed:
        speed()
        return
    folder = arguments.data
    if not folder.is_dir():
        raise SystemExit(f"{folder} does not exist: give the folder with flores_dev_parallel_open.jsonl and udhr_texts.jsonl.")
    console = Console(width=110)
    prose, sentences = good_prose(folder), flores(folder)
    sets = {
        "paragraphs": prose,
        "sentences": sentences,
        "in capitals": [Labelled(text.language, text.text.upper()) for text in sentences],
        "6 words": cut(sentences, 6),
        "3 words": cut(sentences, 3),
    }
    found = {name: identified(texts) for name, texts in sets.items()}
    table = Table("language", *sets, title="identified")
    known = [language for language in found["sentences"] if language in FUNCTION_WORDS]
    for language in [*known, *(language for language in found["paragraphs"] if language not in known)]:
        counts = (found[name].get(language) for name in sets)
        table.add_row(language, *(f"{count[0]} of {count[1]}" if count else "" for count in counts), end_section=language == known[-1])
    totals = {name: [sum(found[name][language][place] for language in known if language in found[name]) for place in (0, 1)] for name in sets}
    table.add_row("with data", *(f"{right / every:.1%}" for right, every in totals.values()))
    console.print(table)
    rules, no_say = kept(prose)
    table = Table("language", "kept", "dropped most", title="good prose through the rules of web_text")
    for language, (stayed, every, rule) in rules.items():
        table.add_row(language if language in FUNCTION_WORDS else f"{language} (no data)", f"{stayed} of {every}", rule)
    table.add_row("all", f"{sum(row[0] for row in rules.values()) / sum(row[1] for row in rules.values()):.1%}", "")
    console.print(table)
    console.print("no say: " + ", ".join(f"{rule} on {count}" for rule, count in no_say.most_common()))


if __name__ == "__main__":
    main()
