"""Sends messages through a pipe between server and worker: the length, then the pickled message.

Pickle is safe here: a worker is a child process of the server, and no other process can write to its
pipes. The messages are in `engine.runs.messages`.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<I")


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message. Raises `BrokenPipeError` if the other end is closed."""
    body = pickle.dumps(message, protocol=5)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Wait for one message and return it. Raises `EOFError` if the other end is closed."""
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    return pickle.loads(_read_exactly(stream, length))


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError("the other end of the pipe is closed")
    return data
