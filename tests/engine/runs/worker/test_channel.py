from __future__ import annotations

import io
import os
import threading

import numpy as np
import pytest

from engine.runs.worker.channel import receive, send


def test_messages_arrive_whole_and_in_order_through_a_real_pipe():
    read, write = os.pipe()
    messages = [None, {"step": 3}, np.arange(200_000), "λ", b""]

    def write_all() -> None:
        with os.fdopen(write, "wb") as stream:
            for message in messages:
                send(stream, message)

    thread = threading.Thread(target=write_all)  # the array is larger than the buffer of a pipe
    thread.start()
    with os.fdopen(read, "rb") as stream:
        received = [receive(stream) for _ in messages]
        with pytest.raises(EOFError):
            receive(stream)
    thread.join()
    np.testing.assert_array_equal(received.pop(2), messages.pop(2))
    assert received == messages


def test_a_truncated_message_raises_eof():
    complete = io.BytesIO()
    send(complete, {"costs": list(range(50))})
    for length in range(len(complete.getvalue())):
        with pytest.raises(EOFError):
            receive(io.BytesIO(complete.getvalue()[:length]))
    assert receive(io.BytesIO(complete.getvalue())) == {"costs": list(range(50))}


def test_sending_to_a_closed_pipe_raises():
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "wb")
    with pytest.raises(BrokenPipeError):
        send(stream, "a message")
    with pytest.raises(BrokenPipeError):
        stream.close()  # the buffered bytes cannot be written
