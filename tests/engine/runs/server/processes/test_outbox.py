"""Commands to a worker: senders never wait for a worker that does not read, and the queue is bounded."""

from __future__ import annotations

import os
import threading

import pytest

from engine.runs.messages import Command, Verb
from engine.runs.server.processes.outbox import MAX_WAITING, Outbox
from engine.runs.worker.channel import receive
from tests.processes import wait_until

LARGE_COMMAND = Command(Verb.START, b"x" * 1_000_000, 1)  # more than a pipe can buffer


@pytest.fixture
def pipe():
    """The two ends of a pipe without a reader."""
    out, into = os.pipe()
    reader, writer = os.fdopen(out, "rb"), os.fdopen(into, "wb")
    yield reader, writer
    reader.close()


@pytest.fixture
def blocked(pipe):
    """An outbox whose thread blocks in a write, and the other end of its pipe."""
    reader, writer = pipe
    outbox = Outbox(writer)
    outbox.put(LARGE_COMMAND)
    wait_until(lambda: len(outbox) == 0)
    yield outbox, reader
    outbox.close()


def read_all(outbox, reader):
    """Read all commands to the end, as a worker does when it continues."""
    outbox.close()
    found = []
    try:
        while True:
            found.append(receive(reader))
    except EOFError:
        return found


def test_commands_arrive_in_order_and_then_the_pipe_is_closed(pipe):
    reader, writer = pipe
    outbox = Outbox(writer)
    commands = [Command(Verb.STEP, None, number) for number in range(50)]
    assert all(outbox.put(each) for each in commands)
    assert read_all(outbox, reader) == commands
    wait_until(lambda: writer.closed)


def test_only_the_newest_setting_waits_and_numbers_never_decrease(blocked):
    outbox, reader = blocked
    for number in range(2, 3_000):
        outbox.put(Command(Verb.WATCH, ("weights",) * (number % 2), number))
        outbox.put(Command(Verb.PACE, float(number), number))
    outbox.put(Command(Verb.CHANGE, {"l2": 1.0}, 3_000))
    outbox.put(Command(Verb.WATCH, ("recent_masks",), 3_000))
    assert len(outbox) == 3
    found = read_all(outbox, reader)
    assert [(each.verb, each.number) for each in found] == [
        (Verb.START, 1),
        (Verb.PACE, 2_999),
        (Verb.CHANGE, 3_000),
        (Verb.WATCH, 3_000),
    ]
    assert found[-1].value == ("recent_masks",)


def test_only_the_last_of_adjacent_pauses_and_resumes_waits(blocked):
    outbox, reader = blocked
    for number in range(2, 5_000):
        assert outbox.put(Command(Verb.PAUSE if number % 2 else Verb.RESUME, None, number))
    outbox.put(Command(Verb.STEP, None, 5_000))
    outbox.put(Command(Verb.RESUME, None, 5_001))
    found = read_all(outbox, reader)
    assert [(each.verb, each.number) for each in found[1:]] == [
        (Verb.PAUSE, 4_999),
        (Verb.STEP, 5_000),
        (Verb.RESUME, 5_001),
    ]


def test_orders_beyond_the_limit_are_refused(blocked):
    outbox, _ = blocked
    assert all(outbox.put(Command(Verb.STEP, None, number)) for number in range(MAX_WAITING))
    assert not outbox.put(Command(Verb.STEP, None, MAX_WAITING))
    assert len(outbox) == MAX_WAITING


def test_closing_does_not_wait_and_the_thread_ends_with_the_reader(blocked):
    outbox, reader = blocked
    threads = [thread for thread in threading.enumerate() if thread.name == "outbox"]
    outbox.close()
    assert any(thread.is_alive() for thread in threads)
    reader.close()
    wait_until(lambda: not any(thread.is_alive() for thread in threads))
