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

    thread = threading.Thread(target=write_all)  # the array is larger than a pipe holds
    thread.start()
    with os.fdopen(read, "rb") as stream:
        received = [receive(stream) for _ in messages]
        with pytest.raises(EOFError):
            receive(stream)
    thread.join()
    np.testing.assert_array_equal(received.pop(2), messages.pop(2))
    assert received == messages


def test_an_end_in_the_middle_of_a_message_is_an_end_and_no_half_message():
    whole = io.BytesIO()
    send(whole, {"costs": list(range(50))})
    for length in range(len(whole.getvalue())):
        with pytest.raises(EOFError):
            receive(io.BytesIO(whole.getvalue()[:length]))
    assert receive(io.BytesIO(whole.getvalue())) == {"costs": list(range(50))}


def test_to_send_to_a_reader_that_is_gone_raises():
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "wb")
    with pytest.raises(BrokenPipeError):
        send(stream, "anybody there?")
    with pytest.raises(BrokenPipeError):
        stream.close()  # what was not written cannot be now
