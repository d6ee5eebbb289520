"""The program of a worker process: it does parts of a stage, one after the other. `dataflow_assets.running.workers` starts and asks it."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from operators.core import registry
from operators.core.operator import Operator
from operators.engine.garbage import leave_out_what_is_loaded
from operators.engine.part_task import PartTask, open_arrow, run_part
from operators.engine.parts import Location
from operators.engine.processes import Message, serve
from operators.tables.errors import first_line
from operators.tables.storage import Storage
from resources.warehouse import open_location

OPENERS = {"arrow": open_arrow, "warehouse": open_location}


class CannotBuild(Exception):
    """This process does not know the operator."""


class OtherCode(Exception):
    """This process knows another version of the operator."""


def answer(message: Message) -> Message:
    """{"result": ...} of a task; {"ready": true} where only an operator is asked for; {"cannot": why} or {"differs": why} where it is another."""
    try:
        operator = _operator(json.dumps(message["operator"]), tuple(message["modules"]), message["fingerprint"])
    except CannotBuild as error:
        return {"cannot": str(error)}
    except OtherCode as error:
        return {"differs": str(error)}
    if "work" not in message:
        return {"ready": True}
    leave_out_what_is_loaded()
    task = PartTask.of(message)
    return {"result": run_part(task, operator, _open(json.dumps(task.location))).as_dict()}


@functools.lru_cache(maxsize=8)
def _operator(description: str, modules: Sequence[str], fingerprint: str) -> Operator:
    described: Mapping[str, Any] = json.loads(description)
    try:
        for module in modules:
            importlib.import_module(module)
        operator = registry.build(described)
    except Exception as error:  # whatever its modules raise when they are imported: the process that asks can do the work itself
        raise CannotBuild(first_line(error)) from error
    if operator.fingerprint() != fingerprint:
        raise OtherCode(
            f"{operator.name} has the fingerprint {operator.fingerprint()} in the worker process and {fingerprint} in the one that asks: its code "
            "was changed since the run began, or another installation is found there. Run again."
        )
    return operator


@functools.lru_cache(maxsize=2)
def _open(location: str) -> Storage:
    place: Location = json.loads(location)
    return OPENERS[place["stored"]](place)


if __name__ == "__main__":
    serve(answer)
