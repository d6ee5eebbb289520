"""How often three ways of comparing answers agree with the labels: ours, plain math-verify, and the string rules of the reference system.

    python -m benchmarks.answer_equivalence [--data FOLDER] [--show 20]

The pairs are our own (benchmarks/answer_pairs_of_mathematics) and, where the folder of public data is there (DATAFLOW_SHARED_DATA), those of its
folder `math`: equivalence facts of three test suites, labelled solutions of GSM8K and MATH, gold solutions of MATH-500, GSM8K and AIME, equations of
SVAMP, and rationales of multiple choices. A pair agrees where "equal" is said of it exactly if the label says so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import reference_answer_rules
from benchmarks.answer_pairs_of_mathematics import pairs
from operators.bases.math_answers.equivalence import compare_answers
from operators.bases.math_answers.extraction import FinalAnswer, final_answer
from operators.bases.math_answers.verdicts import Comparison

HOSTILE = (
    *("9^{9^{9}}", "9^{9^9^9}", "((((((9^9)^9)^9)^9)^9)^9)^9", "10000000!", "9!!!!!!!!", "2^{2^{2^{2^{2^{2}}}}}", r"\binom{99999999}{49999999}"),
    *("{" * 3_000_000, "}" * 3_000_000, r"\boxed{" * 300_000, r"\frac{" * 100_000, "(" * 900 + "1" + ")" * 900, "1" * 5_000_000, "1+" * 400 + "1"),
    *(r"\int_0^1 e^{\sin(x^{3})\cos(x)} dx", r"\sum_{n=1}^{999999999} \sin(n)^{n}", r"\prod_{i=1}^{99999999} i", r"\sqrt{" * 39 + "2" + "}" * 39),
    *("the answer is " * 200_000, "$" * 1_000_000, "#### " * 500_000, "**" * 1_000_000, "(x+1)^{9999}(x-1)^{9999}", "=" * 200_000, "1,2;" * 400),
    *("__import__('os').system('sleep 9')", "1 if " * 500, r"\text{" * 300 + "x" + "}" * 300, "a b " * 400, "x^{" * 300 + "2" + "}" * 300),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    source: str
    gold: str
    text: str
    equal: bool
    options: tuple[str, ...] = ()
    whole: bool = True
    """Whether `text` is a solution, of which the final answer has to be found."""


@dataclass
class Score:
    agreed: int = 0
    of: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    wrongly_equal: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


def shared_pairs(folder: Path) -> Iterator[Labelled]:
    def rows(name: str) -> Iterator[dict[str, Any]]:
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    for row in rows("answer_equivalence_open"):
        yield Labelled("equivalence facts", row["gold"], row["pred"], row["equal"])
    for row in rows("gsm8k_model_solutions_labelled_open"):
        yield Labelled("GSM8K, labelled", row["ground_truth"], row["solution"], row["is_correct"])
    for row in rows("math_model_answers_scored_open"):
        yield Labelled("MATH, labelled", row["gold"], row["response"], row["is_correct"])
    for row in rows("math500_open"):
        yield Labelled("MATH-500, gold", row["answer"], row["solution"], True)
    for row in rows("gsm8k_test_open"):
        yield Labelled("GSM8K, gold", row["final"], row["answer"], True)
    for row in rows("aime24"):
        yield Labelled("AIME 2024, gold", str(row["answer"]), row["solution"], True)
    for row in rows("amc23"):
        yield Labelled("AMC 2023, as integer", str(row["answer"]), str(round(row["answer"])), True, whole=False)
    for row in rows("svamp_open"):
        yield Labelled("SVAMP, equations", str(row["Answer"]), row["Equation"], True, whole=False)
    for row in rows("aqua_rat_choice_open"):
        yield Labelled("AQuA, choices", row["correct"], row["rationale"], True, tuple(row["options"]))


def ours(pair: Labelled) -> Comparison:
    found = final_answer(pair.text) if pair.whole else None
    answer = pair.text if not pair.whole else found.text if found is not None else ""
    return compare_answers(pair.gold, answer, pair.options)


def plain_math_verify(pair: Labelled) -> bool:
    from math_verify import parse, verify

    try:
        return bool(verify(parse(_delimited(pair.gold)), parse(pair.text if pair.whole else _delimited(pair.text))))
    except Exception:  # its parsers raise many kinds; what they cannot compare is not equal to it
        return False


def _delimited(answer: str) -> str:
    """As math-verify wants LaTeX to be given."""
    return answer if "$" in answer or "boxed" in answer or not re.search(r"[\\^_]", answer) else f"${answer}$"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATAFLOW_SHARED_DATA", "")) / "math")
    parser.add_argument("--show", type=int, default=20, help="how many disagreements of ours to print")
    parser.add_argument("--skip-others", action="store_true", help="ours alone")
    options = parser.parse_args()
    labelled = [Labelled("our own pairs", pair.gold, pair.answer, pair.equal, whole=False) for pair in pairs()]
    if (options.data / "answer_equivalence_open.jsonl").is_file():
        labelled += shared_pairs(options.data)
    else:
        print(f"no public data in {options.data or 'DATAFLOW_SHARED_DATA'}: our own pairs alone")
    compare_answers("x+1", "1+x")  # starts the process
    score_of_ours = measured(labelled, lambda pair: ours(pair).equal, options.show)
    report("ours", score_of_ours, Counter(ours(pair).verdict for pair in labelled))
    if not options.skip_others:
        report("plain math-verify", measured(labelled, plain_math_verify, 0))
        report("string rules of the reference", measured(labelled, lambda pair: reference_answer_rules.same(pair.gold, pair.text), 0))
    hostile()


def measured(labelled: list[Labelled], equal: Callable[[Labelled], bool], show: int) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for pair in labelled:
        score = scores.setdefault(pair.source, Score())
        began = time.perf_counter()
        said = equal(pair)
        seconds = time.perf_counter() - began
        score.of += 1
        score.agreed += said == pair.equal
        score.wrongly_equal += said and not pair.equal
        score.seconds += seconds
        score.slowest = max(score.slowest, seconds)
        if said != pair.equal and show:
            show -= 1
            print(f"  {pair.source}: labelled {'equal' if pair.equal else 'different'}: {pair.gold[-60:]!r} | {pair.text[-70:]!r}")
    return scores


def report(name: str, scores: dict[str, Score], verdicts: Counter[str] | None = None) -> None:
    agreed, of = sum(score.agreed for score in scores.values()), sum(score.of for score in scores.values())
    seconds = sum(score.seconds for score in scores.values())
    slowest = max(score.slowest for score in scores.values())
    print(f"{name}: {agreed} of {of} agree, {agreed / of:.2%}; {of / seconds:,.0f} pairs/s, slowest {slowest:.2f} s", end="")
    print(f"; wrongly equal {sum(score.wrongly_equal for score in scores.values())}{f'; {dict(verdicts)}' if verdicts else ''}")
    for source, score in scores.items():
        print(f"    {source:<24}{score.agreed:>5} of {score.of:>5}   {score.agreed / score.of:.2%}")


def hostile() -> None:
    """No input takes over 2 s, as gold, as answer, or as a solution."""
    slowest = 0.0
    for number, text in enumerate(HOSTILE):
        for gold, answer in ((text, "1"), ("1", text), (text, text[1:] + "1")):
            for given in dict.fromkeys((answer, (final_answer(answer) or FinalAnswer("", "marker")).text)):
                began = time.perf_counter()
                compare_answers(gold, given)
                slowest = max(slowest, time.perf_counter() - began)
                compare_answers(f"x+{number}.5y", "y")  # where a process was ended, the next one starts here
    print(f"hostile inputs: {len(HOSTILE)}, each as gold, as answer and as both: slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
