"""Attacks of a foreign page in a real browser: DNS rebinding, and showing Regscope in a frame."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests import slowing
from tests.browser.board import until
from tests.browser.conftest import CHROMIUM, Server
from tests.slowing import PATIENCE

pytestmark = pytest.mark.browser

NAME = "rebound.example"
BOARD = "[data-regscope-board]"


class ForeignSite:
    """A web server on another port, whose page shows an address in a transparent frame."""

    def __init__(self) -> None:
        site = self
        self.framed = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (
                    "<!doctype html><title>A game</title><p>Click here!</p>"
                    f'<iframe src="{site.framed}" style="opacity: 0.01; width: 1280px; height: 700px"></iframe>'
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[ForeignSite]:
    site = ForeignSite()
    yield site
    site.close()


def frame_of(page: Any, site: ForeignSite, framed: str) -> Any:
    """Open a foreign page and return the frame in it, once it has been loaded or refused."""
    site.framed = framed
    page.goto(site.url)
    until(lambda: len(page.frames) == 2 and page.frames[1].url not in ("", "about:blank"), "the page has a frame")
    return page.frames[1]


def test_a_page_of_another_port_cannot_show_regscope_in_a_frame(page, server, site):
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    frame = frame_of(page, site, server.url)
    until(lambda: any("frame-ancestors" in text for text in messages), "the browser refuses the frame")
    assert frame.url.startswith("chrome-error://")
    assert frame.locator("button").count() == 0


@pytest.mark.slow
def test_a_page_in_regscope_embed_can_show_regscope_in_a_frame(page, site):
    server = Server(environment={"REGSCOPE_EMBED": f"{site.url} https://course.example"})
    try:
        frame = frame_of(page, site, server.url)
        frame.wait_for_selector(BOARD, timeout=30_000 * PATIENCE)
        frame.get_by_role("button", name="Start", exact=True).click()
        until(lambda: frame.locator(BOARD).get_attribute("data-run-id") not in (None, ""), "a run is started")
    finally:
        server.close()


@pytest.fixture
def rebound(chromium) -> Iterator[Any]:
    """A page of a browser that resolves a foreign name to this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    arguments = [*CHROMIUM, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=path, args=arguments)
    slowing.be_patient(browser)
    yield browser.new_page()
    browser.close()


SOCKET = """([address]) => new Promise((resolve) => {
  const socket = new WebSocket(address, ["streamlit"]);
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("refused");
})"""


def test_a_foreign_name_of_this_machine_gets_no_page_and_no_socket(rebound, server):
    answer = rebound.goto(f"http://{NAME}:{server.port}/")
    assert answer.status == 403
    assert f"does not answer for the host '{NAME}:{server.port}'" in rebound.locator("body").inner_text()
    for path in ("/_stcore/stream", "/regscope/live/0123456789abcdef?token=x"):
        assert rebound.evaluate(SOCKET, [f"ws://{NAME}:{server.port}{path}"]) == "refused"
        assert rebound.evaluate(SOCKET, [f"ws://127.0.0.1:{server.port}{path}"]) == "refused"


@pytest.mark.slow
def test_an_allowed_host_name_gets_the_page(rebound):
    server = Server(f"--server.allowedHosts={NAME}")
    try:
        rebound.goto(f"http://{NAME}:{server.port}/")
        rebound.wait_for_selector(BOARD, timeout=30_000 * PATIENCE)
        rebound.get_by_role("button", name="Start", exact=True).click()
        until(lambda: rebound.locator(BOARD).get_attribute("data-run-id") not in (None, ""), "a run is started")
    finally:
        server.close()
