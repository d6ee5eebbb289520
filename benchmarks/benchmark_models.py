"""How many GSM8K, MBPP and multiple-choice questions models answer right, by the pipeline `benchmark` and by a plain script.

    python -m benchmarks.benchmark_models --count 100 [--mbpp 50] [--models qwen2.5-coder-0.5b qwen2.5-coder-1.5b] [--only gsm8k] [--out FOLDER]

The files are JSON lines as published; by default those of DATAFLOW_SHARED_DATA. `--count` are drawn by `--seed`; of MBPP `--mbpp`. For each benchmark
and model are printed: right answers with the interval, the count of the plain script, on how many rows both agree, and minutes; then McNemar's
test of the first two models. The plain script is the functions below: it reads each answer again with a few lines of its own, and runs programs
with their tests in the sandbox. `--out` writes the rows, to be read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from pathlib import Path
from typing import Any

from dataflow_assets.pipelines.benchmark import Benchmark
from dataflow_assets.showing.benchmark import benchmark_markdown
from operators.sandboxes import Program, Suite, Test
from resources.llm import LLMSettings, open_serving
from resources.sandbox import open_sandbox

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", ""))
BENCHMARKS = {
    "gsm8k": DATA / "math" / "gsm8k_test_open.jsonl",
    "mbpp": DATA / "code" / "mbpp_open.jsonl",
    "mmlu": DATA / "bench" / "mmlu_stem_choice_open.jsonl",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--mbpp", type=int, help="rows of MBPP; half of --count where not given")
    parser.add_argument("--models", nargs="+", default=["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"])
    parser.add_argument("--only", choices=list(BENCHMARKS))
    parser.add_argument("--max-tokens", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    servings = {model: open_serving(LLMSettings.from_environment(model=model)) for model in given.models}
    for name, path in BENCHMARKS.items():
        if given.only in (None, name):
            count = (given.mbpp or max(1, given.count // 2)) if name == "mbpp" else given.count
            measure(name, path, count, servings, given)


def measure(name: str, path: Path, count: int, servings: dict[str, Any], given: argparse.Namespace) -> None:
    first, *others = given.models
    pipeline = Benchmark(format=name, rows=count, compare=bool(others), max_tokens=given.max_tokens, seed=given.seed)
    resources = {"llm": servings[first], "sandbox": open_sandbox()} | ({"other": servings[others[0]]} if others else {})
    began = time.perf_counter()
    result = pipeline.run(path, resources=resources)
    minutes = (time.perf_counter() - began) / 60
    rows = result["score_other" if others else "score"].to_pylist()
    summary = result["summary"].to_pylist()
    print(f"\n{name}: {len(rows)} rows, {', '.join(given.models[:2])}, {minutes:.1f} minutes\n\n{benchmark_markdown(summary[:1])}\n")
    for model, prefix in zip(given.models, ("", "other_"), strict=False):
        answers = [row["other_answer" if prefix else "model_answer"] for row in rows]
        plain = [plainly_right(name, row, answer or "") for row, answer in zip(rows, answers, strict=True)]
        ours = [bool(row[f"{prefix}right"]) for row in rows]
        agree = sum(one == other for one, other in zip(plain, ours, strict=True))
        print(f"  {model:<24} pipeline {sum(ours)} of {len(rows)}, plain script {sum(plain)}, the same verdict on {agree} of {len(rows)} rows")
        for row, answer, one, other in zip(rows, answers, plain, ours, strict=True):
            if one != other:
                gold = row["references"] or row["right_choices"]
                print(f"    they differ: gold {gold}, pipeline {other} ({row[f'{prefix}score_reason']}), plain {one}: ...{(answer or '')[-120:]!r}")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (given.out / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def plainly_right(name: str, row: dict[str, Any], answer: str) -> bool:
    """As somebody would count in an afternoon: the last box, the number or letter after "Answer", the last number, the tests as they are."""
    if name == "gsm8k":
        number = r"-?\d[\d,]*(?:\.\d+)?"
        said = re.findall(rf"boxed\{{\D*({number})", answer) or re.findall(rf"[Aa]nswer:[^\d\n]*?({number})", answer.replace("$", ""))
        numbers = said or re.findall(number, answer.replace("$", ""))
        return bool(numbers) and float(numbers[-1].replace(",", "")) == float(row["references"][0].replace(",", ""))
    if name == "mmlu":
        boxed = re.findall(r"boxed\{(?:\\text\{)?([A-D])\b", answer)
        letters = boxed or re.findall(r"[Aa]nswer\W*(?:is\W*)?([A-D])\b", answer) or re.findall(r"^\W*([A-D])\b", answer)
        return bool(letters) and "ABCD".index(letters[-1]) == row["right_choices"][0]
    fenced = re.findall(r"```(?:python)?\n(.*?)(?:```|\Z)", answer, re.DOTALL)
    code = max(fenced, key=len) if fenced else answer
    [verdict] = open_sandbox().run([Program(code, suite=Suite((Test(row["tests"]),)))])
    return verdict.passed


if __name__ == "__main__":
    main()
