"""Messages between the processes: JSON with its length in front, over a stream socket."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
MOST_BYTES = 64_000_000
"""Longest message."""


class Ended(BaseException):
    """The other side is gone. No `except Exception` of a program or a test takes it for an error of theirs."""


def encoded(message: Any) -> bytes:
    data = json.dumps(message, separators=(",", ":")).encode()
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data):,} bytes are more than one message can hold ({MOST_BYTES:,})")
    return LENGTH.pack(len(data)) + data


def send(connection: socket.socket, message: Any) -> None:
    try:
        connection.sendall(encoded(message))
    except (BrokenPipeError, ConnectionResetError):
        raise Ended from None


def receive(connection: socket.socket) -> Any:
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size))
    if length > MOST_BYTES:
        raise Ended
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = connection.recv(min(count, 1 << 20))
        except ConnectionResetError:
            raise Ended from None
        if not part:
            raise Ended
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
