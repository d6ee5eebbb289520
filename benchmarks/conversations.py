"""What is read of published conversations, and what of it is well formed: `python -m benchmarks.conversations`.

The files are those of DATAFLOW_SHARED_DATA (see web_pages.py).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from operators.tables.files import FileStorage
from operators.text.answers.rule_set import answer_checks
from operators.text.messages.convert import ConvertMessages
from operators.text.messages.each_turn import EachTurn
from operators.text.messages.valid import ValidMessagesFilter

DATA = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
FILES = {
    "tools/glaive_toolcall_en_open.jsonl": "conversations",
    "tools/glaive_toolcall_zh_open.jsonl": "conversations",
    "tools/reason_tool_use.jsonl": "messages",
    "tools/tau_airline_trajectories_reward_open.jsonl.gz": "messages",
    "dialogue/sharegpt_format_dummy_open.jsonl": "conversations",
    "dialogue/dpo_en_pairs_open.jsonl": "conversations",
}
PROMPTS = ("tau", "dpo")
"""Whose conversations end with the user."""


def main() -> None:
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there: set DATAFLOW_SHARED_DATA to a folder with {', '.join(FILES)}.")
    for file, column in FILES.items():
        table = FileStorage(str(DATA / file)).read([column])
        started = time.perf_counter()
        read = ConvertMessages(max_failed=1).run(table, input_messages=column, output_messages="converted", progress=False)
        ends_with_user = any(part in file for part in PROMPTS)
        valid = ValidMessagesFilter(assistant_last=not ends_with_user).run(table, input_messages=column, progress=False)
        answers = EachTurn(*answer_checks(), roles=("assistant",), max_failed=1).run(valid.table, input_messages=column, progress=False)
        seconds = time.perf_counter() - started
        print(
            f"{file}: {table.num_rows} rows, {read.rows_out} read, {valid.rows_out} well formed, {answers.rows_out} pass the checks ({seconds:.1f} s)"
        )
        for reason, count in Counter(valid.rejected.column("rejected_reason").to_pylist()).most_common(3):
            print(f"    {count} {reason}")


if __name__ == "__main__":
    main()
