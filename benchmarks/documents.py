"""How much of documents is kept, in which order, and how fast: `python -m benchmarks.documents [--peers PYTHON...]`.

Recall: of the characters of the known text, those in words that are there as well (signs of East Asia count one by one). Order: of the runs of three
words that stand once in both texts, the longest part in the same order. Facts: statements of olmOCR-bench that hold. Neighbours: pairs of cells side
by side in tables (ICDAR 2013), F1. PYTHON is that of an environment with pypdf, markitdown, pymupdf4llm,
docling or MinerU. With `--converter docling` (or mineru) the files are converted by it through our own protocol too, in an environment with both.
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import json
import os
import re
import subprocess
import tempfile
import time
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

from benchmarks.web_pages import main_text_scores
from operators.document_model.blocks import Block
from operators.document_model.conversion import NOTHING_FOUND_OUT, NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_writing import markdown_of
from resources.documents import DocumentSettings, open_documents
from resources.documents.converters.html import document_of_html
from resources.documents.options import Options
from resources.documents.registry import ENTRIES
from resources.documents.serving import Documents
from tests.documents.made_pdfs import made_pdfs

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "docs"
_MARKS = re.compile(r"<!--.*?-->|!\[|\]\([^)]*\)|<br\s*/?>|\$\$|^\s*\|[-|: ]+\|\s*$|^: |^\[\^([^\]]+)\]:", re.MULTILINE)
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+", re.UNICODE)
Made = dict[Path, tuple[str, float]]
"""File -> text and the seconds that it took."""


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", _MARKS.sub(r" \1 ", text)).lower())


def recall(known: str, found: str) -> float:
    wanted, here = Counter(tokens(known)), Counter(tokens(found))
    total = sum(len(word) * count for word, count in wanted.items())
    return sum(len(word) * count for word, count in (wanted & here).items()) / total if total else 1.0


def order(known: str, found: str) -> float:
    """1 where there is nothing to compare."""
    wanted, here = _once(tokens(known)), _once(tokens(found))
    places = [here[run] for run in sorted(wanted, key=wanted.__getitem__) if run in here]
    longest: list[int] = []
    for place in places:
        at = bisect.bisect_left(longest, place)
        longest[at : at + 1] = [place]
    return len(longest) / len(places) if places else 1.0


def _once(words: list[str]) -> dict[tuple[str, ...], int]:
    runs = list(zip(words, words[1:], words[2:], strict=False))
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def ours(serving: Documents, path: Path) -> str | None:
    """None where nothing was tried: a model is missing."""
    made = serving.convert(Source(path.name, path.read_bytes()))
    if isinstance(made, NotConverted):
        return None if made.cause in NOTHING_FOUND_OUT else ""
    return markdown_of(made.blocks)


def plain_pdfium(path: Path) -> str:
    import pypdfium2

    if path.suffix != ".pdf":
        return ""
    with contextlib.closing(pypdfium2.PdfDocument(path)) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def of_peers(pythons: list[str], paths: list[Path]) -> dict[str, Made]:
    """Program -> file -> text and seconds."""
    made: dict[str, Made] = defaultdict(dict)
    for python in pythons:
        command = [python, str(Path(__file__).with_name("document_peers.py")), *map(str, paths)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in result.stdout.splitlines():
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                made[told["program"]][Path(told["path"])] = (told["text"], told["seconds"])
        print("\n".join(line for line in result.stderr.splitlines() if "reads no PDF here" in line))
    return made


def references() -> dict[Path, str]:
    """Files with a known text, checked or written by others."""
    known = {pdf: pdf.with_suffix(".md").read_text("utf-8") for pdf in sorted((DATA / "docling_pdf").glob("*.pdf"))}
    known |= {
        pdf: pdf.with_suffix(".md").read_text("utf-8") for pdf in sorted((DATA / "markitdown").glob("*.pdf")) if pdf.with_suffix(".md").exists()
    }
    return known


def office() -> dict[Path, str]:
    found = sorted(path for kind in ("docx", "pptx", "xlsx", "html") for path in (DATA / f"docling_{kind}").glob(f"*.{kind}"))
    return {path: path.with_name(path.name + ".md").read_text("utf-8") for path in found}


def olmocr_facts(texts: Mapping[str, str]) -> tuple[int, int]:
    """Facts that hold, and how many were tried. Facts on mathematics are left out: a text layer has no LaTeX."""
    held = tried = 0
    for line in (DATA / "olmocr_bench" / "dataset.jsonl").read_text("utf-8").splitlines():
        if not line.strip():
            continue
        fact = json.loads(line)
        name = Path(fact["pdf"]).name
        if fact["type"] not in ("present", "absent", "order", "table") or name not in texts:
            continue
        tried += 1
        held += holds(fact, texts[name])
    return held, tried


def holds(fact: Mapping[str, object], text: str) -> bool:
    plain = " ".join(tokens(text))
    differing = int(str(fact.get("max_diffs") or 0))
    if fact["type"] == "order":
        before, after = _find(str(fact["before"]), plain, differing), _find(str(fact["after"]), plain, differing)
        return 0 <= before < after
    if fact["type"] == "table":
        return _cell_holds(fact, text)
    if fact.get("last_n"):
        plain = " ".join(tokens(text[-int(str(fact["last_n"])) :]))
    elif fact.get("first_n"):
        plain = " ".join(tokens(text[: int(str(fact["first_n"]))]))
    found = (
        f" {' '.join(tokens(str(fact['text'])))} " in f" {plain} " if fact["type"] == "absent" else _find(str(fact["text"]), plain, differing) >= 0
    )
    return found == (fact["type"] == "present")


def _find(wanted: str, plain: str, differing: int) -> int:
    looked_for = " ".join(tokens(wanted))
    at = plain.find(looked_for)
    if at >= 0 or not differing or not looked_for:
        return at
    match = SequenceMatcher(None, looked_for, plain, autojunk=False).find_longest_match()
    start = max(0, match.b - match.a)
    window = plain[start : start + len(looked_for)]
    same = sum(block.size for block in SequenceMatcher(None, looked_for, window, autojunk=False).get_matching_blocks())
    return start if len(looked_for) - same <= differing else -1


def _cell_holds(fact: Mapping[str, object], text: str) -> bool:
    """Whether a cell stands in a table of Markdown, with these cells beside it."""
    rows = [[" ".join(tokens(cell)) for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.strip().startswith("|")]
    wanted = {
        name: " ".join(tokens(str(fact[name]))) for name in ("cell", "up", "down", "left", "right", "top_heading", "left_heading") if fact.get(name)
    }
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell != wanted["cell"]:
                continue
            around = {
                "up": [other[column] for other in rows[number - 1 : number] if column < len(other)],
                "down": [other[column] for other in rows[number + 1 : number + 3] if column < len(other)],
                "left": row[max(0, column - 1) : column],
                "right": row[column + 1 : column + 2],
                "top_heading": [other[column] for other in rows[:number] if column < len(other)],
                "left_heading": row[:column],
            }
            if all(wanted[name] in around[name] for name in wanted if name != "cell"):
                return True
    return False


def neighbours(rows: list[list[str]]) -> Counter[tuple[str, str]]:
    """Pairs of cells with text that stand side by side or under each other."""
    found: Counter[tuple[str, str]] = Counter()
    table = [[" ".join(tokens(cell)) for cell in row] for row in rows]
    lines = table + [list(column) for column in zip(*table, strict=True)] if table else []
    for line in lines:
        cells = [cell for cell in line if cell]
        found.update(pairwise(cells))
    return found


def icdar_f1(documents: Mapping[str, Document]) -> tuple[float, float, float]:
    right = wanted_count = found_count = 0
    for path in sorted((DATA / "icdar2013_tables").glob("*-str.xml")):
        wanted: Counter[tuple[str, str]] = Counter()
        for region in ET.parse(path).iter("region"):
            cells = [(int(cell.get("start-row", 0)), int(cell.get("start-col", 0)), cell.findtext("content") or "") for cell in region.iter("cell")]
            rows = [[""] * (1 + max(column for _, column, _ in cells)) for _ in range(1 + max(row for row, _, _ in cells))]
            for row, column, text in cells:
                rows[row][column] = text
            wanted += neighbours(rows)
        document = documents[path.name.removesuffix("-str.xml") + ".pdf"]
        found: Counter[tuple[str, str]] = Counter()
        for block in document.blocks:
            if block.kind == "table":
                found += neighbours([list(row) for row in block.rows])
        right += (wanted & found).total()
        wanted_count += wanted.total()
        found_count += found.total()
    precision, share = right / max(1, found_count), right / max(1, wanted_count)
    return precision, share, 2 * precision * share / max(1e-9, precision + share)


def compared(title: str, known: Mapping[Path, str], programs: Mapping[str, Made], each: bool) -> None:
    """Of the files that a program reads at all; those of which it makes nothing count."""
    print(f"\n{title}: {len(known)} files")
    for program, made in programs.items():
        scores = [(path, recall(text, made[path][0]), order(text, made[path][0])) for path, text in known.items() if path in made]
        if not scores:
            continue
        means = [sum(score[at] for score in scores) / len(scores) for at in (1, 2)]
        least = [min(score[at] for score in scores) for at in (1, 2)]
        speed = len(scores) / max(1e-9, sum(made[path][1] for path, *_ in scores))
        of = "" if len(scores) == len(known) else f"  of {len(scores)} files"
        print(f"  {program:14} recall {means[0]:.3f}  order {means[1]:.3f}  least {least[0]:.3f} {least[1]:.3f}  {speed:.1f} files/s{of}")
        if each and program.startswith("dataflow"):
            for path, kept, ordered in scores:
                print(f"      {kept:.3f} {ordered:.3f}  {path.name}")


def web_pages() -> None:
    """Precision, recall and F1 of the main text of web pages, beside trafilatura's own text."""
    import trafilatura

    def main_text(source: str) -> str:
        blocks = document_of_html(source, Options()).blocks
        return "\n".join([*(block.text for block in blocks), *(item.text for block in blocks for item in block.items), *_cells(blocks)])

    print("\nmain text of web pages")
    for name, extract in (("dataflow", main_text), ("trafilatura", lambda source: trafilatura.extract(source) or "")):
        print("  {:14} precision {:.3f}  recall {:.3f}  F1 {:.3f}".format(name, *main_text_scores(extract)))


def _cells(blocks: Sequence[Block]) -> Iterator[str]:
    return (" ".join(row) for block in blocks for row in block.rows)


def pages_a_second(serving: Documents, paths: list[Path]) -> None:
    pages = seconds = 0.0
    for path in paths:
        content = path.read_bytes()
        started = time.perf_counter()
        made = serving.convert(Source(path.name, content))
        seconds += time.perf_counter() - started
        pages += 0 if isinstance(made, NotConverted) else made.pages or 0
    print(f"\nspeed: {pages:.0f} pages of {len(paths)} PDFs in {seconds:.1f} s, {pages / max(seconds, 1e-9):.1f} pages/s in one process")


def timed(paths: Sequence[Path], program: Callable[[Path], str | None]) -> Made:
    made: Made = {}
    for path in paths:
        started = time.perf_counter()
        if (text := program(path)) is not None:
            made[path] = (text, time.perf_counter() - started)
    return made


def by(converter: str) -> Documents:
    """Files converted by one of the converters that are no default, in the formats that it reads."""
    kinds = next(entry.kinds for entry in ENTRIES if entry.name == converter)
    return open_documents(DocumentSettings(cache=False, parallel=1, html="whole", converters=dict.fromkeys(kinds, converter)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", nargs="*", default=[], help="Pythons of environments with pypdf, markitdown, pymupdf4llm, docling, MinerU")
    parser.add_argument("--converter", default="", help="docling or mineru, through our own protocol too, where it is installed beside us")
    parser.add_argument("--each", action="store_true", help="the figures of each file")
    options = parser.parse_args()
    serving = open_documents(DocumentSettings(cache=False, parallel=1, html="whole"))
    with tempfile.TemporaryDirectory() as folder:
        generated: dict[Path, str] = {}
        for name, (content, text) in made_pdfs().items():
            path = Path(folder) / f"{name.replace(' ', '_').replace(',', '')}.pdf"
            path.write_bytes(content)
            generated[path] = text
        sets = {"generated PDFs": generated}
        if DATA.is_dir():
            sets |= {"PDFs with a Markdown reference": references(), "office files and HTML with a reference": office()}
        facts = sorted((DATA / "olmocr_bench" / "pdfs").rglob("*.pdf"))
        asked = [*(path for known in sets.values() for path in known), *facts]
        programs = {"dataflow": timed(asked, lambda path: ours(serving, path))}
        if options.converter:
            with contextlib.closing(by(options.converter)) as other:
                programs[f"dataflow+{options.converter}"] = timed(asked, lambda path: ours(other, path))
        programs["plain pdfium"] = timed([path for path in asked if path.suffix == ".pdf"], plain_pdfium)
        programs |= of_peers(options.peers, asked)
        for title, known in sets.items():
            compared(title, known, programs, options.each)
        if facts:
            print("\nfacts of olmOCR-bench (present, absent, order, table)")
            for program, made in programs.items():
                texts = {path.name: made[path][0] for path in facts if path in made}
                if texts:
                    held, tried = olmocr_facts(texts)
                    print(f"  {program:14} {held} of {tried}")
        tables = sorted((DATA / "icdar2013_tables").glob("*.pdf"))
        if tables:
            converted = {path.name: serving.convert(Source(path.name, path.read_bytes())) for path in tables}
            scores = icdar_f1({name: made for name, made in converted.items() if isinstance(made, Document)})
            print("\ntables of ICDAR 2013, neighbouring cells: precision {:.3f}  recall {:.3f}  F1 {:.3f}".format(*scores))
        if DATA.is_dir():
            web_pages()
        pages_a_second(serving, [*generated, *references()] if DATA.is_dir() else list(generated))
    serving.close()


if __name__ == "__main__":
    main()
