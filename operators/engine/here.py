"""Running an operator in this process, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.engine.batch import Batch
from operators.engine.promises import check_promise
from operators.engine.rows_reader import RowsReader
from operators.engine.run import Run
from operators.engine.waiting import run_waiting
from operators.tables.storage import DEFAULT_BATCH_ROWS


def run_here(run: Run, given: Mapping[str, Any]) -> None:
    """`given`: the resources, by what the operator calls them."""
    operator = run.operator
    if operator.scope == "table":
        for processed in operator.process_table([RowsReader(operator, storage) for storage in run.inputs], given):
            run.finish_of_table(processed)
        run.end_of_tables()
    elif operator.asynchronous:
        run_waiting(run, given)
    else:
        for rows in run.inputs[0].batches(size=DEFAULT_BATCH_ROWS):
            batch = Batch(rows)
            processed = operator.process(batch, given)
            check_promise(operator, batch, processed)
            run.finish(processed, len(batch))
