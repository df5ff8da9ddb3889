"""Fixtures: a hub, and a server with the live routes in this process, on which a test can start runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import streamlit
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from dashboard.live.hub import Hub, close_hub, get_hub
from dashboard.live.routes import routes, socket_url
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from tests.processes import free_port, wait_until
from tests.slowing import PATIENCE

Watch = Callable[..., ClientConnection]


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub without a store, with at most two workers."""
    hub = Hub(Manager(cap=2, spare=False))
    yield hub
    hub.close()


class LiveServer:
    """The routes on a free port, their hub, and the thread of the event loop."""

    def __init__(self) -> None:
        self.port = free_port()
        self.hub: Hub = get_hub()
        config = uvicorn.Config(Starlette(routes=routes()), host="127.0.0.1", port=self.port, log_level="error")
        self._server = uvicorn.Server(config)
        self.loop_thread = threading.Thread(target=self._server.run, daemon=True)
        self.loop_thread.start()
        wait_until(lambda: self._server.started)

    def address(self, run: Run | RunGroup) -> str:
        watched = SingleRun(run) if isinstance(run, Run) else run
        return f"ws://127.0.0.1:{self.port}{socket_url(watched)}"

    def close(self) -> None:
        self._server.should_exit = True
        self.loop_thread.join(10)
        close_hub()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer()
    yield server
    server.close()


@pytest.fixture
def watch(live: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Return a function that opens a live socket, by default at the address of the run and without an origin."""
    # Streamlit looks up the external address of this machine for an unknown origin
    monkeypatch.setattr(streamlit.net_util, "_external_ip", "203.0.113.1")
    with ExitStack() as sockets:

        def open_socket(run: Run | RunGroup, *, address: str | None = None, **options: Any) -> ClientConnection:
            address = address or live.address(run)
            return sockets.enter_context(
                connect(address, max_size=None, proxy=None, open_timeout=20 * PATIENCE, **options)
            )

        yield open_socket


@pytest.fixture
def start(live: LiveServer) -> Iterator[Callable[..., Run]]:
    """Return a function that starts runs on the manager of the server; they are stopped after the test."""
    runs: list[Run] = []

    def start_run(*arguments: Any, **options: Any) -> Run:
        runs.append(live.hub.manager.start(*arguments, **options))
        return runs[-1]

    yield start_run
    for run in runs:
        live.hub.manager.stop(run)
