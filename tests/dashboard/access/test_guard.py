"""Requests that a foreign page can cause, to a real server."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from dashboard.access.guard import Guard
from dashboard.access.headers import security_headers
from dashboard.access.hosts import hosts_of
from dashboard.live.routes import asset_url
from tests.dashboard.access.open_server import open_server
from tests.dashboard.serving import STREAMLIT, Server
from tests.slowing import PATIENCE

STREAM = "/_stcore/stream"
LIVE = "/regscope/live/0123456789abcdef?token=anything"
PATHS = [
    "/",
    "/any/_stcore/health",
    "/index.html",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/upload_file/a/b",
    asset_url("board.js"),
]
MEGABYTE = 1_000_000


def request(
    server: Server, path: str, *, method: str = "GET", host: str | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Return status, headers and text of a response. `host` is the Host header, by default that of the server."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20 * PATIENCE)
    try:
        connection.request(method, path, headers={} if host is None else {"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")
    finally:
        connection.close()


@contextmanager
def open_socket(
    server: Server, path: str, *, host: str | None = None, origin: str | None = None
) -> Iterator[ClientConnection]:
    """Open a WebSocket to the server under any host name, as a browser does after DNS rebinding."""
    name = host or f"127.0.0.1:{server.port}"
    with (
        socket.create_connection(("127.0.0.1", server.port)) as sock,
        connect(f"ws://{name}{path}", sock=sock, origin=origin, max_size=None, open_timeout=20 * PATIENCE) as viewer,
    ):
        yield viewer


def is_refused(server: Server, path: str, *, host: str | None = None, origin: str | None = None) -> bool:
    """Return whether the server refuses a WebSocket with status 403."""
    try:
        with open_socket(server, path, host=host, origin=origin):
            return False
    except InvalidStatus as refused:
        return refused.response.status_code == 403


# DNS rebinding


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["rebound.example:{port}", "127.0.0.1.rebound.example", "192.168.1.5:{port}"])
def test_a_request_for_a_foreign_host_is_refused_on_every_path(server, path, host):
    name = host.format(port=server.port)
    status, headers, text = request(server, path, host=name)
    assert status == 403
    assert headers["Content-Type"].startswith("text/plain")
    assert name in text
    assert "--host NAME" in text


@pytest.mark.parametrize("path", [STREAM, LIVE])
def test_a_socket_for_a_foreign_host_is_refused(server, path):
    name = f"rebound.example:{server.port}"
    assert is_refused(server, path, host=name, origin=f"http://{name}")  # the headers after DNS rebinding


@pytest.mark.parametrize("path", [STREAM, LIVE])
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://127.0.0.1:1", "http://localhost:1", "null"])
def test_a_socket_of_a_page_of_another_origin_is_refused(server, path, origin):
    assert is_refused(server, path, origin=origin)


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST"])
def test_the_host_names_of_this_machine_are_allowed(server, host):
    name = host.format(port=server.port)
    assert request(server, "/", host=name)[0] == 200
    assert not is_refused(server, STREAM, host=name, origin=f"http://{name}")


def test_the_health_check_is_answered_for_any_host(server):
    status, headers, text = request(server, "/_stcore/health", host="10.0.0.1")
    assert (status, text) == (200, "ok")
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_a_long_foreign_host_is_shortened_in_the_response(server):
    _, _, text = request(server, "/", host="x" * 5_000)
    assert len(text) < 500


def test_a_request_without_a_host_is_refused(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20 * PATIENCE)
    connection.putrequest("GET", "/", skip_host=True)
    connection.endheaders()
    assert connection.getresponse().status in (400, 403)
    connection.close()


REGSCOPE = (sys.executable, "-m", "dashboard.commands.cli", "--no-browser", "--port", "{port}")


@pytest.fixture(
    params=[
        (
            *STREAMLIT,
            "--server.port={port}",
            "--server.allowedHosts=proxy.example",
            "--server.allowedHosts=*.lab.example",
        ),
        (*REGSCOPE, "--host", "proxy.example", "--host", "*.lab.example"),
    ],
    ids=["streamlit run", "regscope"],
)
def named_server(request) -> Iterator[Server]:
    server = Server(*request.param)
    yield server
    server.close()


def test_the_allowed_hosts_of_the_command_line_are_answered(named_server):
    for name in ("proxy.example", "a.lab.example", f"localhost:{named_server.port}", f"127.0.0.1:{named_server.port}"):
        assert request(named_server, "/", host=name)[0] == 200
        assert not is_refused(named_server, STREAM, host=name, origin=f"http://{name}")
    for name in ("rebound.example", "lab.example", "10.0.0.1"):
        assert request(named_server, "/", host=name)[0] == 403
        assert is_refused(named_server, STREAM, host=name, origin=f"http://{name}")


def test_a_server_for_other_machines_allows_ip_addresses_but_no_foreign_names(tmp_path):
    server = open_server(tmp_path)
    try:
        for name in (f"192.168.1.5:{server.port}", "10.0.0.1", f"localhost:{server.port}"):
            assert request(server, "/", host=name)[0] == 200
            assert not is_refused(server, STREAM, host=name, origin=f"http://{name}")
        assert request(server, "/", host="rebound.example")[0] == 403
        for path in (STREAM, LIVE):
            assert is_refused(server, path, host="rebound.example", origin="http://rebound.example")
    finally:
        server.close()


# frames


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/media/missing.png", 404),
        ("POST", "/regscope/assets/1/board.js", 405),
        ("PUT", "/_stcore/upload_file/a/b", 403),
        ("GET", "//evil", 400),
    ],
)
def test_every_response_has_the_security_headers(server, method, path, status):
    actual, headers, _ = request(server, path, method=method)
    assert actual == status
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [asset_url("board.js"), asset_url("plotly.js"), "/regscope/assets/1/board.js"])
def test_the_routes_of_regscope_have_a_content_security_policy(server, path):
    _, headers, _ = request(server, path)
    assert headers.get_all("Content-Security-Policy") == [
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ]


def test_a_refused_request_has_the_security_headers(server):
    _, headers, _ = request(server, "/", host="rebound.example")
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_an_invalid_list_of_embedding_pages_stops_the_start_with_a_message():
    with pytest.raises(AssertionError) as failed:
        Server(*STREAMLIT, "--server.port={port}", environment={"REGSCOPE_EMBED": "course.example"})
    assert "REGSCOPE_EMBED must be origins" in str(failed.value)
    assert "Traceback" not in str(failed.value)


# large messages


def memory(server: Server) -> float:
    """Return the peak memory of the server in megabytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1_000


def send_and_listen(viewer: ClientConnection, message: str | bytes | Iterator[bytes]) -> None:
    """Send a message and receive until the server closes the connection or sends nothing more."""
    viewer.send(message)
    for _ in range(1_000):
        viewer.recv(timeout=20 * PATIENCE)


@pytest.mark.parametrize("kind", [bytes, pytest.param(str, marks=pytest.mark.slow)])
def test_a_message_of_100_megabytes_is_refused(kind):
    server = Server(*STREAMLIT, "--server.port={port}")
    try:
        before = memory(server)
        message = b"x" * 100 * MEGABYTE if kind is bytes else "x" * 100 * MEGABYTE
        with pytest.raises(ConnectionClosed), open_socket(server, STREAM) as viewer:
            send_and_listen(viewer, message)
        assert viewer.close_code in (1006, 1009)  # 1006: the connection was closed before the reason was read
        assert memory(server) - before < 60
        assert server.answers()
    finally:
        server.close()


def test_the_size_limit_applies_to_all_fragments_of_a_message_together(server):
    with pytest.raises(ConnectionClosed), open_socket(server, STREAM) as viewer:
        send_and_listen(viewer, (b"x" * MEGABYTE for _ in range(100)))
    assert server.answers()


def test_a_response_about_an_error_of_the_server_has_the_headers():
    def fail(_: Request) -> Response:
        raise RuntimeError("an error of a route")

    guard = Guard(Starlette(routes=[Route("/fails", fail)]), hosts_of("127.0.0.1"), "/regscope")
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": "/fails", "headers": [(b"host", b"127.0.0.1")]}
    with (
        ThreadPoolExecutor(1) as thread,  # the main thread has the event loop of Playwright
        pytest.raises(RuntimeError, match="an error of a route"),  # the server writes it to its log
    ):
        thread.submit(asyncio.run, guard(scope, receive, send)).result()
    assert messages[0]["status"] == 500
    assert (
        security_headers().items() <= {name.title(): text for name, text in Headers(scope=messages[0]).items()}.items()
    )
