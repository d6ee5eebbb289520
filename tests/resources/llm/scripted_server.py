"""A server on the loopback interface that answers each question with the bytes that a test wrote for it, down to the wire: anything a peer can do."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Step: TypeAlias = "bytes | float"
"""Bytes to send, or seconds to wait. After the last step of a list the connection is closed."""
Said: TypeAlias = "bytes | Sequence[Step]"
"""A whole HTTP answer, after which the connection stays open; or steps."""
Behaviour: TypeAlias = "Said | Callable[[dict[str, Any]], Said]"
"""What is said to a question, or what finds it out from the JSON of the request."""


def http(status: int, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """An HTTP answer; `body` is sent as it is if it is bytes, else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    return f"HTTP/1.1 {status} Said\r\n".encode() + "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n" + content


def completion(content: Any = "an answer", finish_reason: Any = "stop", **further: Any) -> dict[str, Any]:
    """A chat completion. `message` replaces or adds fields of its message; other names those of the completion."""
    message = {"role": "assistant", "content": content, **further.pop("message", {})}
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason, **further.pop("choice", {})}
    return {"id": "x", "object": "chat.completion", "model": "mock", "choices": [choice], "usage": usage, **further}


def good_answer(body: dict[str, Any]) -> bytes:
    """What every question is answered that nothing was written for."""
    if "messages" not in body:
        return http(404, {"error": {"message": "no such thing"}})
    return http(200, completion(f"good answer to {question_of(body)}"))


def question_of(body: dict[str, Any]) -> str:
    """The text of the first message of the user."""
    return next(str(message["content"]) for message in body["messages"] if message["role"] == "user")


@dataclass(slots=True)
class ScriptedServer:
    behaviours: dict[str, Behaviour]
    """By question. A path (`/v1/models`) stands for a GET of it."""
    otherwise: Behaviour = good_answer
    address: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
        content = await reader.readexactly(length) if length else b""
        self.headers.append(head)
        method, path = head.split(" ")[:2]
        body = json.loads(content) if content else {}
        question = path if method == "GET" else question_of(body) if "messages" in body else path
        self.bodies.append(body)
        self.asked[question] += 1
        behaviour = self.behaviours.get(question, self.otherwise)
        said = behaviour(body) if callable(behaviour) else behaviour
        if isinstance(said, bytes):
            writer.write(said)
            await writer.drain()
            return True
        for step in said:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            else:
                await asyncio.sleep(step)
        return False


@contextmanager
def running(behaviours: dict[str, Behaviour] | None = None, otherwise: Behaviour = good_answer) -> Iterator[ScriptedServer]:
    """The server in a thread of this process, on a free port."""
    server, loop, started = ScriptedServer(behaviours or {}, otherwise), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 26, backlog=1024)
        server.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(60)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def writings_of(secret: str) -> dict[str, str]:
    """A secret as somebody might send it back."""
    half = len(secret) // 2
    encoded = base64.b64encode(secret.encode()).decode()
    return {
        "whole": secret,
        "first half": secret[:half],
        "second half": secret[half:],
        "base64": encoded,
        "base64 of half": base64.b64encode(secret[:half].encode()).decode(),
        "base64 of a header": base64.b64encode(f"Bearer {secret}".encode()).decode(),
        "base64 for URLs": base64.urlsafe_b64encode(f"x{secret}".encode()).decode(),
        "URL-encoded": "".join(f"%{byte:02X}" for byte in secret.encode()),
        "in hexadecimal": secret.encode().hex(),
        "in capitals": secret.upper(),
        "backwards": secret[::-1],
        "in JSON": json.dumps({"headers": {"Authorization": f"Bearer {secret}"}}),
    }
