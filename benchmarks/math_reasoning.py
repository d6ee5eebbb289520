"""How many of the answers that `math_reasoning` keeps are right, beside a single sample of the same model.

    python -m benchmarks.math_reasoning --problems gsm8k_test.jsonl --count 200 [--samples 4] [--model qwen2.5-coder-0.5b] [--out rows.jsonl]

The problems are JSON lines with `question` and `final`, the right answer, which no stage sees: all go the way of questions without a gold answer, by
majority vote and a program in the sandbox. `--count` are drawn by `--seed`. What is kept is then compared with the right answers. `--out` writes each
problem with what became of it, to be read. With --mild, what a program must agree with is the most frequent answer, not a majority.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

from dataflow_assets.pipelines.math_reasoning import MathReasoning
from operators.bases.draws import draw
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import final_answer
from resources.llm import LLMSettings, open_serving
from resources.sandbox import open_sandbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=Path, default=Path(os.environ.get("DATAFLOW_SHARED_DATA", "")) / "math" / "gsm8k_test_open.jsonl")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--programs", type=int, default=1)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--max-tokens", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mild", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    problems = [json.loads(line) for line in given.problems.read_text(encoding="utf-8").splitlines()]
    problems.sort(key=lambda problem: draw(given.seed, problem["question"]))
    right = {problem["question"]: str(problem["final"]) for problem in problems[: given.count]}

    pipeline = MathReasoning(
        check=False,
        synthesize=0,
        rate=False,
        samples=given.samples,
        programs=given.programs,
        needed=0.0 if given.mild else 0.5,
        max_tokens=given.max_tokens,
    ).configure({stage: {"max_failed": 1.0} for stage in ("solve", "sample", "program")})
    rows = [{"question": question, "golden_answer": None} for question in right]
    resources = {"llm": open_serving(LLMSettings.from_environment(model=given.model)), "sandbox": open_sandbox()}
    began = time.perf_counter()
    result = pipeline.run(_typed(rows), resources=resources)
    minutes = (time.perf_counter() - began) / 60

    sampled = result["sample"].to_pylist()
    firsts = [bool(row["sampled_answers"][0]) and _same(right[row["question"]], row["sampled_answers"][0]) for row in sampled]
    print(f"{len(right)} problems, {given.samples} samples, {given.programs} programs, {given.model}, {minutes:.1f} minutes")
    _print("a single sample", sum(firsts), len(right))
    of_samples = [_same(right[row["question"]], answer) for row in sampled for answer in row["sampled_answers"] if answer]
    _print("all samples that state an answer", sum(of_samples), len(of_samples))
    for stage, what in (("majority", "kept by majority"), ("voted", "and by form"), ("agreed", "and a program agrees")):
        kept = result[stage].to_pylist()
        _print(what, sum(_same(right[row["question"]], (final_answer(row["solution"]) or _NO).text) for row in kept), len(kept))
    for stage in ("sample", "program"):
        usage = result.report[stage].usage.get("llm")
        if usage is not None:
            print(f"  {stage}: {usage.calls} calls, {usage.cached} cached, {usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens")
    if given.out:
        _write(given.out, right, result)


class _No:
    text = ""


_NO = _No()


def _same(gold: str, answer: str) -> bool:
    return compare_answers(gold, answer).equal


def _print(what: str, right: int, of: int) -> None:
    print(f"  {what:<34}{right:>5} of {of:>5} right{f', {right / of:.1%}' if of else ''}")


def _typed(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, schema=pa.schema([("question", pa.string()), ("golden_answer", pa.string())]))


def _write(path: Path, right: dict[str, str], result: Any) -> None:
    """Each problem with its samples, votes, programs and fate."""
    told: dict[str, dict[str, Any]] = {question: {"question": question, "right": answer} for question, answer in right.items()}
    for stage in ("sample", "vote", "program", "agreed"):
        for row in result[stage].to_pylist():
            told[row["question"]] |= {name: value for name, value in row.items() if name not in ("row_id", "question", "golden_answer")} | {
                "fate": stage
            }
    for row in result.rejected.to_pylist():
        if row["question"] in told and row["stage"] not in ("with_gold",):
            told[row["question"]]["rejected"] = f"{row['stage']}: {row['rejected_reason']}"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told.values()), encoding="utf-8")


if __name__ == "__main__":
    main()
