"""The worker process: `python -m engine.runs.worker`.

It is a new interpreter that imports only NumPy and the engine. Commands come from standard input, reports go
to standard output.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import BinaryIO

from engine.learning.rollback import Diverged
from engine.runs import states
from engine.runs.messages import Command, Heartbeat, Report
from engine.runs.worker.broken import end_of
from engine.runs.worker.channel import receive, send
from engine.runs.worker.heartbeat import heartbeats
from engine.runs.worker.threads import BlasThreads
from engine.runs.worker.worker import Worker


def read_commands(stream: BinaryIO, commands: queue.SimpleQueue[Command]) -> None:
    """Put the commands of a stream into a queue; end the process when the server closes the stream."""
    try:
        while True:
            commands.put(receive(stream))
    except (EOFError, OSError):
        os._exit(0)


def serve(
    report_stream: BinaryIO,
    commands: queue.SimpleQueue[Command],
    set_threads: Callable[[int], None] = lambda threads: None,
) -> None:
    """Wait for a run and train it to its end. Errors are reported to the server and not raised."""
    start_command = commands.get()
    with heartbeats(report_stream):
        train_run(start_command, report_stream, commands, set_threads)


def train_run(
    start_command: Command,
    report_stream: BinaryIO,
    commands: queue.SimpleQueue[Command],
    set_threads: Callable[[int], None],
) -> None:
    """Train the run of a start command to its end; see `serve`."""
    worker: Worker | None = None
    try:
        worker = Worker(start_command.value, report_stream, set_threads)
        worker.apply(Command(start_command.value.first_order, number=start_command.number))
        while worker.state not in states.FINAL:
            wait = 0.0
            if worker.state == states.RUNNING:
                wait = worker.train_slice()
            if worker.state in states.FINAL:
                break
            try:
                is_idle = worker.state != states.RUNNING
                timeout = worker.write_if_due() if is_idle else wait
                command = commands.get(timeout=timeout) if is_idle or wait else commands.get_nowait()
                worker.apply(command)
            except queue.Empty:
                pass
    except Diverged as error:
        assert worker is not None
        worker.end_diverged(error)
    except Exception as error:
        # the outermost handler of the process; the page shows the error
        traceback.print_exc()
        state, reason = end_of(error, start_command.value, worker)
        step = worker.training.step if worker else 0
        send(
            report_stream,
            Report(state=state, step=step, steps_per_second=0.0, orders_applied=start_command.number, reason=reason),
        )
    finally:
        if worker is not None and worker.journal is not None:
            if worker.state in states.FINAL:
                worker.finish_writing()
            worker.journal.close()


def main() -> None:
    """Serve one run over standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the server closes the standard input of this process
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    report_stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # printed text must not mix with reports
    threading.Thread(target=read_commands, args=(sys.stdin.buffer, commands), daemon=True).start()
    threads = BlasThreads()
    gc.freeze()
    send(report_stream, Heartbeat())  # ready; see `Process.ready`
    serve(report_stream, commands, threads.set_count)
    sys.stderr.flush()
    os._exit(0)  # a normal exit would wait for the thread that reads standard input


if __name__ == "__main__":
    main()
