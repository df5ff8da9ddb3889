"""Messages between the server and its workers: a length, then the pickled message, over a pipe.

Pickle, because a message carries NumPy arrays and both ends are this program: a worker is a child
that the server itself started, and nobody else can write to its pipes.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<I")


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message. Raises `OSError` (`BrokenPipeError`) when the other end is gone."""
    body = pickle.dumps(message, protocol=5)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Wait for one message. Raises `EOFError` when the other end is gone, also in mid-message."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return pickle.loads(_exactly(stream, length))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError("the other end of the pipe is gone")
    return data
