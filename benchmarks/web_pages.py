"""Text out of real web pages: `python -m benchmarks.web_pages`.

Full text: how many words that a reader sees does HtmlToText lose? Compared with what lxml finds outside scripts and styles. Main text: precision,
recall and F1 of MainText, of HtmlToText with and without boilerplate, and of trafilatura itself, against articles marked by hand (runs of four words,
as scrapinghub's article-extraction-benchmark counts them).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from operators.text.cleaning.html_text import html_to_text
from operators.text.cleaning.main_text import MainText

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "html"
UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video", "title")
WORD = re.compile(r"\w+")


def pages(name: str) -> Iterator[tuple[dict[str, str], str]]:
    """What is known of each page, and its source."""
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        content = gzip.decompress((DATA / f"{name}_pages" / known["file"]).read_bytes())
        try:
            yield known, content.decode("utf-8")
        except UnicodeDecodeError:
            continue  # in which encoding it is, nobody says


def seen_words(source: str) -> Counter[str]:
    import lxml.html

    body = lxml.html.document_fromstring(source.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")).find("body")
    if body is None:
        return Counter()
    for element in list(body.iter(*UNSEEN)):
        element.drop_tree()
    return Counter(WORD.findall(" ".join(text for text in body.itertext() if isinstance(text, str))))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(zip(*(words[at:] for at in range(4)), strict=False)) if len(words) >= 4 else Counter([tuple(words)] if words else [])


def main_text_scores(extract: Callable[[str], str]) -> tuple[float, float, float]:
    """Means of precision, recall and F1 over the pages."""
    scores = []
    for known, source in pages("article_extraction_open"):
        wanted, found = shingles(known["articleBody"]), shingles(extract(source))
        common = (wanted & found).total()
        precision, recall = common / max(1, found.total()), common / max(1, wanted.total())
        scores.append((precision, recall, 2 * precision * recall / (precision + recall) if common else 0.0))
    means = [sum(values) / len(scores) for values in zip(*scores, strict=True)]
    return means[0], means[1], means[2]


def full_text() -> None:
    words = lost = number = 0
    for name in ("article_extraction_open", "trafilatura_with_without_open"):
        for _, source in pages(name):
            text = html_to_text(source)
            here = Counter(WORD.findall(text))
            seen = seen_words(source)
            lost += sum(count for word, count in (seen - here).items() if word not in text)
            words += seen.total()
            number += 1
    print(f"full text: of {words:,} words that {number} pages show, HtmlToText lost {lost:,}")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there: set DATAFLOW_SHARED_DATA to a folder with html/article_extraction_open.jsonl and its pages.")
    import trafilatura

    full_text()
    extractors: dict[str, Callable[[str], str]] = {
        "MainText": MainText().refine,
        "trafilatura": lambda source: trafilatura.extract(source) or "",
        "HtmlToText(boilerplate=False)": lambda source: html_to_text(source, boilerplate=False),
        "HtmlToText()": html_to_text,
    }
    for name, extract in extractors.items():
        precision, recall, f1 = main_text_scores(extract)
        print(f"{name:<30} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")


if __name__ == "__main__":
    main()
