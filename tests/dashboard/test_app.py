"""The real server: its routes, and the end of its workers."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from urllib.error import HTTPError

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dashboard.live.routes import asset_url
from tests.dashboard.serving import ROOT, STREAMLIT, Server
from tests.processes import alive, wait_until
from tests.slowing import PATIENCE


def get(server: Server, path: str) -> tuple[bytes, Any]:
    with urllib.request.urlopen(server.url + path, timeout=20 * PATIENCE) as response:
        return response.read(), response.headers


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("board.js", ROOT / "dashboard" / "live" / "assets" / "board.js"),
        ("panels/panel.js", ROOT / "dashboard" / "live" / "assets" / "panels" / "panel.js"),
        ("plotly.js", files("plotly").joinpath("package_data", "plotly.min.js")),
    ],
)
def test_the_board_and_plotly_are_served_and_can_be_cached(server, name, source):
    address = asset_url(name)
    assert re.fullmatch(rf".*/assets/[0-9a-f.]+/{re.escape(name)}", address), "the address contains the version"
    body, headers = get(server, address)
    assert body == source.read_bytes()
    assert headers["Content-Type"].split(";")[0] in ("text/javascript", "application/javascript")
    assert "immutable" in headers["Cache-Control"]
    assert "max-age=31536000" in headers["Cache-Control"]


@pytest.mark.parametrize("name", ["board.js", "panels/panel.js", "plotly.js"])
@pytest.mark.parametrize("version", ["0123456789ab", "7.0.0", "of the other"])
def test_an_asset_of_another_version_is_not_served(server, name, version):
    """A browser would cache the files of this version under the address of the other version for a year."""
    other = asset_url("plotly.js" if name != "plotly.js" else "board.js").split("/")[-2]
    address = f"/regscope/assets/{other if version == 'of the other' else version}/{name}"
    with pytest.raises(HTTPError) as missing:
        get(server, address)
    assert missing.value.status == 404
    assert missing.value.headers["Cache-Control"] == "no-store"


def test_the_page_is_served_by_the_same_server(server):
    body, headers = get(server, "/")
    assert headers["Content-Type"].startswith("text/html")
    assert b"<script" in body


def test_a_socket_of_a_missing_run_is_refused(server):
    address = f"ws://127.0.0.1:{server.port}/regscope/live/0123456789abcdef?token=anything"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, proxy=None).close()
    assert refused.value.response.status_code == 403


def test_a_spare_worker_is_ready_before_the_first_page_is_opened(server):
    wait_until(lambda: len(server.workers()) == 1)


@pytest.fixture
def another_server() -> Iterator[Server]:
    server = Server(*STREAMLIT, "--server.port={port}")
    yield server
    server.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_server(another_server, how):
    wait_until(lambda: another_server.workers())
    workers = another_server.workers()
    os.kill(another_server.process.pid, how)
    wait_until(lambda: not any(alive(pid) for pid in [another_server.process.pid, *workers]), seconds=5)
    assert not another_server.answers()
