"""Documents like those of a crawl, made of the texts that are installed here: the input of benchmarks.web_text.

    python -m benchmarks.web_documents documents.jsonl [--documents 100000] [--mixed 1000]

Pages of up to 5,000 characters are cut from the documentation and source of the installed packages and the standard library; when those run out, the
longer files are cut again half a page later. Then, always the same for the same installation: 10 % are near-duplicates of another page (a line added,
a few words exchanged; every fifth exact), 20 % are wrapped as web pages (head, script, navigation, paragraphs, preformatted blocks, footer), and in
2 % typographic quotes were decoded wrongly ("it's" as "itâ€™s"). Most are English, many are code: the filters have something to do.

There is text for about 100,000 such pages. With `--mixed N` a page is made of pieces of some 500 characters, drawn from all files, until it has N: as
many pages as are asked for, of real text, none of which is another.
"""

from __future__ import annotations

import argparse
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.installed_texts import real_texts

PAGE = 5000
SHORTEST = 200
NEAR_DUPLICATES = 0.10
EXACT_OF_THESE = 0.2
WRAPPED = 0.20
MOJIBAKE = 0.02
PIECE = 500

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px serif; }} .nav a {{ color: #036; }}</style>
<script>window.dataLayer = window.dataLayer || []; function track() {{ dataLayer.push(arguments); }}</script></head>
<body><nav class="nav"><ul><li><a href="/">Home</a></li><li><a href="/docs">Docs</a></li><li><a href="/blog">Blog</a></li></ul></nav>
<div id="content"><h1>{title}</h1>
"""
_FOOT = '</div><footer><p>Page {number} &middot; <a href="/legal">Legal notice</a></p></footer></body></html>\n'


def documents(count: int, seed: int = 1, mixed: int | None = None) -> Iterator[str]:
    """So many documents in random order; an error says how many can be made when there are too few texts. `mixed`: characters of a page of pieces."""
    random = np.random.default_rng(seed)
    wanted = count - int(count * NEAR_DUPLICATES)
    originals = _pages(wanted) if mixed is None else _Mixed(wanted, mixed, seed)
    copies = np.sort(random.choice(len(originals), count - len(originals), replace=False)) if count > len(originals) else np.zeros(0, np.int64)
    sources = np.concatenate([np.arange(len(originals)), copies])
    for place in random.permutation(count).tolist():
        text = originals[sources[place]]
        if place >= len(originals) and random.random() > EXACT_OF_THESE:
            text = _nearly(text, random)
        drawn = random.random()
        if drawn < WRAPPED:
            text = _wrapped(text, place)
        elif drawn < WRAPPED + MOJIBAKE:
            text = _decoded_wrongly(text)
        yield text


def _pages(count: int) -> list[str]:
    found: dict[str, None] = {}
    for first in (PAGE, PAGE // 2):
        for text in real_texts():
            if first == PAGE or len(text) > 2 * PAGE:
                found.update(dict.fromkeys(_cut(text, first)))
            if len(found) >= count:
                return list(found)[:count]
    raise SystemExit(f"there is text for {int(len(found) / (1 - NEAR_DUPLICATES)):,} documents here: ask for fewer with --documents")


class _Mixed(Sequence[str]):
    """Pages of pieces, each made when it is asked for: all of them need not fit into memory."""

    def __init__(self, count: int, characters: int, seed: int) -> None:
        self._pieces = [piece for text in real_texts() for piece in _cut(text, PIECE, PIECE)]
        self._count, self._characters, self._seed = count, characters, seed

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        random, page = np.random.default_rng([self._seed, int(place)]), ""
        while len(page) < self._characters:
            page += self._pieces[int(random.integers(len(self._pieces)))] + "\n"
        return page


def _cut(text: str, first: int, longest_page: int = PAGE) -> Iterator[str]:
    """Pages of whole lines, the first of at most `first` characters."""
    page, longest = "", first
    for line in text.splitlines(keepends=True):
        if len(page) + len(line) > longest and len(page) >= SHORTEST:
            yield page
            page, longest = "", longest_page
        page += line if len(line) <= longest_page else ""
    if len(page) >= SHORTEST:
        yield page


def _nearly(text: str, random: np.random.Generator) -> str:
    words = re.split(r"(\s+)", text)
    for _ in range(3):
        words[int(random.integers(0, len(words) // 2 + 1)) * 2] = f"revised{int(random.integers(0, 1000))}"
    return "".join(words) + f"\nLast edited on day {int(random.integers(1, 366))} of the year.\n"


def _wrapped(text: str, number: int) -> str:
    blocks = [block for block in re.split(r"\n\s*\n", text) if block.strip()]
    title = html.escape(blocks[0].strip().splitlines()[0][:60]) if blocks else "Page"
    parts = [_HEAD.format(title=title)]
    for block in blocks:
        tag = "pre" if block.startswith((" ", "\t")) else "p"
        parts.append(f"<{tag}>{html.escape(block, quote=False)}</{tag}>\n")
    return "".join([*parts, _FOOT.format(number=number)])


def _decoded_wrongly(text: str) -> str:
    curled = re.sub(r"(?<=\w)'(?=\w)", "\u2019", re.sub(r'"([^"\n]*)"', "\u201c\\1\u2026", text))
    return curled.encode().decode("cp1252", errors="ignore")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="a file of JSON lines with the column text")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--mixed", type=int, metavar="N", help="pages of N characters, of pieces drawn from all files")
    options = parser.parse_args()
    with Path(options.output).open("wb") as file:
        for text in documents(options.documents, mixed=options.mixed):
            file.write(orjson.dumps({"text": text}) + b"\n")


if __name__ == "__main__":
    main()
