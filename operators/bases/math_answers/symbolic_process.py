"""A process that compares formulas, one after the other, each in so much processor time. `comparing` starts it and ends it."""

from __future__ import annotations

import logging
import resource
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from operators.bases.math_answers.symbolic import compare_formulas
from operators.engine.processes import serve

_MEMORY: Final = 2 * 1024**3


class _OutOfTime(BaseException):
    """No Exception: sympy and math-verify swallow those."""


def answer(message: Mapping[str, Any]) -> Mapping[str, Any]:
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(began) + 2, resource.RLIM_INFINITY))  # ends loops that no signal of Python's reaches
    over = False
    try:
        signal.setitimer(signal.ITIMER_PROF, message["seconds"], 0.05)
        try:
            verdict, reason = compare_formulas(message["gold"], message["answer"], message["relation"], message["rounded"])
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _OutOfTime:
        verdict, reason, over = "cannot tell", "out of time", True
    except MemoryError:
        verdict, reason = "cannot tell", "not decided in 2 GB of memory"
    except Exception as error:  # of sympy or the parser, of which there are many: what they cannot do is not decided, and says why
        verdict, reason = "cannot tell", f"not decided: {type(error).__name__}"
    return {"verdict": verdict, "reason": reason, "over": over, "seconds": time.process_time() - began}


def _out_of_time(*_: Any) -> NoReturn:
    raise _OutOfTime


def main() -> None:
    logging.disable(logging.CRITICAL)
    sys.setrecursionlimit(2000)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGPROF, _out_of_time)
    compare_formulas("x", "y", False)  # loads sympy and the grammar before the first question
    serve(answer)


if __name__ == "__main__":
    main()
