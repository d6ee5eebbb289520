"""Parts of a stage on a Ray cluster: the worker processes of `operators.engine.processes`, on many machines.

A part is one task, which Ray gives to a free core and does again where its worker or its node ended. What a task reads and writes travels with it, so
that the nodes share no folder; only a warehouse that is a folder has to be seen by all of them, and a bucket is seen anyway.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from operators.engine.processes import ONE_THREAD, Message
from operators.tables.errors import ParameterError, Problem, StageFailed, first_line
from resources.temporary_folder import temporary_folder

ADDRESS = "RAY_ADDRESS"
"""Environment variable: the cluster, as Ray has it. Unset: the one that runs on this machine."""
RETRIES = 3
"""How often a task is done again whose worker or node ended."""
KNOCK_SECONDS = 10.0
RESULTS = ("kept", "aside", "sketch")
"""Files that a task makes: their places in its result."""


class RayProcesses:
    """As `Processes`: connected when first asked, and kept until `close`."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._task: Any = None
        self._connected = False
        """Whether it was this that connected the process to the cluster, and not its user."""

    @property
    def count(self) -> int:
        """Cores of the cluster."""
        self._connect()
        assert self._count is not None
        return self._count

    def answers(self, messages: Iterator[Message], what: Callable[[Message], str]) -> Iterator[Message]:
        """The answers in the order of the messages, of which few are taken before their turn.

        Raises:
            StageFailed: a task could not be finished: its workers ended again and again, or its node cannot read the table.
        """
        self._connect()
        under_way: deque[tuple[Any, Message]] = deque()
        try:
            for message in messages:
                under_way.append((self._sent(message), message))
                if len(under_way) > 2 * self.count:
                    yield self._received(*under_way.popleft(), what)
            while under_way:
                yield self._received(*under_way.popleft(), what)
        finally:
            for asked, _ in under_way:
                self._cancel(asked)

    def close(self) -> None:
        """Leave the cluster, where this joined it."""
        self._task = None
        if self._connected:
            self._connected = False
            _ray().shutdown()

    def _connect(self) -> None:
        if self._task is not None:
            return
        try:
            ray = _ray()
        except ImportError:
            problem = Problem("workers: ray needs Ray, which is not installed", suggestion="pip install 'dataflow-dagster[ray]'")
            raise ParameterError([problem]) from None
        if not ray.is_initialized():
            address = os.environ.get(ADDRESS) or "auto"
            try:
                knock(address)
                ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **_of_this_node())
            except (OSError, RuntimeError, ValueError) as error:
                place = "on this machine" if address == "auto" else f"at {address}"
                problem = Problem(
                    f"workers: ray found no Ray cluster {place}: {first_line(error)}",
                    suggestion=f"start one (ray start --head), or say where it is: {ADDRESS}=HOST:6379",
                )
                raise ParameterError([problem]) from None
            self._connected = True
        self._count = max(1, int(ray.cluster_resources().get("CPU", 1)))
        paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        variables = {**dict.fromkeys(ONE_THREAD, "1"), "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": paths}
        self._task = ray.remote(num_cpus=1, max_retries=RETRIES, runtime_env={"env_vars": variables})(_do)

    def _sent(self, message: Message) -> Any:
        files = {path: Path(path).read_bytes() for path in _files_read(message)}
        return self._task.remote(json.dumps(message), files)

    def _received(self, asked: Any, message: Message, what: Callable[[Message], str]) -> Message:
        ray = _ray()
        try:
            answered, files = ray.get(asked)
        except ray.exceptions.RayTaskError as error:
            raise StageFailed(f"On a node of the cluster this failed: {what(message)}: {error.cause or error}") from error
        except ray.exceptions.RayError as error:
            said = str(error).strip().splitlines()[0]
            raise StageFailed(
                f"Workers of the cluster ended {RETRIES + 1} times ({said}) while they did this: {what(message)}. If memory ran out, give each more "
                "of it; with workers: 1 this process does the work, and what ends it can be seen."
            ) from error
        answer: dict[str, Any] = json.loads(answered)
        for name, content in files.items():
            path = f"{message['files']}.{name}"
            Path(path).write_bytes(content)
            answer["result"][name] = path
        return answer

    def _cancel(self, asked: Any) -> None:
        ray = _ray()
        with contextlib.suppress(ray.exceptions.RayError):
            ray.cancel(asked, force=True)


def _ray() -> Any:
    """Imported when it is needed: it is large, and an extra."""
    return importlib.import_module("ray")


def knock(address: str) -> None:
    """Raises OSError where nobody listens at HOST:PORT: Ray itself tries for minutes. Other addresses ("auto", "ray://...") are Ray's to judge."""
    host, _, port = address.rpartition(":")
    if host and "/" not in host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS).close()


def _of_this_node() -> dict[str, Any]:
    """In a network of nothing but the loopback, Ray has to be told that this machine is there."""
    own = os.environ.get("RAY_NODE_IP_ADDRESS")
    return {"_node_ip_address": own} if own else {}


def _files_read(message: Message) -> list[str]:
    """Files that were written for a task alone. A table of the warehouse is read where it is."""
    location: Mapping[str, Any] = message.get("location") or {}
    return [*([str(location["path"])] if location.get("stored") == "arrow" else []), *([message["conclusion"]] if message.get("conclusion") else [])]


def _do(said: str, files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """What a worker of the cluster does: `dataflow_assets.running.worker` in a folder of its own."""
    from dataflow_assets.running.worker import answer

    message = json.loads(said)
    root = str(message.get("location", {}).get("root", ""))
    if root and "://" not in root and not Path(root).exists():
        why = f"the warehouse {root} cannot be seen from the node {socket.gethostname()}: put it in a folder that all nodes share, or in a bucket"
        return json.dumps({"cannot": f"{why} (DATAFLOW_WAREHOUSE=s3://...)."}), {}
    with temporary_folder("dataflow-part-") as folder:
        moved = {}
        for number, (path, content) in enumerate(files.items()):
            moved[path] = str(folder / f"read-{number}")
            Path(moved[path]).write_bytes(content)
        if "work" in message:
            location = message["location"]
            if location["stored"] == "arrow":
                message["location"] = {**location, "path": moved[location["path"]]}
            message["conclusion"] = moved.get(message["conclusion"], "")
            message["files"] = str(folder / "made")
        answered = dict(answer(message))
        made = {}
        if "result" in answered:
            result = dict(answered["result"])
            made = {name: Path(result[name]).read_bytes() for name in RESULTS if result[name]}
            answered["result"] = {**result, **dict.fromkeys(RESULTS, "")}
        return json.dumps(answered), made
