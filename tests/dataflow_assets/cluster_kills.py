"""kill -9 of a process of a run on a cluster, at a drawn moment, and what is found afterwards. For `benchmarks.kill_cluster` and its test."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from resources.warehouse.objects import layout
from tests.dataflow_assets.found_after_kill import differences, left_behind, left_running, twice, versions
from tests.dataflow_assets.killed_cluster import IN_FLIGHT, RESULT, ROWS, TABLES, Made, Run, TooEarly, World, kill
from tests.resources.objects.hostile_proxy import Deed

TRIES = 4

Victim: TypeAlias = Literal["worker", "node", "driver", "gateway", "publisher"]
Put: TypeAlias = Literal["before", "amid", "after"]


@dataclass(frozen=True)
class Outcome:
    """What was killed when, and what was found afterwards."""

    victim: Victim
    when: str
    seconds: float
    """From the kill to the end of the run, or of the one that was started again."""
    asked_again: int
    """Questions that the server was asked more than once."""
    in_flight: int
    """Answers that were not yet kept when the gateway was killed; 0 for the others, after whose kill nothing may be asked again."""
    versions: int
    """That were read right after the kill."""
    faults: tuple[str, ...]
    """What should not be: rows that differ, ids that are there twice, versions that cannot be read, what was left behind."""


def killed(world: World, name: str, victim: Victim, share: float, draw: random.Random, whole: Run, expected: Made) -> Outcome:
    """Kill at this share (0 to 1) of the time in which `whole`, a run that was not killed, had work for the victim; at half of it where a run ended
    before. `expected` is what `whole` made."""
    for attempt in range(TRIES):
        try:
            return _killed_once(world, f"{name}-{attempt}", victim, share / 2**attempt, draw, whole, expected)
        except TooEarly:
            continue
    raise AssertionError(f"{name}: the run ended {TRIES} times before its {victim} could be killed.")


def _killed_once(world: World, name: str, victim: Victim, share: float, draw: random.Random, whole: Run, expected: Made) -> Outcome:
    run = Run(world, name)
    try:
        run.start_gateway()
        deed = _Kill(run, whole, share, draw)
        deed.prepare(victim)
        run.start()
        when, lost, started = deed.strike(victim)
        struck = time.monotonic()
        read, faults = 0, list[str]()
        if victim in ("driver", "publisher"):
            faults += left_running(started)
            read, found = versions(run.address, expected)
            faults += found
            run.at_put = lambda number, key: "pass"
            run.start()
        elif victim == "gateway":
            read, faults = versions(run.address, expected)
        if run.wait():
            when += ", stopped"
        took = time.monotonic() - struck
        faults += differences(run.made(), expected) + twice(run.address) + left_behind(run)
        if run.asked_again() > lost:
            faults.append(f"{run.asked_again()} questions were asked again, and {lost} answers were lost")
        if lost > IN_FLIGHT:
            faults.append(f"{lost} answers were in flight, of {IN_FLIGHT} that may be")
        return Outcome(victim, when, took, run.asked_again(), lost, read, tuple(faults))
    finally:
        run.close()
        if victim == "node":
            from tests.dataflow_assets.on_ray import add_node

            add_node()


@dataclass
class _Kill:
    """Waits for a moment, and kills."""

    run: Run
    whole: Run
    share: float
    draw: random.Random
    put: int = 0
    how: Put = "amid"
    key: str = ""
    struck: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    started: list[int] = field(default_factory=list)

    def prepare(self, victim: Victim) -> None:
        """What has to be known before the run starts."""
        if victim == "publisher":
            self.put = 1 + int(self.share * len(self.whole.puts))
            self.how = self.draw.choice(("before", "amid", "after"))
            self.run.at_put = self._at_put

    def strike(self, victim: Victim) -> tuple[str, int, list[int]]:
        """When; how many answers were lost; what the victim had started."""
        run, published = self.run, self.whole.published
        if victim == "publisher":
            run.until(self.struck.is_set)
            assert self.done.wait(60)
            return f"{self.how} put {self.put} of {len(self.whole.puts)}, {_shortened(self.key)}", 0, self.started
        if victim == "driver":
            after = self.share * (published[RESULT] - self.whole.began)
            run.until(lambda: run.began > 0 and time.monotonic() >= run.began + after)
            return f"after {after:.1f} s, {self._stage()}", 0, run.kill_driver()
        if victim == "gateway":
            requests = 1 + int(self.share * (ROWS // 100))
            run.until(lambda: run.world.server.counts.requests >= requests)
            return f"after {requests} questions", run.kill_gateway(), []
        after = self.share * (published["some"] - published["clean"])
        run.until(lambda: "clean" in run.published and time.monotonic() >= run.published["clean"] + after and bool(run.busy_workers()))
        when = f"after {after:.1f} s of the stage, {self._stage()}"
        if victim == "node":
            from tests.dataflow_assets.on_ray import raylets

            kill(raylets()[-1])
        else:
            kill(self.draw.choice(sorted(run.busy_workers())))
        return when, 0, []

    def _at_put(self, number: int, key: str) -> Deed:
        """In the thread of the proxy that has the request; the others wait meanwhile."""
        if number != self.put:
            return "pass"
        self.key = key
        if self.how == "after":
            threading.Timer(self.draw.uniform(0.005, 0.1), self._kill_publisher).start()
            return "pass"
        self._kill_publisher()
        return "pass" if self.how == "amid" else "500"

    def _kill_publisher(self) -> None:
        self.struck.set()
        self.started = self.run.kill_driver()
        self.done.set()

    def _stage(self) -> str:
        """Which table was being made."""
        return next((table for table in TABLES if table not in self.run.published), "export")


def _shortened(key: str) -> str:
    """CURRENT of rate; rows-0.parquet of rate; a pin."""
    parts = key.split("/")
    return f"{parts[-1]} of {parts[2]}" if parts[0] in (layout.CURRENT, layout.VERSIONS) else f"a {parts[0].removesuffix('s')}"
