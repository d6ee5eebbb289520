"""How often the shortcut test is right: on questions that need two documents, and on questions that only look it.

    python -m benchmarks.shortcuts [--count 60] [--model qwen2.5-coder-1.5b] [--data FOLDER] [--out rows.jsonl]

`--count` questions of each sort. Those that need both are two-hop questions of people, each with the two passages that they were written for
(HotpotQA, in HaluEval's file; rows whose two passages can be told apart). Those that only look it are questions on one paragraph (XQuAD), given with
that paragraph and another one of the same article, in a drawn order: one of the two is enough, so the test has to find the shortcut.

A question is tried from nothing, from each document alone, and from both, as the pipeline agentic_rag does. Answers are kept in the cache of answers:
a run that was stopped goes on where it was, and one with a greater `--count` asks only what is new. People's two-hop questions have shortcuts too (a
model that sees one passage reaches 67 F1 on HotpotQA, Min et al. 2019), so that what is called a shortcut there is to be read: `--out`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from operators.bases.answer_overlap import SaidWords, verdict_of
from operators.bases.draws import draw
from operators.rag.checks.answerable import AnswerableEvaluator
from operators.tables.storage import MemoryStorage
from resources.llm import LLMSettings, open_serving

_TWO_PASSAGES: Final = "hotpot_gold_knowledge_right_and_hallucinated_open.jsonl"
_ONE_PARAGRAPH: Final = "xquad_en_open.jsonl"
_SEAM: Final = re.compile(r"""(?<=[a-z0-9)"'][.!?])(?=[A-Z"'])|(?<=[a-z0-9)"'][.!?]["')])(?=[A-Z])""")
"""Where one passage ends and the next begins, which the file does not say: the end of a sentence without a space after it."""
_SCHEMA: Final = pa.schema([("question", pa.string()), ("answer", pa.string()), ("documents", pa.list_(pa.string())), ("sort", pa.string())])
NEED, LOOK = "need both", "only look it"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATAFLOW_SHARED_DATA", "")) / "rag")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--judge", action="store_true", help="ask the model of answers that words do not decide")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = [*drawn(two_hop(given.data), given.count, given.seed), *drawn(single_hop(given.data, given.seed), given.count, given.seed)]
    serving = open_serving(LLMSettings.from_environment(model=given.model))
    began = time.perf_counter()
    tried = {test: _tried(test, rows, serving, given.judge) for test in ("nothing", "some", "all")}
    print(f"{given.model}, {len(rows)} questions, {(time.perf_counter() - began) / 60:.1f} minutes")
    report(rows, tried)
    if given.out:
        told = [{**row, **{name: tried[name].get(row["question"]) for name in tried}} for row in rows]
        given.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told), encoding="utf-8")


def two_hop(folder: Path) -> Iterator[dict[str, Any]]:
    """Questions with the two passages that they need. Yes and no are left out: half of them are guessed."""
    for row in _lines(folder / _TWO_PASSAGES):
        passages = [part.strip() for part in _SEAM.split(row["knowledge"])]
        if len(passages) == 2 and all(len(part) > 40 for part in passages) and verdict_of(row["right_answer"]) is None:
            yield {"question": row["question"], "answer": row["right_answer"], "documents": passages, "sort": NEED}


def single_hop(folder: Path, seed: int) -> Iterator[dict[str, Any]]:
    """Questions on one paragraph, with another one of its article that does not say the answer."""
    rows = list(_lines(folder / _ONE_PARAGRAPH))
    articles: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        articles[row["title"]][row["context"]] = None
    for row in rows:
        others = [text for text in articles[row["title"]] if text != row["context"] and row["answer"] not in SaidWords(text)]
        if others:
            number = draw(seed, row["id"])
            pair = [row["context"], others[number // 2 % len(others)]]
            yield {"question": row["question"], "answer": row["answer"], "documents": pair[:: 1 if number % 2 else -1], "sort": LOOK}


def drawn(rows: Iterator[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: draw(seed, row["question"]))[:count]


def report(rows: Sequence[dict[str, Any]], tried: dict[str, dict[str, Any]]) -> None:
    """For each sort: answered from nothing, from one document, from both; called a shortcut; called to need both."""
    print(f"{'':14}{'questions':>10}{'by heart':>10}{'from one':>10}{'from both':>10}{'shortcut':>10}{'needs both':>12}{'called right':>14}")
    for sort in (NEED, LOOK):
        questions = [row["question"] for row in rows if row["sort"] == sort]
        known, one, both = (sum(tried[test].get(question) is True for question in questions) for test in ("nothing", "some", "all"))
        short = [question for question in questions if tried["nothing"].get(question) is True or tried["some"].get(question) is True]
        needs = [question for question in questions if question not in short and tried["all"].get(question) is True]
        right = len(questions) - len(short) if sort == NEED else len(short)
        print(f"{sort:14}{len(questions):10}{known:10}{one:10}{both:10}{len(short):10}{len(needs):12}{f'{right} of {len(questions)}':>14}")


def _tried(test: str, rows: Sequence[dict[str, Any]], serving: Any, judge: bool) -> dict[str, Any]:
    """Question -> whether it was answered rightly."""
    kept = MemoryStorage()
    operator = AnswerableEvaluator(given=test, judge=judge, max_failed=1.0, max_tokens=64)
    operator.run(MemoryStorage(pa.Table.from_pylist(list(rows), schema=_SCHEMA)), into=kept, rejected=MemoryStorage(), resources={"llm": serving})
    return {row["question"]: row["answerable"] for row in kept.read().to_pylist()}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise SystemExit(f"{path} is missing: give the folder of the data with --data, or its parent in DATAFLOW_SHARED_DATA")
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    main()
