"""The warning that a server answers other machines."""

from __future__ import annotations

import pytest

from dashboard.access.exposure import exposure_warning
from tests.dashboard.access.open_server import open_server
from tests.processes import wait_until


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "192.168.1.5", "lab.example.org"])
def test_there_is_a_warning_for_a_server_that_answers_other_machines(address):
    warning = exposure_warning(address, 8600)
    for words in ("Warning", address or "all addresses", "8600", "no login", "delete all runs", "docs/serving.md"):
        assert words in warning


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_there_is_no_warning_for_a_server_that_answers_only_this_machine(address):
    assert exposure_warning(address, 8600) is None


def test_the_server_prints_the_warning_once_at_its_start(tmp_path):
    server = open_server(tmp_path)
    try:
        wait_until(lambda: "docs/serving.md" in server.output())
        assert server.output().count("Warning: this server answers other machines, on 0.0.0.0") == 1
    finally:
        server.close()


def test_a_server_that_answers_only_this_machine_prints_no_warning(server):
    assert "Warning" not in server.output()
