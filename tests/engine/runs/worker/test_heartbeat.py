"""Heartbeats of a worker during one long update."""

from __future__ import annotations

import os
import threading

from engine.runs.messages import Heartbeat, Report
from engine.runs.worker.channel import receive, send
from engine.runs.worker.heartbeat import heartbeats
from tests.processes import wait_until


def test_heartbeats_end_with_the_run_and_never_interrupt_a_report():
    read, write = os.pipe()
    report = Report("running", 1, 0.0, reason="x" * 200_000)  # larger than the buffers of a pipe and a file
    found = []
    with os.fdopen(read, "rb") as reader:

        def read_all() -> None:
            try:
                while True:
                    found.append(receive(reader))
            except EOFError:
                pass

        thread = threading.Thread(target=read_all, daemon=True)
        thread.start()
        with os.fdopen(write, "wb") as out:
            with heartbeats(out, interval=0.001):
                wait_until(lambda: found)
                for _ in range(50):
                    send(out, report)
                wait_until(lambda: sum(isinstance(each, Report) for each in found) == 50)
            wait_until(lambda: not [each for each in threading.enumerate() if each.name == "heartbeats"])
        thread.join()
    assert {type(each) for each in found} == {Report, Heartbeat}
    assert all(each.reason == report.reason for each in found if isinstance(each, Report))


def test_heartbeats_end_when_the_server_has_ended():
    read, write = os.pipe()
    os.close(read)
    out = os.fdopen(write, "wb", buffering=0)
    with heartbeats(out, interval=0.001):
        wait_until(lambda: not [each for each in threading.enumerate() if each.name == "heartbeats"])
    out.close()
