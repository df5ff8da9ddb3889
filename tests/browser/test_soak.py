"""A server in use for some rounds keeps no processes, threads or files open; `benchmarks.soak` does it for longer."""

from __future__ import annotations

import os

import pytest

from benchmarks.soak import ALLOWED_COUNTS, Sample, take_sample, visited_server
from tests.browser.board import until
from tests.browser.server_log import log_errors

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux has /proc"),
]

FIRST_ROUNDS, LATER_ROUNDS = 2, 2  # each round has eight runs and opens seven pages


def test_rounds_of_use_leave_no_process_thread_or_file_open(chromium):
    with visited_server(chromium, filled=0) as (visitor, server, _):

        def rest_after(first: int, rounds: int) -> Sample:
            for number in range(first, first + rounds):
                try:
                    visitor.use_all(number)
                except Exception as error:
                    error.add_note(f"round {number}, at {visitor.page_text()}")
                    raise
            visitor.wait_for_rest()
            return take_sample(server.process.pid)

        early = rest_after(0, FIRST_ROUNDS)
        rest_after(FIRST_ROUNDS, LATER_ROUNDS)

        def is_as_before() -> bool:
            late = take_sample(server.process.pid)
            return (
                late.processes <= early.processes
                and late.threads <= early.threads + ALLOWED_COUNTS["threads"]
                and late.files <= early.files + ALLOWED_COUNTS["files"]
            )

        until(is_as_before, f"the server uses no more than {early}")
        assert visitor.errors == []
        assert log_errors(server.output()) == []
