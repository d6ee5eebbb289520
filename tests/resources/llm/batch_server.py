"""An OpenAI-compatible Batch API for tests: files, batches, their states, partial files of errors. It counts what it would have been paid for.

`python -m tests.resources.llm.batch_server` runs it alone: it prints its address, and GET /counts tells what was counted.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(slots=True)
class BatchFaults:
    validating_seconds: float = 0.02
    working_seconds: float = 0.05
    held: bool = False
    """No batch ends before this is False."""
    fail_validation: bool = False
    expire_after: int | None = None
    """The first batch expires with so many requests answered."""
    lose_creations: int = 0
    """So many times a batch is created, and the connection then cut before the answer."""
    refuse: dict[str, int] = field(default_factory=dict)
    """Prompts whose line gets this HTTP status instead of an answer; each once."""
    api_key: str | None = None
    spelling: dict[str, str] = field(default_factory=dict)
    """How a status is told, where not in OpenAI's word."""
    within: str = ""
    """The field of the answer to a creation that holds the batch; then batches are listed without an object around them."""
    unreadable_creations: int = 0
    """So many times a batch is created, and the answer holds no batch."""
    short_downloads: int = 0
    """So many times a file is sent without its last 40 bytes."""
    edit: Callable[[bytes], bytes] = bytes
    """Of a file as it is sent."""


class BatchServer:
    def __init__(self, faults: BatchFaults | None = None) -> None:
        self.faults = faults or BatchFaults()
        self.address = ""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.answered: Counter[str] = Counter()
        """By prompt, how often it was computed: what is paid."""
        self.sizes: list[int] = []
        """Requests of each batch."""

    def application(self) -> web.Application:
        application = web.Application(client_max_size=1 << 28)
        application.add_routes(
            [
                web.post("/v1/files", self._upload),
                web.get("/v1/files/{id}/content", self._content),
                web.post("/v1/batches", self._create),
                web.get("/v1/batches", self._list),
                web.get("/v1/batches/{id}", self._retrieve),
                web.get("/counts", self._counts),
            ]
        )
        return application

    async def start(self) -> web.AppRunner:
        runner = web.AppRunner(self.application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return runner

    def _refused(self, request: web.Request) -> web.Response | None:
        key = self.faults.api_key
        if key is None or request.headers.get("Authorization") == f"Bearer {key}":
            return None
        return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")

    async def _upload(self, request: web.Request) -> web.Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        form = await request.post()
        if form["purpose"] != "batch":
            return _error(400, "purpose should be batch")
        file: Any = form["file"]
        name = f"file-{len(self.files)}"
        self.files[name] = file.file.read()
        return web.json_response(
            {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": file.filename, "purpose": "batch", "status": "processed"}
        )

    async def _content(self, request: web.Request) -> web.Response:
        content = self.faults.edit(self.files[request.match_info["id"]])
        if self.faults.short_downloads:
            self.faults.short_downloads -= 1
            content = content[:-40]
        return web.Response(body=content)

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["endpoint"] == "/v1/chat/completions"
        assert body["completion_window"] == "24h"
        name = f"batch_{len(self.batches)}"
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        assert len({line["custom_id"] for line in lines}) == len(lines), "custom_id is not unique"
        self.sizes.append(len(lines))
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "created_at": int(time.time()),
            "metadata": body.get("metadata"),
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }
        asyncio.get_running_loop().create_task(self._work(self.batches[name], lines))
        if self.faults.lose_creations:
            self.faults.lose_creations -= 1
            assert request.transport is not None
            request.transport.abort()
        if self.faults.unreadable_creations:
            self.faults.unreadable_creations -= 1
            return web.json_response({"warning": "it is being made"})
        return web.json_response({self.faults.within: self._told(name)} if self.faults.within else self._told(name))

    def _told(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        return {**batch, "status": self.faults.spelling.get(batch["status"], batch["status"])}

    async def _list(self, request: web.Request) -> web.Response:
        newest_first = list(reversed(self.batches.values()))
        after, limit = request.query.get("after"), int(request.query.get("limit", "20"))
        start = 1 + next((index for index, batch in enumerate(newest_first) if batch["id"] == after), -1)
        page = newest_first[start : start + limit]
        if self.faults.within:
            return web.json_response(newest_first)
        return web.json_response({"object": "list", "data": page, "has_more": start + limit < len(newest_first)})

    async def _retrieve(self, request: web.Request) -> web.Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        return web.json_response(self._told(request.match_info["id"]))

    async def _counts(self, request: web.Request) -> web.Response:
        return web.json_response({"batches": len(self.batches), "sizes": self.sizes, "answered": self.answered})

    async def _work(self, batch: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        faults = self.faults
        await asyncio.sleep(faults.validating_seconds)
        if faults.fail_validation:
            message = {"code": "invalid_json_line", "message": "Line 1 is not what it should be.", "line": 1, "param": None}
            batch.update(status="failed", errors={"object": "list", "data": [message]})
            return
        batch["status"] = "in_progress"
        await asyncio.sleep(faults.working_seconds)
        while faults.held:
            await asyncio.sleep(0.01)
        turn, faults.expire_after = faults.expire_after, None
        done = lines if turn is None else lines[:turn]
        answers, errors = [], []
        for line in reversed(done):  # the order of the answers is not promised
            status = faults.refuse.pop(line["body"]["messages"][-1]["content"], 200)
            (answers if status == 200 else errors).append(self._line(line, status))
        for line in lines[len(done) :]:
            fault = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
            errors.append({"id": "x", "custom_id": line["custom_id"], "response": None, "error": fault})
        for kind, entries in (("output", answers), ("error", errors)):
            if entries:
                name = f"{batch['id']}-{kind}"
                self.files[name] = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
                batch[f"{kind}_file_id"] = name
        batch.update(status="completed" if turn is None else "expired", completed_at=int(time.time()))

    def _line(self, line: dict[str, Any], status: int) -> dict[str, Any]:
        prompt = line["body"]["messages"][-1]["content"]
        body: dict[str, Any] = {"error": {"message": f"no answer to {prompt}", "code": "no"}}
        if status == 200:
            self.answered[prompt] += 1
            message = {"role": "assistant", "content": f"answer to {prompt}"}
            usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = {"id": "c", "object": "chat.completion", "model": line["body"]["model"], "choices": [choice], "usage": usage}
        return {"id": "x", "custom_id": line["custom_id"], "response": {"status_code": status, "request_id": "r", "body": body}, "error": None}


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": "no"}}, status=status)


@contextmanager
def running(faults: BatchFaults | None = None) -> Iterator[BatchServer]:
    """The server in a thread of its own, for as long as the context lasts."""
    server, loop, started = BatchServer(faults), asyncio.new_event_loop(), threading.Event()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(server.start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    started.wait(60)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


if __name__ == "__main__":
    with running(BatchFaults(working_seconds=1.0)) as alone:
        print(alone.address, flush=True)
        threading.Event().wait()
