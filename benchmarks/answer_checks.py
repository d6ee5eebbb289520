"""How many good pairs the checks of answers lose, and how many bad ones they catch: `python -m benchmarks.answer_checks`."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from benchmarks.answer_pairs import BAD, GOOD, Pair
from dataflow_assets.pipelines.sft_filter import SftFilter
from operators import MemoryStorage


def dropped(pairs: Sequence[Pair]) -> dict[int, str]:
    """Place of a pair -> why the rules of `sft_filter` drop it: those before a language model is asked."""
    rows = pa.table({name: [getattr(pair, name) for pair in pairs] for name in ("instruction", "output", "input")})
    rows = rows.append_column("row_id", pa.array([str(place) for place in range(len(pairs))]))
    pipeline = SftFilter()
    reasons: dict[int, str] = {}
    table = MemoryStorage(rows)
    stages = [(pipeline.clean, {}), (pipeline.asked, {"input_text": "instruction"}), (pipeline.answered, {})]
    for operator, columns in stages:
        kept, aside = MemoryStorage(), MemoryStorage()
        operator.run(table, into=kept, rejected=aside, **columns)
        reasons |= {int(row["row_id"]): f"{row['rejected_by']}: {row['rejected_reason']}" for row in aside.read().to_pylist()}
        table = kept
    return reasons


def main() -> None:
    lost, caught = dropped(GOOD), dropped(BAD)
    for place, reason in lost.items():
        print(f"lost    {GOOD[place].instruction[:60]!r} {GOOD[place].output[:60]!r}  {reason}")
    for place, pair in enumerate(BAD):
        print(f"{'caught' if place in caught else 'MISSED':<7} {pair.wrong:<28} {pair.output[:50]!r}  {caught.get(place, '')[:80]}")
    print(
        f"\ngood pairs lost: {len(lost)} of {len(GOOD)}; bad pairs caught: {len(caught)} of {len(BAD)}, of {len({pair.wrong for pair in BAD})} kinds"
    )


if __name__ == "__main__":
    main()
