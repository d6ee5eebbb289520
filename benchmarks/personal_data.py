"""How much of the personal data and of the secrets in texts is found, and how much of what is found is none: by kind, and beside Presidio.

    python -m benchmarks.personal_data [--presidio PYTHON] [--spans FILE.jsonl] [--errors] [--part first|second|third]

`--presidio` names the Python of an environment with presidio-analyzer, which is asked as it comes, without a model of names. `--spans` names a file
of {full_text, spans: [{entity_type, start_position, end_position}]}, as presidio-research writes them. A piece counts as found when a finding of its
kind overlaps it by more than half of both; a finding that does so with no piece is wrong.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.personal_data_texts import FIRST, SECOND, THIRD, Marked
from operators.text.privacy.personal_data import ALL_KINDS, find_personal_data

Piece = tuple[int, int, str]
PARTS: Final = {"first": FIRST, "second": SECOND, "third": THIRD}

OF_PRESIDIO: Final = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "credit_card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip_address",
    "MAC_ADDRESS": "mac_address",
}
"""Its names for kinds of ours; its numbers of documents and licences, by countries, are all "identity_number"."""

ASK_PRESIDIO: Final = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import spacy, tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

class Blank(SpacyNlpEngine):
    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
registry = RecognizerRegistry(supported_languages=["en"])
engine = Blank()
registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
for line in sys.stdin:
    found = analyzer.analyze(json.loads(line), language="en", score_threshold=0.4)
    print(json.dumps([[result.start, result.end, result.entity_type, result.score] for result in found]))
"""


class Score(NamedTuple):
    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.missed)

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}  recall {self.recall:.3f}  (found {self.found}, missed {self.missed}, wrong {self.wrong})"


def score(texts: Sequence[Marked], found: Iterable[Sequence[Piece]], tell: Callable[[str], None] | None = None) -> dict[str, Score]:
    """Of every kind, and of "all"."""
    counts: Counter[tuple[str, str]] = Counter()
    for marked, findings in zip(texts, found, strict=True):
        left = list(findings)
        for piece in marked.pieces:
            match = next((finding for finding in left if finding[2] == piece[2] and _same(finding, piece)), None)
            counts[piece[2], "missed" if match is None else "found"] += 1
            if match is not None:
                left.remove(match)
            elif tell:
                tell(f"missed {piece[2]} {marked.text[piece[0] : piece[1]]!r} in {marked.text[:120]!r}")
        for start, end, kind in left:
            counts[kind, "wrong"] += 1
            if tell:
                tell(f"wrong  {kind} {marked.text[start:end]!r} in {marked.text[:120]!r}")
    kinds = sorted({kind for kind, _ in counts})
    scores = {kind: Score(*(counts[kind, what] for what in ("found", "missed", "wrong"))) for kind in kinds}
    return {**scores, "all": Score(*map(sum, zip(*scores.values(), strict=True)))} if scores else {}


def _same(first: Piece, second: Piece) -> bool:
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return 2 * shared > max(first[1] - first[0], second[1] - second[0])


def ours(texts: Sequence[Marked]) -> list[list[Piece]]:
    return [[(found.start, found.end, found.kind) for found in find_personal_data(marked.text)] for marked in texts]


def presidio(python: str, texts: Sequence[Marked]) -> list[list[Piece]]:
    """Of findings that overlap, the surest and then the longest; kinds that we do not claim (links, dates) are left out."""
    asked = "".join(json.dumps(marked.text) + "\n" for marked in texts)
    answered = subprocess.run([python, "-c", ASK_PRESIDIO], input=asked, capture_output=True, text=True, check=True).stdout
    result = []
    for line in answered.splitlines():
        kept: list[Piece] = []
        for start, end, name, _ in sorted(json.loads(line), key=lambda entry: (-entry[3], entry[0] - entry[1])):
            kind = OF_PRESIDIO.get(name) or ("identity_number" if name not in ("URL", "DATE_TIME", "CRYPTO", "NRP", "LOCATION", "PERSON") else "")
            if kind and not any(start < other[1] and other[0] < end for other in kept):
                kept.append((start, end, kind))
        result.append(kept)
    return result


def read_spans(path: Path) -> list[Marked]:
    """Rows of presidio-research, with the kinds that we claim."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Marked(
            row["full_text"],
            tuple((s["start_position"], s["end_position"], OF_PRESIDIO[s["entity_type"]]) for s in row["spans"] if s["entity_type"] in OF_PRESIDIO),
        )
        for row in rows
    ]


def report(name: str, texts: Sequence[Marked], python: str | None, tell: Callable[[str], None] | None) -> None:
    with_pieces = sum(bool(marked.pieces) for marked in texts)
    print(
        f"\n{name}: {len(texts)} texts, {with_pieces} with {sum(len(marked.pieces) for marked in texts)} pieces, {len(texts) - with_pieces} without"
    )
    for system, findings in (("ours", ours(texts)), ("presidio", presidio(python, texts) if python else None)):
        if findings is not None:
            for kind, result in score(texts, findings, tell if system == "ours" else None).items():
                print(f"  {system:9}{kind:16}{result}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presidio", metavar="PYTHON")
    parser.add_argument("--spans", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--errors", action="store_true", help="print each piece that was missed and each wrong finding")
    parser.add_argument("--part", choices=tuple(PARTS), help="only this part of our own texts")
    options = parser.parse_args()
    tell = (lambda line: print("   ", line)) if options.errors else None
    assert {kind for marked in (*FIRST, *SECOND, *THIRD) for _, _, kind in marked.pieces} <= set(ALL_KINDS)
    for name, texts in PARTS.items():
        if options.part in (None, name):
            report(f"{name} part", texts, options.presidio, tell)
    if options.spans and not options.spans.exists():
        print(f"\nskipped: there is no file {options.spans}", file=sys.stderr)
    elif options.spans:
        report(options.spans.name, read_spans(options.spans), options.presidio, tell)


if __name__ == "__main__":
    main()
