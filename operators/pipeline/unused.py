"""What a pipeline has and `forward` makes no use of: stages that it never calls, results and sources that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from operators.pipeline.handle import Handle, Recorder
from operators.tables.errors import Problem


def unused_parts(pipeline: str, stages: Iterable[str], recorder: Recorder, returned: Sequence[Handle], sources: Sequence[Handle]) -> list[Problem]:
    """A problem for each. Where `forward` was not recorded to its end, only what it never called is told, and where it did nothing, nothing is."""
    if not recorder.stages and not returned:
        return []
    problems = [
        Problem("the stage is never used in forward", f"{pipeline}.{name}", suggestion=f"call self.{name}(...) in forward, or remove it")
        for name in stages
        if name not in recorder.called
    ]
    if not returned:
        return problems
    problems += [
        Problem("nothing uses the result of the stage", f"{pipeline}.{stage.name}", (("at", stage.location),), "pass it on, or return it as well")
        for stage in recorder.stages
        if stage.name not in recorder.used
    ]
    problems += [
        Problem(f'forward never uses the source "{source.name}"', pipeline, suggestion="give it to a stage, or leave it out of forward's arguments")
        for source in sources
        if source.name not in recorder.used
    ]
    return problems
