"""What the checks of knowledge see and what they let pass, on texts and pairs that people wrote: `python -m benchmarks.knowledge_checks`.

XQuAD in English and Chinese, from the folder DATAFLOW_SHARED_DATA (rag/xquad_en_open.jsonl, rag/xquad_zh_open.jsonl). Facts: one of each paragraph is
changed, by kind, and the share that is found is printed; beside it the share of paragraphs with mended form that are wrongly refused. Pairs: how many
right answers pass, with the sentence of the answer as their quote, and how many answers to other questions are rejected.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from operators.bases.pieces import sentences
from operators.knowledge.facts.comparing import fact_differences
from operators.knowledge.questions.faults import Pair, pair_fault

NAMES = ["Zanzibar", "Quentin", "Ostrava"]


def other_number(text: str, draw: random.Random) -> str:
    found = draw.choice(list(re.finditer(r"\d+", text)) or [None])
    return text if found is None else f"{text[: found.start()]}{int(found[0]) + draw.randint(1, 9)}{text[found.end() :]}"


def other_name(text: str, draw: random.Random) -> str:
    found = draw.choice(list(re.finditer(r"(?<=[a-z] )[A-Z][a-z]{3,}", text)) or [None])
    return text if found is None else f"{text[: found.start()]}{draw.choice(NAMES)}{text[found.end() :]}"


def other_characters(text: str, draw: random.Random) -> str:
    """Two Chinese characters in a row become two others: as when a name is exchanged."""
    found = draw.choice(list(re.finditer(r"(?<=[\u4e00-\u9fff])[\u4e00-\u9fff]{2}(?=[\u4e00-\u9fff])", text)) or [None])
    return text if found is None else f"{text[: found.start()]}鑫淼{text[found.end() :]}"


def no_negation(text: str, draw: random.Random) -> str:
    found = draw.choice(list(re.finditer(r"\b(?:not|never|without|no) |[不没未]", text)) or [None])
    return text if found is None else text[: found.start()] + text[found.end() :]


def exchanged(text: str, draw: random.Random) -> str:
    """Two different numbers change places."""
    found = list(re.finditer(r"\d+", text))
    pairs = [(one, other) for one, other in pairwise(found) if one[0] != other[0]]
    if not pairs:
        return text
    one, other = draw.choice(pairs)
    return f"{text[: one.start()]}{other[0]}{text[one.end() : other.start()]}{one[0]}{text[other.end() :]}"


def mended(text: str, draw: random.Random) -> str:
    """The same text as a page that was not cleaned: tags, emphasis, entities, doubled spaces."""
    words = text.split(" ")
    for place in draw.sample(range(len(words)), min(6, len(words))):
        words[place] = draw.choice(["<b>{}</b>", "**{}**", "{}&nbsp;", "{} ", "<a href='https://a.example/1'>{}</a>"]).format(words[place])
    return f"<p>{' '.join(words)}</p>"


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "a number": other_number,
    "a name": other_name,
    "two characters": other_characters,
    "a negation": no_negation,
    "two numbers": exchanged,
}


def facts(rows: list[dict[str, Any]], language: str) -> None:
    draw = random.Random(1)
    texts = list(dict.fromkeys(row["context"] for row in rows))
    for what, change in CHANGES.items():
        changed = [(text, new) for text in texts if (new := change(text, draw)) != text]
        if changed and not (language == "zh" and what == "a name"):
            found = sum(bool(fact_differences(text, new)) for text, new in changed)
            print(f"{language}  facts  {what:<16} {found:>4} of {len(changed):>4} changes found")
    refused = sum(bool(fact_differences(mended(text, draw), text)) for text in texts)
    print(f"{language}  facts  {'mended form':<16} {refused:>4} of {len(texts):>4} wrongly refused")


def pairs(rows: list[dict[str, Any]], language: str) -> None:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for row, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        spans = [span for span in sentences(row["context"]) if span.start <= row["answer_start"] < span.end]
        quote = row["context"][spans[0].start : spans[0].end] if spans else row["context"]
        right[(pair_fault(Pair(row["question"], row["answer"], [quote])) or "passed").split(":")[0]] += 1
        if other["answer"] not in quote:
            wrong[(pair_fault(Pair(row["question"], other["answer"], [quote])) or "passed").split(":")[0]] += 1
    for what, counts in (("right answers", right), ("other answers", wrong)):
        print(f"{language}  pairs  {what}: {dict(counts.most_common())}")


def main() -> int:
    folder = Path(os.environ.get("DATAFLOW_SHARED_DATA", ""), "rag")
    for language in ("en", "zh"):
        path = folder / f"xquad_{language}_open.jsonl"
        if not path.exists():
            print(f"{path} is not there: set DATAFLOW_SHARED_DATA to the folder that holds rag/{path.name}", file=sys.stderr)
            return 1
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        facts(rows, language)
        pairs(rows, language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
